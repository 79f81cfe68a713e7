// What was put into an incident: bookmarks with their notes, alerts, and taking one out again.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Picker, type Choice } from "~/parts/picker";
import { Empty, Failed, Loading } from "~/parts/states";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { type Alert, type Bookmark, type Incident, type Relation } from "./model";
import { nameOf, refresh, usePart } from "./queries";
import { useWrite } from "./write";
import { visible } from "~/parts/visible";

const SENTINEL = "Microsoft.SecurityInsights";
const WRITE = "Microsoft.SecurityInsights/incidents/relations/write";

export function Related({ incident }: { incident: Incident }) {
  const relations = usePart(incident.id, "relations");
  const alerts = usePart(incident.id, "alerts");
  const bookmarks = usePart(incident.id, "bookmarks");
  const [isOpen, setOpen] = useState(false);
  if (relations.isPending) return <Loading what="what is related" />;
  if (relations.isError) return <Failed error={relations.error} again={() => void relations.refetch()} />;
  return (
    <>
      {relations.data.length === 0 && (
        <Empty what="Nothing is in the incident. A row of evidence, or a bookmark, can be put into it." />
      )}
      <ul>
        {relations.data.map((relation) => (
          <RelationLine
            key={relation.id}
            relation={relation}
            incident={incident}
            alerts={alerts.data ?? []}
            bookmarks={bookmarks.data ?? []}
          />
        ))}
      </ul>
      <Gated action={WRITE} className="small" onClick={() => setOpen(true)}>
        Put a bookmark into it
      </Gated>
      {isOpen && <BookmarkPicker incident={incident} close={() => setOpen(false)} />}
    </>
  );
}

function RelationLine(props: {
  relation: Relation;
  incident: Incident;
  alerts: readonly Alert[];
  bookmarks: readonly Bookmark[];
}) {
  const { relation, incident } = props;
  const { arm } = usePlace();
  const client = useQueryClient();
  const [isBusy, run] = useWrite();
  const id = relation.properties.relatedResourceId.toLowerCase();
  const alert = props.alerts.find((each) => each.id.toLowerCase() === id);
  const bookmark = props.bookmarks.find((each) => nameOf(each.id) === nameOf(relation.properties.relatedResourceId));
  const title = alert?.properties.alertDisplayName ?? bookmark?.properties.displayName ?? nameOf(id);
  const back = (): void =>
    void run("Putting it back", async () => {
      const { relatedResourceId } = relation.properties;
      await arm.put(relation.id, SENTINEL, { properties: { relatedResourceId } });
      await refresh(client, incident.id);
    });
  const remove = (): void =>
    void run("Taking it out", async () => {
      await arm.remove(relation.id, SENTINEL);
      await refresh(client, incident.id);
      done("Taken out of the incident", back);
    });
  return (
    <li>
      <span className="faint">{alert ? "Alert" : bookmark ? "Bookmark" : relation.properties.relatedResourceKind}</span>{" "}
      <bdi>{visible(title)}</bdi>{" "}
      <Gated
        action="Microsoft.SecurityInsights/incidents/relations/delete"
        className="small"
        disabled={isBusy}
        aria-label={`Take out ${title.slice(0, 80)}`}
        onClick={remove}
      >
        Take out
      </Gated>
      {bookmark?.properties.notes && <Markdown text={bookmark.properties.notes} />}
      {bookmark?.properties.queryResult && (
        <details>
          <summary>The row that it keeps</summary>
          <pre className="raw">{pretty(bookmark.properties.queryResult)}</pre>
        </details>
      )}
    </li>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // a bookmark may keep any text
  }
}

function BookmarkPicker({ incident, close }: { incident: Incident; close: () => void }) {
  const { arm, sentinel } = usePlace();
  const client = useQueryClient();
  const [, run] = useWrite();
  const all = useQuery({
    queryKey: ["bookmarks", sentinel],
    queryFn: ({ signal }) => arm.list<Bookmark>(`${sentinel}/bookmarks`, SENTINEL, {}, signal),
  });
  const put = (choice: Choice): void =>
    void run("Putting it in", async () => {
      await arm.put(`${incident.id}/relations/${choice.key}`, SENTINEL, {
        properties: { relatedResourceId: `${sentinel}/bookmarks/${choice.key}` },
      });
      await refresh(client, incident.id);
    });
  const choices = (all.data ?? []).map((each): Choice => ({
    key: each.name,
    label: each.properties.displayName ?? each.name,
    hint: each.properties.created?.slice(0, 16),
  }));
  return (
    <Picker
      title={all.isPending ? "Bookmarks are loading …" : "Put a bookmark into it"}
      choices={choices}
      choose={put}
      close={close}
    />
  );
}
