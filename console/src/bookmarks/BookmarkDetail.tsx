// What a bookmark keeps: the note, the row, its entities, the query with its time, the incident.
import { Chips, Facts, Raw, Code } from "~/parts/facts";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Instant } from "~/parts/time";
import { done, failed } from "~/parts/toast";
import { useGo } from "~/shell/address";
import { keptRow, RELATION_DELETE, whoText, type Bookmark } from "./bookmark";

export function BookmarkDetail(props: { bookmark: Bookmark; openQuery: () => void; unlink: () => Promise<void> }) {
  const { properties } = props.bookmark;
  const go = useGo();
  const info = properties.incidentInfo;
  const unlink = (): void =>
    void props.unlink().then(
      () => done("Taken out of the incident"),
      (error: unknown) => failed("It stays in the incident.", error),
    );
  return (
    <>
      <h2>{properties.displayName}</h2>
      {properties.notes ? <Markdown text={properties.notes} /> : <p className="faint">No note.</p>}
      <Chips of={properties.labels} />
      <Facts
        of={[
          ["Event", properties.eventTime && <Instant value={properties.eventTime} />],
          ["Tactics", properties.tactics?.join(", ")],
          ["Techniques", properties.techniques?.join(", ")],
          ["Kept by", `${whoText(properties.createdBy)}`],
          ["Changed", properties.updated && <Instant value={properties.updated} />],
        ]}
      />
      <h3>Incident</h3>
      {info ? (
        <p className="row">
          <button type="button" onClick={() => go(`incidents/${info.incidentId}`)}>
            {info.title}
          </button>
          <span className={`severity-${info.severity}`}>{info.severity}</span>
          <Gated action={RELATION_DELETE} onClick={unlink}>
            Take out
          </Gated>
        </p>
      ) : (
        <p className="faint">In no incident. i adds it to one, I makes one of it.</p>
      )}
      <h3>Entities</h3>
      <Entities bookmark={props.bookmark} />
      <h3>Row</h3>
      <Facts of={keptRow(properties.queryResult)} />
      <h3>Query</h3>
      <Code text={properties.query} />
      <p className="row">
        <button type="button" onClick={props.openQuery}>
          Open at its time <kbd>o</kbd>
        </button>
        {properties.queryStartTime && (
          <small className="faint">
            <Instant value={properties.queryStartTime} /> to <Instant value={properties.queryEndTime} />
          </small>
        )}
      </p>
      <Raw value={props.bookmark} />
    </>
  );
}

function Entities({ bookmark }: { bookmark: Bookmark }) {
  const mappings = bookmark.properties.entityMappings ?? [];
  if (mappings.length === 0) return <p className="faint">None mapped.</p>;
  return (
    <Facts
      of={mappings.map(({ entityType, fieldMappings }) => [
        entityType,
        fieldMappings.map(({ identifier, value }) => `${identifier} ${value}`).join(", "),
      ])}
    />
  );
}
