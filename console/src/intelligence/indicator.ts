// Indicators as the management API has them, and what is asked of it.
// https://learn.microsoft.com/rest/api/securityinsights/threat-intelligence-indicator
import type { Resource } from "~/api/arm";
import { quoted } from "~/api/kql";

export const PROVIDER = "Microsoft.SecurityInsights";
export const WRITE = "Microsoft.SecurityInsights/threatIntelligence/indicators/write";
export const CREATE = "Microsoft.SecurityInsights/threatIntelligence/createIndicator/action";
export const DELETE = "Microsoft.SecurityInsights/threatIntelligence/indicators/delete";
export const TAG = "Microsoft.SecurityInsights/threatIntelligence/indicators/appendTags/action";
export const IMPORT = "Microsoft.SecurityInsights/fileImports/write";

export interface IndicatorProperties {
  readonly displayName?: string;
  readonly description?: string;
  readonly source?: string;
  readonly pattern: string;
  readonly patternType?: string;
  readonly parsedPattern?: readonly {
    readonly patternTypeKey: string;
    readonly patternTypeValues: readonly { readonly valueType: string; readonly value: string }[];
  }[];
  readonly threatTypes?: readonly string[];
  readonly threatIntelligenceTags?: readonly string[];
  readonly labels?: readonly string[];
  readonly killChainPhases?: readonly { readonly killChainName: string; readonly phaseName: string }[];
  readonly confidence?: number;
  readonly revoked?: boolean;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly created?: string;
  readonly createdByRef?: string;
  readonly externalId?: string;
  readonly lastUpdatedTimeUtc?: string;
}

export type Indicator = Resource<IndicatorProperties>;

/** The filters of the list, as the address has them. */
export interface Criteria {
  readonly keywords: string;
  readonly type: string;
  readonly source: string;
  readonly threat: string;
  readonly confidence: string;
  /** "" for all, "soon" for those that expire within a week, "over" for expired ones. */
  readonly expires: string;
  readonly revoked: string;
  readonly sort: string;
}

const WEEK = 7 * 86_400_000;
export const PAGE = 1000;
/** The columns that the server orders by. */
const ITEM_KEYS: Readonly<Record<string, string>> = {
  name: "displayName",
  confidence: "confidence",
  until: "validUntil",
  changed: "lastUpdatedTimeUtc",
  source: "source",
  type: "patternType",
};

export function criteriaBody(criteria: Criteria, now: Date): Record<string, unknown> {
  const key = ITEM_KEYS[criteria.sort.replace(/^-/, "")];
  return {
    pageSize: PAGE,
    includeDisabled: criteria.revoked === "shown",
    ...(criteria.keywords.trim() ? { keywords: [criteria.keywords.trim()] } : {}),
    ...(criteria.type ? { patternTypes: [criteria.type] } : {}),
    ...(criteria.source ? { sources: [criteria.source] } : {}),
    ...(criteria.threat ? { threatTypes: [criteria.threat] } : {}),
    ...(criteria.confidence ? { minConfidence: Number(criteria.confidence) } : {}),
    ...(criteria.expires === "soon"
      ? { minValidUntil: now.toISOString(), maxValidUntil: new Date(now.getTime() + WEEK).toISOString() }
      : {}),
    ...(criteria.expires === "over" ? { maxValidUntil: now.toISOString() } : {}),
    ...(key
      ? { sortBy: [{ itemKey: key, sortOrder: criteria.sort.startsWith("-") ? "descending" : "ascending" }] }
      : {}),
  };
}

/** What is compared, without duplicates. */
export function valuesOf({ parsedPattern }: IndicatorProperties): string[] {
  return [
    ...new Set((parsedPattern ?? []).flatMap(({ patternTypeValues }) => patternTypeValues.map(({ value }) => value))),
  ];
}

/** What a write says; the rest is the server's. */
export function sendable(properties: IndicatorProperties): Record<string, unknown> {
  const {
    parsedPattern: _p,
    lastUpdatedTimeUtc: _l,
    ...rest
  } = properties as IndicatorProperties & {
    additionalData?: unknown;
    friendlyName?: unknown;
  };
  const { additionalData: _a, friendlyName: _f, ...sent } = rest;
  return sent;
}

/** Where indicators are looked for in the workspace: tables with the columns that hold addresses, names, hashes. */
const LOOKED_AT: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ["SigninLogs", ["IPAddress"]],
  ["AADNonInteractiveUserSignInLogs", ["IPAddress"]],
  ["AzureActivity", ["CallerIpAddress"]],
  ["OfficeActivity", ["ClientIP"]],
  ["SecurityEvent", ["IpAddress", "FileHash"]],
  ["CommonSecurityLog", ["SourceIP", "DestinationIP", "DestinationHostName", "RequestURL", "FileHash"]],
  ["DnsEvents", ["Name", "IPAddresses"]],
  ["DeviceNetworkEvents", ["RemoteIP", "RemoteUrl"]],
  ["DeviceFileEvents", ["SHA256", "SHA1", "MD5", "FileName"]],
  ["DeviceProcessEvents", ["SHA256", "SHA1", "MD5"]],
  ["EmailEvents", ["SenderFromAddress", "SenderIPv4"]],
  ["AWSCloudTrail", ["SourceIpAddress"]],
  ["Syslog", ["HostIP"]],
];

/** The rows that have one of an indicator's values in a column that is looked at. */
export function seenQuery(properties: IndicatorProperties): string {
  const values = valuesOf(properties).map((value) => quoted(value.toLowerCase()));
  const parts = LOOKED_AT.flatMap(([table, columns]) =>
    columns.map(
      (column) =>
        `    (${table} | extend Value = tolower(tostring(column_ifexists("${column}", ""))) | where Value in (Values) | project TimeGenerated, Table = "${table}", Column = "${column}", Value, Row = pack_all())`,
    ),
  );
  return `let Values = dynamic([${values.join(", ")}]);\nunion isfuzzy=true\n${parts.join(",\n")}`;
}

export function matchesQuery(days: number): string {
  const parts = LOOKED_AT.flatMap(([table, columns]) =>
    columns.map(
      (column) =>
        `    (${table} | where TimeGenerated > ago(${days}d) | project TimeGenerated, Table = "${table}", Column = "${column}", Value = tolower(tostring(column_ifexists("${column}", ""))))`,
    ),
  );
  return `let Indicators = ThreatIntelIndicators
| where TimeGenerated > ago(14d)
| summarize arg_max(TimeGenerated, IsActive, IsDeleted, ObservableKey, Confidence) by Id, ObservableValue
| where IsActive and not(IsDeleted)
| project Id, ObservableKey, Confidence, Value = tolower(ObservableValue);
union isfuzzy=true
${parts.join(",\n")}
| where isnotempty(Value)
| summarize Rows = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by Table, Column, Value
| join kind=inner Indicators on Value
| project Value, ObservableKey, Table, Column, Rows, First, Last, Confidence, Id
| top 1000 by Last`;
}
