// What the health page asks by KQL: how late incidents are, how rules run, what went wrong.
import { records, runQuery } from "~/api/logs";
import type { Place } from "~/shell/place";

type Where = Pick<Place, "send" | "workspace">;

export interface RuleHealth {
  readonly rule: string;
  readonly name: string;
  readonly runs: number;
  readonly failures: number;
  readonly status: string;
  readonly reason: string;
  /** Seconds that the query took, of 95 runs in a hundred at most. */
  readonly seconds: number | undefined;
  /** Seconds from the end of a window to the end of its run. */
  readonly late: number | undefined;
  readonly lastRun: string;
}

export interface Delay {
  readonly incidents: number;
  readonly median: number | undefined;
  readonly p99: number | undefined;
}

export interface Problem {
  readonly at: string;
  readonly source: string;
  readonly name: string;
  readonly status: string;
  readonly text: string;
}

const RULES = `SentinelHealth
| where TimeGenerated > ago(1d) and SentinelResourceType =~ "Analytics rule"
| extend Late = (TimeGenerated - todatetime(ExtendedProperties.QueryEndTimeUTC)) / 1s,
    Took = todouble(ExtendedProperties.StageDurations.query)
| summarize arg_max(TimeGenerated, Status, Reason, SentinelResourceName), Runs = count(),
    Failures = countif(Status == "Failure"), Took = percentile(Took, 95), Late = percentile(Late, 95)
    by Rule = tolower(tostring(split(SentinelResourceId, "/")[-1]))`;

// The first row of an incident is of the moment that it was made; the event is the last that its alerts are about.
const DELAY = `SecurityIncident
| summarize arg_min(TimeGenerated, CreatedTime, LastActivityTime) by IncidentNumber
| where CreatedTime > ago(1d) and isnotnull(LastActivityTime)
| extend Delay = (CreatedTime - LastActivityTime) / 1s
| where Delay >= 0
| summarize count(), percentile(Delay, 50), percentile(Delay, 99)`;

const PROBLEMS = `union
  (SentinelHealth
   | where TimeGenerated > ago(1d) and Status !in ("Success", "Informational")
   | project TimeGenerated, Source = SentinelResourceType, Name = SentinelResourceName, Status, Text = Description),
  (Operation
   | where TimeGenerated > ago(1d) and OperationStatus in ("Warning", "Error", "Failed")
   | project TimeGenerated, Source = OperationCategory, Name = tostring(OperationKey), Status = OperationStatus, Text = Detail)
| top 200 by TimeGenerated`;

export async function readRules(where: Where, signal?: AbortSignal): Promise<RuleHealth[]> {
  const rows = await ask(where, RULES, signal);
  return rows
    .map((row) => ({
      rule: text(row["Rule"]),
      name: text(row["SentinelResourceName"]),
      runs: number(row["Runs"]) ?? 0,
      failures: number(row["Failures"]) ?? 0,
      status: text(row["Status"]),
      reason: text(row["Reason"]),
      seconds: number(row["Took"]),
      late: number(row["Late"]),
      lastRun: text(row["TimeGenerated"]),
    }))
    .sort((a, b) => b.failures - a.failures || (b.seconds ?? 0) - (a.seconds ?? 0) || a.name.localeCompare(b.name));
}

export async function readDelay(where: Where, signal?: AbortSignal): Promise<Delay> {
  const [row] = await ask(where, DELAY, signal);
  const values = Object.values(row ?? {});
  return { incidents: number(values[0]) ?? 0, median: number(values[1]), p99: number(values[2]) };
}

export async function readProblems(where: Where, signal?: AbortSignal): Promise<Problem[]> {
  const rows = await ask(where, PROBLEMS, signal);
  return rows.map((row) => ({
    at: text(row["TimeGenerated"]),
    source: text(row["Source"]),
    name: text(row["Name"]),
    status: text(row["Status"]),
    text: text(row["Text"]),
  }));
}

async function ask(where: Where, query: string, signal?: AbortSignal): Promise<Record<string, unknown>[]> {
  const answer = await runQuery(where.send, where.workspace.customerId, { query, signal });
  return records(answer.tables[0]);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : String(value);
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
