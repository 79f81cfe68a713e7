// What rules did, asked by KQL: the last run and the fires of each day for all of them; runs and changes of one.
import { askRows, objectIn, quoted } from "~/api/kql";
import type { Place } from "~/shell/place";

export const DAYS = 14;

/** How a rule fared in the last fourteen days. */
export interface Activity {
  readonly lastRun?: string;
  readonly status?: string;
  readonly description?: string;
  readonly runs: number;
  readonly failures: number;
  /** Alerts of each day, the oldest first. */
  readonly fires: readonly number[];
}

export interface Run {
  readonly at: string;
  readonly status: string;
  readonly reason: string;
  readonly description: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly trigger: string;
  readonly results: number | undefined;
  readonly alerts: number | undefined;
  readonly dropped: number | undefined;
  /** Seconds that the query took. */
  readonly seconds: number | undefined;
}

/** One write of the rule: by whom, and what it changed. */
export interface Change {
  readonly at: string;
  readonly by: string;
  readonly fields: readonly string[];
  readonly description: string;
}

type Where = Pick<Place, "send" | "workspace">;

const RUNS = `SentinelHealth
| where TimeGenerated > ago(${DAYS}d) and SentinelResourceType =~ "Analytics rule"
| summarize arg_max(TimeGenerated, Status, Description), Runs = count(), Failures = countif(Status !in ("Success", "Informational"))
    by Rule = tolower(tostring(split(SentinelResourceId, "/")[-1]))`;

const FIRES = `SecurityAlert
| where TimeGenerated > ago(${DAYS}d) and ProviderName startswith "ASI "
| summarize arg_min(TimeGenerated, ExtendedProperties) by SystemAlertId
| mv-expand Rule = todynamic(tostring(todynamic(ExtendedProperties)["Analytic Rule Ids"])) to typeof(string)
| summarize Alerts = count() by Rule = tolower(Rule), Day = datetime_diff("day", now(), TimeGenerated)`;

/** By the rule's name in lower case. */
export async function activityOf(where: Where, signal?: AbortSignal): Promise<Map<string, Activity>> {
  const [runs, fires] = await Promise.all([
    askRows(where, { query: RUNS, signal }),
    askRows(where, { query: FIRES, signal }),
  ]);
  return joined(runs, fires);
}

export function joined(
  runs: readonly Record<string, unknown>[],
  fires: readonly Record<string, unknown>[],
): Map<string, Activity> {
  const days = new Map<string, number[]>();
  for (const row of fires) {
    const rule = String(row["Rule"]);
    const day = DAYS - 1 - Number(row["Day"]);
    const counted = days.get(rule) ?? Array.from({ length: DAYS }, () => 0);
    if (day >= 0 && day < DAYS) counted[day] = (counted[day] ?? 0) + Number(row["Alerts"]);
    days.set(rule, counted);
  }
  const none = Array.from({ length: DAYS }, () => 0);
  const found = new Map<string, Activity>();
  for (const row of runs) {
    const rule = String(row["Rule"]);
    found.set(rule, {
      lastRun: String(row["TimeGenerated"]),
      status: String(row["Status"]),
      description: String(row["Description"] ?? ""),
      runs: Number(row["Runs"]),
      failures: Number(row["Failures"]),
      fires: days.get(rule) ?? none,
    });
  }
  for (const [rule, counted] of days) {
    if (!found.has(rule)) found.set(rule, { runs: 0, failures: 0, fires: counted });
  }
  return found;
}

/** The newest runs of a rule, whichever way they ended. */
export async function runsOf(where: Where, ruleId: string, signal?: AbortSignal): Promise<Run[]> {
  const query = `SentinelHealth
| where SentinelResourceId =~ ${quoted(ruleId)}
| top 200 by TimeGenerated
| project TimeGenerated, Status, Reason, Description, ExtendedProperties`;
  return (await askRows(where, { query, signal })).map(runOf);
}

function runOf(row: Record<string, unknown>): Run {
  const more = objectIn(row["ExtendedProperties"]);
  const stages = objectIn(more["StageDurations"]);
  return {
    at: String(row["TimeGenerated"]),
    status: String(row["Status"]),
    reason: String(row["Reason"] ?? ""),
    description: String(row["Description"] ?? ""),
    windowStart: String(more["QueryStartTimeUTC"] ?? ""),
    windowEnd: String(more["QueryEndTimeUTC"] ?? ""),
    trigger: String(more["TriggerType"] ?? ""),
    results: numberOf(more["QueryResultAmount"]),
    alerts: numberOf(more["AlertsGeneratedAmount"]),
    dropped: numberOf(more["EntitiesDroppedDueToMappingIssuesAmount"]),
    seconds: numberOf(stages["query"]),
  };
}

/** Who wrote the rule, the newest first. SentinelAudit has what the server was told to keep of it. */
export async function changesOf(where: Where, ruleId: string, signal?: AbortSignal): Promise<Change[]> {
  const query = `SentinelAudit
| where SentinelResourceId =~ ${quoted(ruleId)} and Status == "Success" and OperationName !endswith "/Read"
| extend More = todynamic(ExtendedProperties)
| project TimeGenerated, Description, By = tostring(More.CallerName), Fields = More.ResourceDiffMemberNames
| top 100 by TimeGenerated`;
  return (await askRows(where, { query, signal })).map((row) => ({
    at: String(row["TimeGenerated"]),
    by: String(row["By"] || "somebody"),
    description: String(row["Description"] ?? ""),
    fields: list(row["Fields"]).filter((field) => field !== "lastModifiedUtc"),
  }));
}

/** The server's clock, which a virtual one moves. */
export async function serverNow(where: Where, signal?: AbortSignal): Promise<Date> {
  const rows = await askRows(where, { query: "print Now = now()", signal });
  return new Date(String(rows[0]?.["Now"]));
}

function list(value: unknown): string[] {
  const read = typeof value === "string" && value.startsWith("[") ? (JSON.parse(value) as unknown) : value;
  return Array.isArray(read) ? read.map(String) : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
