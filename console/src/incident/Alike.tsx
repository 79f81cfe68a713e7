// Incidents that are alike, with what they have in common and what became of them.
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { useGo } from "~/shell/address";
import { entityName } from "./entityValue";
import type { Entity, Incident, Similar } from "./model";
import { nameOf, usePart } from "./queries";
import { outcomeOf, outcomesText } from "./similar";
import { visible } from "~/parts/visible";

export function Alike({ incident }: { incident: Incident }) {
  const similar = usePart(incident.id, "similar");
  const entities = usePart(incident.id, "entities");
  const go = useGo();
  if (similar.isPending) return <Loading what="incidents alike" />;
  if (similar.isError) return <Failed error={similar.error} again={() => void similar.refetch()} />;
  return (
    <>
      <p>
        <strong>{outcomesText(similar.data.map((each) => each.properties))}</strong>
        <small className="faint"> · within 14 days before its last activity, at most 20</small>
      </p>
      <ul className="alike">
        {similar.data.map((each) => (
          <li key={each.id}>
            <span className={`outcome ${outcomeOf(each.properties)}`}>{outcomeOf(each.properties)}</span>
            <button type="button" className="link" onClick={() => go(`incidents/${each.name}`)}>
              #{each.properties.incidentNumber} <bdi>{visible(each.properties.title)}</bdi>
            </button>
            <small className="faint">
              <Instant value={each.properties.createdTimeUtc} /> · <bdi>{commonText(each, entities.data ?? [])}</bdi>
            </small>
          </li>
        ))}
      </ul>
    </>
  );
}

const LONGEST = 60;

function commonText(similar: Similar, entities: readonly Entity[]): string {
  const names = new Map(entities.map((entity) => [entity.id.toLowerCase(), entityName(entity)]));
  const told: string[] = [];
  for (const { reason, items } of similar.properties.similarityReasons) {
    if (reason === "SimilarRule") told.push("same rule");
    else if (reason === "SimilarEntities")
      told.push(...items.map((id) => (names.get(id.toLowerCase()) ?? nameOf(id)).slice(0, LONGEST)));
    else told.push(...items.filter((item) => !item.startsWith("Product name: ")).map((item) => item.slice(0, LONGEST)));
  }
  return told.slice(0, 6).join(" · ");
}
