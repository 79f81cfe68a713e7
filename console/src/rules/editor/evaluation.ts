// What a rule finds: in one window for the preview, in all windows of some days for the backtest; nothing is stored.
import { ApiError } from "~/api/errors";
import { runQuery, type Column } from "~/api/logs";
import type { Place } from "~/shell/place";
import { secondsOf } from "../durations";
import { sendable, type RuleBody } from "../model";
import type { Explanation } from "./explanation";

export interface WouldBeAlert {
  readonly displayName: string;
  readonly severity: string;
  readonly startTimeUtc: string;
  readonly endTimeUtc: string;
  readonly tactics: readonly string[];
  readonly entities: readonly Readonly<Record<string, unknown>>[];
  readonly customDetails: Readonly<Record<string, readonly string[]>>;
}

export interface WouldBeIncident {
  readonly createdTimeUtc: string;
  readonly title: string;
  readonly severity: string;
  readonly alertsCount: number;
}

/** What came of some windows that follow each other. */
export interface Point {
  readonly firstWindowEnd: string;
  readonly windowEnd: string;
  readonly windows: number;
  readonly results: number;
  readonly fired: number;
  readonly suppressed: number;
  readonly failed: number;
  readonly alerts: number;
}

export interface Backtest {
  readonly from: string;
  readonly to: string;
  readonly windows: number;
  readonly suppressedWindows: number;
  readonly failedWindows: readonly { readonly end: string; readonly reason: string }[];
  readonly seconds: number;
  readonly alertsCount: number;
  readonly incidentsCount: number;
  readonly alerts: readonly (WouldBeAlert & { readonly windowEnd: string })[];
  readonly incidents: readonly WouldBeIncident[];
  readonly series: readonly Point[];
}

export interface Rows {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Preview {
  readonly told: Explanation;
  /** Milliseconds that it took. */
  readonly took: number;
}

type Where = Pick<Place, "send" | "workspace">;

const MOST_MINUTES = 11;
const MOST_BARS = 120;

export async function backtest(
  { send, workspace }: Where,
  rule: RuleBody,
  from: Date,
  to: Date,
  signal?: AbortSignal,
): Promise<Backtest> {
  const { body } = await send<Backtest>({
    audience: "arm",
    method: "POST",
    path: `/vedette/workspaces/${workspace.customerId}/backtest`,
    body: { rule: withName(sendable(rule)), from: from.toISOString(), to: to.toISOString(), points: MOST_BARS },
    signal,
    patience: MOST_MINUTES * 60_000,
  });
  return body;
}

/** How often the rule runs, and how far back it looks, in seconds. */
export function beatOf({ kind, properties }: RuleBody): { every: number; over: number } {
  if (kind === "NRT") return { every: 60, over: 60 };
  return { every: secondsOf(properties.queryFrequency) ?? 300, over: secondsOf(properties.queryPeriod) ?? 300 };
}

/** The rows of the window that ends at an instant, as the rule would see them. */
export async function windowRows(
  { send, workspace }: Where,
  rule: RuleBody,
  end: Date,
  signal?: AbortSignal,
): Promise<Rows> {
  const { over } = beatOf(rule);
  const windowStart = new Date(end.getTime() - over * 1000).toISOString();
  const windowEnd = end.toISOString();
  const answer = await runQuery(send, workspace.customerId, {
    query: `set query_now = datetime(${windowEnd});\n${rule.properties.query ?? ""}`,
    timespan: `${windowStart}/${windowEnd}`,
    signal,
  });
  if (answer.error) throw new ApiError(200, answer.error.code, answer.error.message, "", answer.error.details);
  const table = answer.tables[0];
  return { windowStart, windowEnd, columns: table?.columns ?? [], rows: table?.rows ?? [] };
}

/** The window that ends at an instant, or now, from its rows to its incidents. */
export async function preview(
  { send, workspace }: Where,
  rule: RuleBody,
  end: string | undefined,
  signal?: AbortSignal,
): Promise<Preview> {
  const began = performance.now();
  const { body } = await send<Explanation>({
    audience: "arm",
    method: "POST",
    path: `/vedette/workspaces/${workspace.customerId}/rules/explain`,
    body: { rule: withName(sendable(rule)), ...(end ? { end } : {}) },
    signal,
    patience: 200_000,
  });
  return { told: body, took: performance.now() - began };
}

/** A rule that has no name yet can be looked at all the same. */
function withName(body: RuleBody): RuleBody {
  return body.properties.displayName.trim()
    ? body
    : { ...body, properties: { ...body.properties, displayName: "New rule" } };
}

/** `svc-sql@contoso`, `10.2.0.17`: what names an entity to people. */
export function entityText(entity: Readonly<Record<string, unknown>>): string {
  const { $id: _, Type: type, ...rest } = entity;
  const values = Object.values(rest).filter((each) => typeof each === "string" || typeof each === "number");
  const account = typeof rest["Name"] === "string" && typeof rest["UPNSuffix"] === "string";
  return `${String(type)} ${account ? `${String(rest["Name"])}@${String(rest["UPNSuffix"])}` : values.join(" ")}`;
}
