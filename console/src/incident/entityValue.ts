// The value by which an entity is found in the log, and the queries that look for it.
import type { Entity } from "./model";
import { quoted } from "~/api/kql";
import { visible } from "~/parts/visible";

/** By kind, the property that says most; the first that is there counts. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Account: ["accountName", "aadUserId", "sid", "displayName"],
  Host: ["hostName", "netBiosName"],
  Ip: ["address"],
  FileHash: ["hashValue"],
  File: ["fileName"],
  Url: ["url"],
  DnsResolution: ["domainName"],
  Process: ["commandLine", "processId"],
  Mailbox: ["mailboxPrimaryAddress"],
  MailMessage: ["networkMessageId", "subject"],
  AzureResource: ["resourceId"],
  RegistryKey: ["key"],
  CloudApplication: ["appName"],
  Malware: ["malwareName"],
};

/** The text that stands for an entity in rows; empty for one that has none. */
export function entityValue(entity: Entity): string {
  const { properties } = entity;
  const text = (name: string): string => (typeof properties[name] === "string" ? properties[name] : "");
  const value = (VALUES[entity.kind] ?? []).map(text).find(Boolean) ?? text("friendlyName");
  const suffix = entity.kind === "Account" ? text("upnSuffix") : "";
  return suffix && value === text("accountName") ? `${value}@${suffix}` : value;
}

/** The tables that got rows lately, but for those that tell of alerts and of the server itself. */
export const TABLES_QUERY =
  'Usage | distinct DataType | where DataType !in ("Usage", "SecurityAlert", "SecurityIncident", "SentinelHealth", "SentinelAudit", "LAQueryLogs", "Heartbeat", "Operation") | sort by DataType asc';

/** Where a table has a value: in how many rows, the first and the last. */
export function sightingsQuery(table: string, value: string): string {
  return `search in (${table}) ${quoted(value)} | summarize Rows = count(), First = min(TimeGenerated), Last = max(TimeGenerated)`;
}

/** What the query page is opened with. */
export function rowsQuery(table: string, value: string): string {
  return `search in (${table}) ${quoted(value)}\n| sort by TimeGenerated desc\n| take 500`;
}

export function indicatorsQuery(value: string): string {
  return `ThreatIntelIndicators | where ObservableValue =~ ${quoted(value)} | summarize arg_max(TimeGenerated, *) by Id | where not(IsDeleted) | project Id, ObservableKey, ObservableValue, Confidence, ValidUntil, IsActive, SourceSystem | take 20`;
}

export function watchlistsQuery(value: string): string {
  return `Watchlist | where _DTItemType == "watchlist-item" | summarize arg_max(TimeGenerated, *) by _DTItemId | where _DTItemStatus != "Delete" | where tostring(WatchlistItem) contains ${quoted(value)} | project WatchlistAlias, SearchKey, Item = tostring(WatchlistItem) | take 20`;
}

export function incidentsQuery(names: readonly string[]): string {
  return `SecurityIncident | where IncidentName in (${names.map(quoted).join(", ")}) | summarize arg_max(TimeGenerated, *) by IncidentName | project IncidentName, IncidentNumber, Title, Status, Severity, Classification, CreatedTime | sort by CreatedTime desc`;
}

/** The properties that say something, in the order of their names. */
export function factsOf(entity: Entity): [string, string][] {
  return Object.entries(entity.properties)
    .filter(([name, value]) => name !== "friendlyName" && value !== null && value !== "")
    .map(([name, value]): [string, string] => [
      name,
      visible(typeof value === "string" ? value : JSON.stringify(value)),
    ])
    .sort(([a], [b]) => a.localeCompare(b));
}

/** How an entity is called. */
export function entityName(entity: Entity): string {
  const name = entity.properties["friendlyName"];
  return visible(typeof name === "string" && name ? name : entity.name);
}
