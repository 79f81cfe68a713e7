// How each table is fed: its last event, how many a minute, how late they come, and what went wrong.
import type { Row } from "~/api/kql";

/** Tables that are looked at besides those that Usage and the management API name. */
export const USUAL: readonly string[] =
  "SecurityEvent Syslog CommonSecurityLog SigninLogs AuditLogs AzureActivity OfficeActivity Heartbeat WindowsEvent Event DnsEvents DeviceProcessEvents DeviceNetworkEvents DeviceFileEvents DeviceLogonEvents EmailEvents AWSCloudTrail AADNonInteractiveUserSignInLogs IdentityInfo ThreatIntelIndicators SecurityAlert OTelLogs".split(
    " ",
  );

const MOST = 150;

export interface TableFlow {
  readonly table: string;
  readonly last: string;
  readonly rows: number;
  readonly perMinute: number;
  /** Seconds between an event and its arrival, of the last hour: the middle one and the 95th of 100. */
  readonly lag: number | undefined;
  readonly lagHigh: number | undefined;
}

/** The tables to look at: those that are named, each once, and only names that KQL can have as they are. */
export function looked(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].filter((name) => /^[A-Za-z_]\w*$/.test(name)).slice(0, MOST);
}

export function flowQuery(tables: readonly string[], days: number): string {
  const parts = tables.map(
    (table) =>
      `    (${table} | where TimeGenerated > ago(${days}d) | project TimeGenerated, Arrived = ingestion_time(), Table = "${table}")`,
  );
  return `union isfuzzy=true
${parts.join(",\n")}
| extend Lag = todouble(datetime_diff("millisecond", Arrived, TimeGenerated)) / 1000
| summarize Last = max(TimeGenerated), Rows = count(), Hour = countif(TimeGenerated > ago(1h)),
    Lags = percentiles_array(iff(Arrived > ago(1h), Lag, real(null)), 50, 95) by Table
| order by Table asc`;
}

export function flowOf(row: Row): TableFlow {
  const lags = arrayOf(row["Lags"]);
  return {
    table: String(row["Table"]),
    last: String(row["Last"]),
    rows: Number(row["Rows"]),
    perMinute: Number(row["Hour"]) / 60,
    lag: lags[0],
    lagHigh: lags[1],
  };
}

function arrayOf(value: unknown): (number | undefined)[] {
  const read: unknown = typeof value === "string" && value.startsWith("[") ? JSON.parse(value) : value;
  return Array.isArray(read) ? read.map((each) => (typeof each === "number" ? each : undefined)) : [];
}

/** `1.5 s`, `3m`; a negative lag is an event that says it is of the future. */
export function lagText(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "";
  if (size < 10) return `${sign}${size.toFixed(1)} s`;
  if (size < 120) return `${sign}${Math.round(size)} s`;
  if (size < 7200) return `${sign}${Math.round(size / 60)} m`;
  return `${sign}${Math.round(size / 3600)} h`;
}

export function rateText(perMinute: number): string {
  if (perMinute === 0) return "0";
  return perMinute >= 10 ? Math.round(perMinute).toLocaleString("en") : perMinute.toFixed(2);
}

export const ERRORS = `union isfuzzy=true
    (Operation | where TimeGenerated > ago(7d) and OperationStatus in ("Warning", "Error")
    | project TimeGenerated, Source = strcat("Operation, ", OperationCategory), Level = OperationStatus, Text = Detail),
    (SentinelHealth | where TimeGenerated > ago(7d) and SentinelResourceType == "Data connector" and Status != "Success"
    | project TimeGenerated, Source = SentinelResourceName, Level = Status, Text = Description)
| summarize Last = max(TimeGenerated), Times = count() by Source, Level, Text
| top 200 by Last`;

/** The tables that a kind of data connector fills. */
export const TABLES_OF: Readonly<Record<string, readonly string[]>> = {
  AmazonWebServicesCloudTrail: ["AWSCloudTrail"],
  AmazonWebServicesS3: ["AWSCloudTrail", "AWSGuardDuty", "AWSVPCFlow"],
  AzureActiveDirectory: ["SigninLogs", "AuditLogs"],
  AzureAdvancedThreatProtection: ["SecurityAlert"],
  AzureSecurityCenter: ["SecurityAlert"],
  Dynamics365: ["Dynamics365Activity"],
  MicrosoftCloudAppSecurity: ["SecurityAlert", "McasShadowItReporting"],
  MicrosoftDefenderAdvancedThreatProtection: ["SecurityAlert"],
  MicrosoftThreatIntelligence: ["ThreatIntelIndicators"],
  MicrosoftThreatProtection: ["SecurityAlert", "DeviceProcessEvents", "DeviceNetworkEvents", "EmailEvents"],
  Office365: ["OfficeActivity"],
  OfficeATP: ["SecurityAlert"],
  ThreatIntelligence: ["ThreatIntelIndicators"],
  ThreatIntelligenceTaxii: ["ThreatIntelIndicators"],
};
