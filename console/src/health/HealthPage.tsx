// Is everything well: how late incidents are, which rules fail or are slow, what went wrong, how the server is.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { mayInSubscription } from "~/api/roles";
import { useActions, useScope } from "~/keys/useKeys";
import { bytesText, countText, secondsText } from "~/parts/amounts";
import { Grid, rowHeight, type GridColumn } from "~/parts/Grid";
import { Empty, Failed, Loading } from "~/parts/states";
import { ageText, Instant } from "~/parts/time";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { HEALTH } from "./keys";
import { readDelay, readProblems, readRules, type Problem, type RuleHealth } from "./queries";
import { READ_STATUS, readStatus, type Status } from "./status";
import "./health.css";

const EVERY = 15_000; // milliseconds

export default function HealthPage() {
  useScope(HEALTH);
  const place = usePlace();
  const key = place.workspace.id;
  // The server's own state is no workspace's: the role for it is held at the subscription.
  const may = useQuery({
    queryKey: ["permissions", place.workspace.subscriptionId, READ_STATUS],
    queryFn: () => mayInSubscription(place.arm, place.workspace, place.session.person.objectId, READ_STATUS),
    staleTime: 300_000,
  });
  const rules = useQuery({
    queryKey: ["health", "rules", key],
    queryFn: ({ signal }) => readRules(place, signal),
    refetchInterval: EVERY,
  });
  const delay = useQuery({
    queryKey: ["health", "delay", key],
    queryFn: ({ signal }) => readDelay(place, signal),
    refetchInterval: EVERY,
  });
  const problems = useQuery({
    queryKey: ["health", "problems", key],
    queryFn: ({ signal }) => readProblems(place, signal),
    refetchInterval: EVERY,
  });
  const status = useQuery({
    queryKey: ["health", "status"],
    queryFn: ({ signal }) => readStatus(place.send, signal),
    enabled: may.data === true,
    refetchInterval: EVERY,
  });
  const failing = rules.data?.filter((each) => each.failures > 0).length;
  const here = status.data?.workspaces.find((each) => each.id === place.workspace.customerId);
  return (
    <div className="health">
      <h1>Health</h1>
      <div className="facts">
        <Fact title="Event to incident, 24 h" of={delay.error}>
          {delay.data &&
            (delay.data.incidents > 0
              ? `${secondsText(delay.data.median)} · p99 ${secondsText(delay.data.p99)}`
              : "no incident")}
        </Fact>
        <Fact title="Rules that failed, 24 h" of={rules.error} tone={failing ? "bad" : "good"}>
          {rules.data && `${failing} of ${rules.data.length}`}
        </Fact>
        {may.data === false && (
          <p className="faint">
            Your roles on the subscription do not have {READ_STATUS}: how the server itself is, is not shown.
          </p>
        )}
        {status.isError && <Failed error={status.error} again={() => void status.refetch()} />}
        {status.data && <ServerFacts status={status.data} rowsPerSecond={here?.ingest.rowsPerSecond ?? 0} />}
      </div>
      <section aria-label="Rules">
        <h2>Rules, the last 24 hours</h2>
        {rules.isPending && <Loading what="runs of rules" />}
        {rules.isError && <Failed error={rules.error} again={() => void rules.refetch()} />}
        {rules.data?.length === 0 && (
          <Empty
            what="No rule ran in the last 24 hours. Enabled rules run by themselves; the demo has some:"
            how="vedette up --demo"
          />
        )}
        {rules.data && rules.data.length > 0 && <Rules rules={rules.data} />}
      </section>
      <section aria-label="Problems">
        <h2>Problems, the last 24 hours</h2>
        {problems.isPending && <Loading what="problems" />}
        {problems.isError && <Failed error={problems.error} again={() => void problems.refetch()} />}
        {problems.data?.length === 0 && <p className="state">Nothing failed, and nothing warned.</p>}
        {problems.data && problems.data.length > 0 && <Problems problems={problems.data} />}
      </section>
      {here && here.tables.length > 0 && <Tables tables={here.tables} />}
      {status.data && status.data.queries.slowest.length > 0 && <Slowest queries={status.data.queries.slowest} />}
    </div>
  );
}

function Fact({
  title,
  children,
  of,
  tone,
}: {
  title: string;
  children: ReactNode;
  of?: unknown;
  tone?: "good" | "bad";
}) {
  return (
    <dl className="fact">
      <dt>{title}</dt>
      <dd className={tone}>{of ? <span className="bad">cannot be told</span> : (children ?? "…")}</dd>
    </dl>
  );
}

function ServerFacts({ status, rowsPerSecond }: { status: Status; rowsPerSecond: number }) {
  const free = status.disk.freeBytes / status.disk.totalBytes;
  return (
    <>
      <Fact title="Arriving">{`${rowsPerSecond} rows/s`}</Fact>
      <Fact title="Waiting to be written">{`${status.writer.waitingBatches} batches · ${bytesText(status.writer.waitingBytes)}`}</Fact>
      <Fact title="Outbox">{`${countText(status.outboxRows)} rows`}</Fact>
      <Fact title="Disk free" tone={free < 0.1 ? "bad" : undefined}>
        {`${bytesText(status.disk.freeBytes)} of ${bytesText(status.disk.totalBytes)}`}
      </Fact>
      <Fact title="Memory">{status.residentBytes === null ? "–" : bytesText(status.residentBytes)}</Fact>
      <Fact title="Up">{`${ageText(status.uptimeSeconds * 1000)} · ${status.version}`}</Fact>
      {status.clock.virtual && (
        <Fact title="Clock">
          <span className="warn">virtual</span>, <Instant value={status.clock.now} />
        </Fact>
      )}
    </>
  );
}

const COLUMNS: readonly GridColumn[] = [
  { key: "name", title: "Rule", width: 380 },
  { key: "status", title: "Last run", width: 120 },
  { key: "at", title: "At (UTC)", width: 170 },
  { key: "runs", title: "Runs", width: 70, align: "right" },
  { key: "failures", title: "Failed", width: 70, align: "right" },
  { key: "seconds", title: "Query p95", width: 110, align: "right" },
  { key: "late", title: "Late p95", width: 90, align: "right" },
  { key: "reason", title: "Reason", width: 240 },
];

function Rules({ rules }: { rules: readonly RuleHealth[] }) {
  const go = useGo();
  const [at, setAt] = useState(0);
  const open = (row: number): void => {
    const rule = rules[row];
    if (rule) go(`rules/${encodeURIComponent(rule.rule)}`);
  };
  useActions({
    "health.next": () => setAt(Math.min(rules.length - 1, at + 1)),
    "health.previous": () => setAt(Math.max(0, at - 1)),
    "health.open": () => open(at),
  });
  const cell = (row: number, column: number): ReactNode => {
    const rule = rules[row];
    if (!rule) return null;
    switch (COLUMNS[column]?.key) {
      case "name":
        return rule.name;
      case "status":
        return <span className={rule.status === "Success" ? "good" : "bad"}>{rule.status}</span>;
      case "at":
        return <Instant value={rule.lastRun} />;
      case "runs":
        return rule.runs;
      case "failures":
        return rule.failures > 0 ? <span className="bad">{rule.failures}</span> : 0;
      case "seconds":
        return secondsText(rule.seconds);
      case "late":
        return secondsText(rule.late);
      default:
        return rule.reason;
    }
  };
  return (
    <div className="health-rules" style={{ height: `min(45vh, ${(rules.length + 1) * rowHeight() + 4}px)` }}>
      <Grid label="Rules" columns={COLUMNS} count={rules.length} cell={cell} at={at} setAt={setAt} open={open} />
    </div>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">At (UTC)</th>
          <th scope="col">What</th>
          <th scope="col">Status</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {problems.map((problem, row) => (
          <tr key={row}>
            <td>
              <Instant value={problem.at} />
            </td>
            <td>
              {problem.source} <strong>{problem.name}</strong>
            </td>
            <td className={problem.status === "Failure" ? "bad" : "warn"}>{problem.status}</td>
            <td>{problem.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Tables({ tables }: { tables: Status["workspaces"][number]["tables"] }) {
  return (
    <section aria-label="Tables">
      <h2>Tables</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">Rows</th>
            <th scope="col">On disk</th>
            <th scope="col">Newest event (UTC)</th>
            <th scope="col">Rows/s</th>
            <th scope="col">Lag</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => (
            <tr key={table.name}>
              <td>{table.name}</td>
              <td>{countText(table.rows)}</td>
              <td>{bytesText(table.bytesOnDisk)}</td>
              <td>
                <Instant value={table.newest ?? undefined} />
              </td>
              <td>{table.ingest.rowsPerSecond}</td>
              <td>{secondsText(table.ingest.lagSeconds ?? undefined)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Slowest({ queries }: { queries: Status["queries"]["slowest"] }) {
  return (
    <section aria-label="Slowest queries">
      <h2>Slowest queries lately</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Took</th>
            <th scope="col">Rows</th>
            <th scope="col">By</th>
            <th scope="col">Query</th>
          </tr>
        </thead>
        <tbody>
          {queries.map((query, row) => (
            <tr key={row}>
              <td>{secondsText(query.milliseconds / 1000)}</td>
              <td>{countText(query.rows)}</td>
              <td>
                {query.origin} {query.caller}
              </td>
              <td>
                <code className="query-text">{query.text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
