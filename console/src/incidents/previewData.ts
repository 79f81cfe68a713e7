// What the preview shows of an incident beside itself; the page of the incident finds the same in the cache.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { runQuery, type Table } from "~/api/logs";
import { usePlace } from "~/shell/place";
import { CLOSINGS, type Incident } from "./incident";

const SENTINEL = "Microsoft.SecurityInsights";
const FRESH = 30_000; // milliseconds
const ROWS = 50;

export interface Alert extends Resource<{
  readonly alertDisplayName: string;
  readonly productName?: string;
  readonly startTimeUtc?: string;
  readonly timeGenerated?: string;
  readonly additionalData?: Readonly<Record<string, string>>;
}> {}

export interface Entity extends Resource<{ readonly friendlyName?: string }> {
  readonly kind: string;
}

export function useAlerts(id: string) {
  const { arm } = usePlace();
  return useQuery({
    queryKey: ["incident", id, "alerts"],
    queryFn: async ({ signal }) =>
      (await arm.post<{ value: readonly Alert[] }>(`${id}/alerts`, SENTINEL, {}, signal)).value,
    staleTime: FRESH,
  });
}

export function useEntities(id: string) {
  const { arm } = usePlace();
  return useQuery({
    queryKey: ["incident", id, "entities"],
    queryFn: async ({ signal }) =>
      (await arm.post<{ entities: readonly Entity[] }>(`${id}/entities`, SENTINEL, {}, signal)).entities,
    staleTime: FRESH,
  });
}

export function useSimilar(id: string) {
  const { arm } = usePlace();
  return useQuery({
    queryKey: ["incident", id, "similar"],
    queryFn: async ({ signal }) =>
      (await arm.post<{ value: readonly Incident[] }>(`${id}/similarIncidents`, SENTINEL, {}, signal)).value,
    staleTime: FRESH,
  });
}

/** The rows of an alert, by its own query over its own time. */
export function useEvidence(alert: Alert | undefined) {
  const { send, workspace } = usePlace();
  const ask = alert && evidenceOf(alert);
  return useQuery({
    queryKey: ["evidence", workspace.id, alert?.name],
    queryFn: async ({ signal }): Promise<Table | undefined> => {
      const { tables } = await runQuery(send, workspace.customerId, {
        ...ask!,
        query: first(ask!.query),
        signal,
        wait: 30,
      });
      return tables[0];
    },
    enabled: ask !== undefined,
    staleTime: FRESH,
  });
}

export interface EvidenceAsk {
  readonly query: string;
  readonly timespan?: string;
}

/** https://learn.microsoft.com/azure/sentinel/customize-alert-details */
export function evidenceOf({ properties }: Alert): EvidenceAsk | undefined {
  const told = properties.additionalData ?? {};
  const query = told["Query"];
  if (!query) return undefined;
  const start = told["Query Start Time UTC"]?.replace(" ", "T");
  const end = told["Query End Time UTC"]?.replace(" ", "T");
  return { query, ...(start && end ? { timespan: `${start}/${end}` } : {}) };
}

/** A query with no more rows than are shown; one that draws a chart takes no more steps. */
function first(query: string): string {
  const bare = query.replace(/[\s;]+$/, "");
  return /\|\s*render\b/i.test(bare) ? bare : `${bare}\n| take ${ROWS}`;
}

const OPERATORS: Readonly<Record<string, string>> = { GreaterThan: ">", LessThan: "<", Equal: "=", NotEqual: "≠" };

/** Why an alert was raised, in one line: `14 results > 10 in 5m`. */
export function whyOf({ properties }: Alert): string {
  const told = properties.additionalData ?? {};
  const rule = told["Analytic Rule Name"];
  const count = told["Search Query Results Overall Count"];
  if (count === undefined) return [properties.productName, rule].filter(Boolean).join(" · ");
  const operator = OPERATORS[told["Trigger Operator"] ?? ""] ?? told["Trigger Operator"] ?? "";
  const threshold = told["Trigger Threshold"] ?? "";
  const period = periodText(told["Query Period"] ?? "");
  return [`${count} ${count === "1" ? "result" : "results"} ${operator} ${threshold}${period && ` in ${period}`}`, rule]
    .filter(Boolean)
    .join(" · ");
}

/** `1.00:00:00` as `1d`, `00:05:00` as `5m`; what is neither stays as it is. */
export function periodText(text: string): string {
  const [, days, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)/.exec(text) ?? [];
  if (hours === undefined) return text;
  const parts: [string | undefined, string][] = [
    [days, "d"],
    [hours, "h"],
    [minutes, "m"],
    [seconds, "s"],
  ];
  return parts.flatMap(([value, unit]) => (Number(value ?? 0) > 0 ? [`${Number(value)}${unit}`] : [])).join(" ");
}

/** `9 alike: 7 FP · 2 open` */
export function alikeText(similar: readonly Incident[]): string {
  if (similar.length === 0) return "none alike in 14 days";
  const counts = new Map<string, number>();
  for (const { properties } of similar) {
    const closing = CLOSINGS.find((each) => each.classification === properties.classification);
    const word = properties.status === "Closed" ? (closing?.short ?? "closed") : "open";
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([word, count]) => `${count} ${word}`);
  return `${similar.length} alike: ${parts.join(" · ")}`;
}
