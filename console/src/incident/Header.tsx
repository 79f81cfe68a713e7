// What an incident is at a glance; each fact that can be changed is a button for the keys that change it.
import { useEffect, useState, type ReactNode } from "react";
import { perform } from "~/keys/keys";
import { Gated } from "~/parts/gated";
import { Picker, type Choice } from "~/parts/picker";
import { ageText, Instant } from "~/parts/time";
import { serverNow } from "~/incidents/feed";
import { ownerName, type Incident } from "~/incidents/incident";
import { TRIAGE } from "~/incidents/keys";
import { usePlace } from "~/shell/place";
import { useQuery } from "@tanstack/react-query";
import { useGo } from "~/shell/address";
import { nameOf } from "./queries";
import { visible } from "~/parts/visible";

export const INCIDENT_WRITE = "Microsoft.SecurityInsights/incidents/write";

type Choosing = "severity" | "status";

export function Header({
  incident,
  neighbours,
  isPending,
}: {
  incident: Incident;
  neighbours: ReactNode;
  /** Whether an edit is on its way. */
  isPending: boolean;
}) {
  const [choosing, setChoosing] = useState<Choosing>();
  const { properties } = incident;
  const labels = properties.labels ?? [];
  return (
    <header className="incident-head">
      <div className="row">
        <h1>
          <span className="faint">#{properties.incidentNumber}</span> <bdi>{visible(properties.title)}</bdi>
        </h1>
        {neighbours}
      </div>
      <div className="row facts">
        <Fact name="Severity" keys="v 1–4" open={() => setChoosing("severity")}>
          <span className={`severity-${properties.severity}`}>{properties.severity}</span>
        </Fact>
        <Fact name="Status" keys="s n, s a, c …" open={() => setChoosing("status")}>
          {properties.status}
        </Fact>
        <Fact name="Owner" keys="a, Shift+a" open={() => perform("incident.assign")}>
          {ownerName(properties.owner) || "nobody"}
        </Fact>
        <Fact name="Classification" keys="c t b f d u" open={() => perform("incident.close")}>
          {classificationText(incident)}
        </Fact>
        <Fact name="Labels" keys="l" open={() => perform("incident.labels")}>
          {visible(labels.map((label) => label.labelName).join(", ")) || "none"}
        </Fact>
        <Times incident={incident} />
        <span role="status" className="faint">
          {isPending && "saving …"}
        </span>
      </div>
      {properties.description && (
        <details className="description">
          <summary>
            <bdi>{visible(properties.description)}</bdi>
          </summary>
        </details>
      )}
      <Origin incident={incident} />
      {choosing && (
        <Picker
          title={choosing === "severity" ? "Severity" : "Status"}
          choices={CHOICES[choosing]}
          choose={({ key }) => perform(key)}
          close={() => setChoosing(undefined)}
        />
      )}
    </header>
  );
}

/** What the keys do, for whoever has a mouse in hand; a choice's key is its action. */
const CHOICES: Readonly<Record<Choosing, readonly Choice[]>> = {
  severity: bound("incident.severity."),
  status: bound("incident.new", "incident.active", "incident.close"),
};

function bound(...actions: readonly string[]): Choice[] {
  return TRIAGE.bindings
    .filter(({ action }) => actions.some((each) => action.startsWith(each)))
    .map(({ action, label, keys }) => ({ key: action, label, hint: keys }));
}

function Fact(props: { name: string; keys: string; open: () => void; children: ReactNode }) {
  return (
    <Gated action={INCIDENT_WRITE} className="fact" title={`${props.name}: ${props.keys}`} onClick={props.open}>
      <small className="faint">{props.name}</small> <bdi>{props.children}</bdi>
    </Gated>
  );
}

function classificationText({ properties }: Incident): string {
  if (!properties.classification) return "–";
  return [properties.classification, properties.classificationReason]
    .filter(Boolean)
    .join(", ")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
}

/** How old it is, how long nobody touched it or how long it took; ages go on by themselves. */
function Times({ incident }: { incident: Incident }) {
  const { createdTimeUtc, lastModifiedTimeUtc, firstActivityTimeUtc, status } = incident.properties;
  const now = useNow();
  const created = Date.parse(createdTimeUtc);
  const touched = Date.parse(lastModifiedTimeUtc ?? createdTimeUtc);
  const noticed = firstActivityTimeUtc ? created - Date.parse(firstActivityTimeUtc) : undefined;
  return (
    <>
      <span title="since it was created">
        <small className="faint">Age</small> {ageText(now - created)}
        {status === "New" && touched === created && <span className="warn"> · nobody touched it yet</span>}
        {status === "Closed" && ` · closed after ${ageText(touched - created)}`}
      </span>
      {noticed !== undefined && noticed > 0 && (
        <span title="from the first event to the incident">
          <small className="faint">Found after</small> {ageText(noticed)}
        </span>
      )}
      <span>
        <small className="faint">Created</small> <Instant value={createdTimeUtc} />
      </span>
      <span>
        <small className="faint">Changed</small> <Instant value={lastModifiedTimeUtc ?? undefined} />
      </span>
    </>
  );
}

/** The server's clock, to half a minute; on a virtual clock ages are told by that one. */
function useNow(): number {
  const { send, session } = usePlace();
  const ahead = useQuery({
    queryKey: ["clock ahead"],
    enabled: session.config.virtualClock,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await serverNow({ send, session }, signal)) - Date.now(),
  });
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now + (ahead.data ?? 0);
}

/** Which rules and products it is from, and what the attacker was after. */
function Origin({ incident }: { incident: Incident }) {
  const go = useGo();
  const { relatedAnalyticRuleIds, additionalData } = incident.properties;
  const techniques = (additionalData as { techniques?: readonly string[] } | undefined)?.techniques ?? [];
  const what = [...(additionalData?.tactics ?? []), ...techniques];
  return (
    <p className="row origin">
      {(relatedAnalyticRuleIds ?? []).slice(0, 5).map((id) => (
        <button key={id} type="button" className="link" onClick={() => go(`rules/${encodeURIComponent(nameOf(id))}`)}>
          rule <bdi>{nameOf(id)}</bdi>
        </button>
      ))}
      {(additionalData?.alertProductNames ?? []).map((name) => (
        <span key={name} className="faint">
          {name}
        </span>
      ))}
      {what.map((each) => (
        <span key={each} className="chip">
          {each}
        </span>
      ))}
    </p>
  );
}
