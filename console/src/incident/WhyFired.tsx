// Why an alert was raised: the window, rows against the threshold, what the rule makes of alerts, entities, times of stages.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { conditionText, evidenceOf } from "./evidence";
import type { Alert } from "./model";
import { durationText, groupingText, useRule } from "./rule";

interface Run {
  readonly ranAt: string;
  readonly status: string;
  readonly reason: string;
  readonly description: string;
  readonly trigger: string | null;
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  readonly results: number | null;
  readonly alerts: number | null;
  readonly entities: number | null;
  readonly entitiesDropped: number | null;
  readonly issues: readonly unknown[];
  readonly seconds: Readonly<Record<string, number>>;
}

/** What GET /vedette/workspaces/{id}/rules/explain answers. */
interface Explained {
  readonly displayName: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly run: Run | null;
  readonly rows: {
    readonly windowStart?: string;
    readonly windowEnd: string;
    readonly count?: number;
    readonly condition?: string;
    readonly fires?: boolean;
    readonly entities?: readonly unknown[];
    readonly entitiesDropped?: readonly { readonly count: number; readonly reason: string }[];
    readonly failure?: { readonly code: string; readonly message: string };
  } | null;
}

export function WhyFired({ alert }: { alert: Alert }) {
  const { send, workspace } = usePlace();
  const go = useGo();
  const of = evidenceOf(alert);
  const end = of.timespan?.split("/")[1];
  const rule = useRule(of.ruleName);
  const explained = useQuery({
    queryKey: ["explain", workspace.id, of.ruleName, end],
    enabled: of.ruleName !== "" && end !== undefined && rule.data !== null,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const search = new URLSearchParams({ rule: of.ruleName, end: end! });
      const path = `/vedette/workspaces/${workspace.customerId}/rules/explain?${search}`;
      return (await send<Explained>({ audience: "logs", path, signal, patience: 60_000 })).body;
    },
  });
  if (of.ruleName === "" || end === undefined)
    return (
      <p className="state">
        {alert.properties.productName ?? "Another product"} raised this alert, not a rule of this workspace.
      </p>
    );
  if (rule.data === null)
    return <p className="state">The rule {of.ruleName} is gone; the alert kept its query, above.</p>;
  if (explained.isPending) return <Loading what="why it fired" />;
  if (explained.isError) return <Failed error={explained.error} again={() => void explained.refetch()} />;
  const { run, rows, displayName } = explained.data;
  const then = of.count ?? run?.results ?? undefined;
  return (
    <dl className="why">
      <Line name="Rule">
        <a
          href={`rules/${encodeURIComponent(of.ruleName)}`}
          onClick={(event) => {
            event.preventDefault();
            go(`rules/${encodeURIComponent(of.ruleName)}`);
          }}
        >
          <bdi>{displayName}</bdi>
        </a>
        {!explained.data.enabled && <span className="warn"> off now</span>}
      </Line>
      <Line name="Window">
        <Instant value={of.timespan!.split("/")[0]} /> – <Instant value={end} />
        {run && (
          <span className="faint">
            {" "}
            · run <Instant value={run.ranAt} />
            {run.trigger && ` · ${run.trigger.toLowerCase()}`}
          </span>
        )}
      </Line>
      <Line name="Rows">
        <strong>{then?.toLocaleString("en") ?? "?"}</strong> {then === 1 ? "row" : "rows"}, and the rule fires at{" "}
        <strong>{of.threshold || conditionText(rows?.condition ?? "")}</strong>
        {rows?.count !== undefined && then !== undefined && rows.count !== then && (
          <span className="warn">
            {" "}
            · today the same window holds {rows.count.toLocaleString("en")}
            {rows.fires === false && ", which would not fire"}
          </span>
        )}
        {rows?.failure && <span className="bad"> · today the query fails: {rows.failure.message}</span>}
      </Line>
      <Line name="Incident">
        {run?.alerts !== undefined &&
          run?.alerts !== null &&
          `${run.alerts} ${run.alerts === 1 ? "alert" : "alerts"}; `}
        {groupingText(rule.data?.properties)}
        {rule.data?.properties.suppressionEnabled &&
          `; after an alert it rests for ${durationText(rule.data.properties.suppressionDuration ?? "")}`}
      </Line>
      <Line name="Entities">
        {run?.entities ?? rows?.entities?.length ?? "?"} mapped
        <Dropped run={run} rows={rows} />
      </Line>
      <Line name="Stages">
        {run ? <Stages seconds={run.seconds} /> : <span className="faint">The run is not in the log any more.</span>}
      </Line>
      {run && run.issues.length > 0 && (
        <Line name="Issues">
          <span className="warn">{run.issues.map(issueText).join("; ")}</span>
        </Line>
      )}
    </dl>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Dropped({ run, rows }: { run: Run | null; rows: Explained["rows"] }) {
  const dropped = rows?.entitiesDropped ?? [];
  const count = run?.entitiesDropped ?? dropped.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) return <>, none dropped</>;
  return (
    <span className="warn">
      , {count} dropped{dropped.length > 0 && `: ${dropped.map((each) => `${each.count} ${each.reason}`).join(", ")}`}
    </span>
  );
}

const STAGES: Readonly<Record<string, string>> = {
  waiting: "waited",
  query: "query",
  alerts: "alerts",
};

function Stages({ seconds }: { seconds: Readonly<Record<string, number>> }) {
  const order = [...Object.keys(STAGES), ...Object.keys(seconds).filter((name) => !(name in STAGES))];
  const told = order.filter((name) => seconds[name] !== undefined);
  return <>{told.map((name) => `${STAGES[name] ?? name} ${secondsText(seconds[name] ?? 0)}`).join(" · ") || "–"}</>;
}

function secondsText(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`;
}

function issueText(issue: unknown): string {
  if (typeof issue === "string") return issue;
  const known = issue as { Description?: string; Code?: string } | null;
  return known?.Description ?? known?.Code ?? JSON.stringify(issue);
}
