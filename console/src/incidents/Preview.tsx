// The incident that has the cursor, beside the queue: enough to decide without leaving it.
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { messageOf } from "~/api/errors";
import type { Table } from "~/api/logs";
import { Gated } from "~/parts/gated";
import { perform } from "~/keys/keys";
import { ageText, Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { useIncident } from "./edits";
import { ownerName, type Incident } from "./incident";
import { alikeText, evidenceOf, useAlerts, useEntities, useEvidence, useSimilar, whyOf } from "./previewData";
import { COMMENT, RUN_PLAYBOOK, TASK, WRITE } from "./useTriage";

const SETTLE = 120; // milliseconds with the cursor on a row after which more of it is fetched
const ROWS = 6;
const COLUMNS = 5;
const ENTITIES = 24;
const LONGEST = 60; // characters of an entity's name

export function Preview({ incident: given, now, back }: { incident: Incident; now: number; back?: () => void }) {
  const { incident, pending } = useIncident(given);
  const { workspace } = usePlace();
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(incident.id), SETTLE);
    return () => clearTimeout(timer);
  }, [incident.id]);
  const has = incident.properties;
  const to = `/w/${encodeURIComponent(workspace.slug)}/incidents/${incident.name}`;
  return (
    <section className="preview" aria-label="The chosen incident">
      {back && (
        <button type="button" onClick={back}>
          ← Queue
        </button>
      )}
      <h2>
        <Link href={to}>{has.title}</Link>
      </h2>
      <p className="row facts">
        <span>#{has.incidentNumber}</span>
        <span className={`severity-${has.severity}`}>{has.severity}</span>
        <span>{has.status}</span>
        <span>{ownerName(has.owner) || <span className="faint">nobody&apos;s</span>}</span>
        <span className="faint" title={has.createdTimeUtc}>
          {ageText(now - Date.parse(has.createdTimeUtc))} old
        </span>
        {pending && <span className="warn">{pending.state === "sending" ? "saving …" : "waits for the server"}</span>}
      </p>
      {has.status === "Closed" && (
        <p>
          Closed as {has.classification}
          {has.classificationReason && `, ${has.classificationReason}`}
          {has.classificationComment && `: ${has.classificationComment}`}
        </p>
      )}
      <Acts />
      {has.description && <p className="description">{has.description}</p>}
      {(has.labels?.length ?? 0) > 0 && (
        <p className="row">
          {has.labels?.map(({ labelName }) => (
            <span key={labelName} className="chip">
              {labelName}
            </span>
          ))}
        </p>
      )}
      {settled === incident.id && <More key={incident.id} incident={incident} />}
      <p className="faint">
        created <Instant value={has.createdTimeUtc} />, changed <Instant value={has.lastModifiedTimeUtc} />
      </p>
    </section>
  );
}

function Acts() {
  const acts: readonly [string, string, string, string][] = [
    ["Assign to me", "a", "incident.assignToMe", WRITE],
    ["Assign", "A", "incident.assign", WRITE],
    ["Active", "s a", "incident.active", WRITE],
    ["Close", "c", "incident.close", WRITE],
    ["Label", "l", "incident.labels", WRITE],
    ["Comment", "m", "incident.comment", COMMENT],
    ["Task", "t", "incident.task", TASK],
    ["Playbook", "p", "incident.playbook", RUN_PLAYBOOK],
  ];
  return (
    <p className="row acts">
      {acts.map(([label, keys, action, permission]) => (
        <Gated key={action} action={permission} onClick={() => perform(action)}>
          {label} <kbd>{keys}</kbd>
        </Gated>
      ))}
    </p>
  );
}

function More({ incident }: { incident: Incident }) {
  const alerts = useAlerts(incident.id);
  const entities = useEntities(incident.id);
  const similar = useSimilar(incident.id);
  const newest = alerts.data?.toSorted((a, b) => time(b).localeCompare(time(a)))[0];
  return (
    <>
      <h3>Entities</h3>
      <p className="row entities">
        {entities.isPending && <span className="faint">…</span>}
        {entities.isError && <span className="bad">{messageOf(entities.error)}</span>}
        {entities.data?.length === 0 && <span className="faint">none</span>}
        {entities.data?.slice(0, ENTITIES).map((each) => (
          <span key={each.id} className="chip" title={each.properties.friendlyName}>
            <span className="faint">{each.kind}</span> {(each.properties.friendlyName || each.name).slice(0, LONGEST)}
          </span>
        ))}
        {(entities.data?.length ?? 0) > ENTITIES && (
          <span className="faint">and {(entities.data?.length ?? 0) - ENTITIES} more</span>
        )}
      </p>
      <h3>Why</h3>
      <p>
        {alerts.isPending && <span className="faint">…</span>}
        {alerts.isError && <span className="bad">{messageOf(alerts.error)}</span>}
        {newest ? whyOf(newest) : alerts.data && <span className="faint">No alert: somebody made it.</span>}
        {(alerts.data?.length ?? 0) > 1 && <span className="faint"> · newest of {alerts.data?.length} alerts</span>}
      </p>
      {newest && <Evidence alert={newest} />}
      <h3>Alike</h3>
      <p>
        {similar.isPending && <span className="faint">…</span>}
        {similar.isError && <span className="bad">{messageOf(similar.error)}</span>}
        {similar.data && alikeText(similar.data)}
      </p>
    </>
  );
}

function time(alert: { properties: { timeGenerated?: string; startTimeUtc?: string } }): string {
  return alert.properties.timeGenerated ?? alert.properties.startTimeUtc ?? "";
}

function Evidence({ alert }: { alert: Parameters<typeof evidenceOf>[0] }) {
  const rows = useEvidence(alert);
  const count = alert.properties.additionalData?.["Search Query Results Overall Count"];
  return (
    <>
      <h3>
        Evidence{" "}
        <span className="faint">{count ? `${count} ${count === "1" ? "row" : "rows"} when it fired` : ""}</span>
      </h3>
      {!evidenceOf(alert) && <p className="faint">This alert has no query that finds its rows.</p>}
      {rows.isLoading && <p className="faint">…</p>}
      {rows.isError && <p className="bad">{messageOf(rows.error)}</p>}
      {rows.data && <Rows table={rows.data} />}
      {evidenceOf(alert) && (
        <p>
          <button type="button" onClick={() => perform("incident.query")}>
            All rows <kbd>o</kbd>
          </button>
        </p>
      )}
    </>
  );
}

function Rows({ table }: { table: Table }) {
  const columns = table.columns.map((each, at) => ({ ...each, at })).slice(0, COLUMNS);
  if (table.rows.length === 0) return <p className="faint">No row now: they have expired, or came from elsewhere.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div className="evidence" tabIndex={0} role="region" aria-label="Evidence">
      <table>
        <thead>
          <tr>
            {columns.map((each) => (
              <th key={each.name} scope="col">
                {each.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, ROWS).map((row, at) => (
            <tr key={at}>
              {columns.map((each) => (
                <td key={each.name}>
                  {each.type === "datetime" ? <Instant value={text(row[each.at])} /> : text(row[each.at])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
