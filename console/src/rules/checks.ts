// What is wrong with a rule as it is written, told at the place where it is: limits of the service, and every column
// that a setting names held against the columns that the query gives.
// https://learn.microsoft.com/azure/sentinel/sentinel-service-limits
import { secondsOf, shortDuration } from "./durations";
import entityTypes from "./entity_types.json";
import type { Grouping, RuleBody, RuleProperties } from "./model";

export const ENTITY_TYPES: Readonly<Record<string, readonly string[]>> = entityTypes;
export const MOST_MAPPINGS = 10;
export const MOST_FIELDS = 3;
export const MOST_DETAILS = 20;
const MOST_PARAMETERS = 3;
const LONGEST_QUERY = 10_000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Problem {
  /** The path of the setting: `queryPeriod`, `entityMappings.0.fieldMappings.1`. */
  readonly place: string;
  readonly message: string;
}

/** `columns` are those that the query gives; undefined as long as that is not known, or the query is wrong. */
export function problemsOf({ kind, properties }: RuleBody, columns: readonly string[] | undefined): Problem[] {
  if (kind !== "Scheduled" && kind !== "NRT") return [];
  return [
    ...general(properties),
    ...(kind === "Scheduled" ? schedule(properties) : []),
    ...incidents(properties),
    ...mappings(properties),
    ...(columns ? columnsOf(properties, new Set(columns)) : []),
  ];
}

function general(properties: RuleProperties): Problem[] {
  const found: Problem[] = [];
  if (!properties.displayName.trim()) found.push({ place: "displayName", message: "A rule needs a name." });
  if (!properties.query?.trim()) found.push({ place: "query", message: "A rule needs a query." });
  const length = properties.query?.length ?? 0;
  if (length > LONGEST_QUERY) {
    found.push({ place: "query", message: `The query has ${length} characters; ${LONGEST_QUERY} are allowed.` });
  }
  if (properties.suppressionEnabled) {
    found.push(...between("suppressionDuration", properties.suppressionDuration, 5 * MINUTE, DAY));
  }
  return found;
}

function schedule(properties: RuleProperties): Problem[] {
  const { queryFrequency, queryPeriod, triggerThreshold } = properties;
  const found = [
    ...between("queryFrequency", queryFrequency, 5 * MINUTE, 14 * DAY),
    ...between("queryPeriod", queryPeriod, 5 * MINUTE, 14 * DAY),
  ];
  const [every, over] = [secondsOf(queryFrequency), secondsOf(queryPeriod)];
  if (every !== undefined && over !== undefined) {
    if (over < every) {
      found.push({
        place: "queryPeriod",
        message: `It looks at ${shortDuration(queryPeriod)} every ${shortDuration(queryFrequency)}: events are missed.`,
      });
    }
    if (over >= 2 * DAY && every < HOUR) {
      found.push({ place: "queryFrequency", message: "Over 2 days or more it may run every hour at the most." });
    }
  }
  const threshold = triggerThreshold ?? 0;
  if (!Number.isInteger(threshold) || threshold < 0 || threshold > 10_000) {
    found.push({ place: "triggerThreshold", message: "A whole number from 0 to 10,000." });
  }
  return found;
}

function between(place: string, duration: string | undefined, least: number, most: number): Problem[] {
  const seconds = secondsOf(duration);
  if (seconds === undefined) return [{ place, message: "A duration such as 5m, 1h 30m or 14d." }];
  if (seconds >= least && seconds <= most) return [];
  return [{ place, message: `From ${shortDuration(`${least}s`)} to ${shortDuration(`${most}s`)}.` }];
}

function incidents(properties: RuleProperties): Problem[] {
  const grouping = properties.incidentConfiguration?.groupingConfiguration;
  if (!properties.incidentConfiguration?.createIncident || !grouping?.enabled) return [];
  const place = "incidentConfiguration.groupingConfiguration";
  const found = between(`${place}.lookbackDuration`, grouping.lookbackDuration, 5 * MINUTE, 7 * DAY);
  if (grouping.matchingMethod === "Selected") found.push(...selected(place, grouping, properties));
  return found;
}

function selected(place: string, grouping: Grouping, properties: RuleProperties): Problem[] {
  const mapped = new Set((properties.entityMappings ?? []).map((each) => each.entityType));
  const { groupByEntities = [], groupByAlertDetails = [], groupByCustomDetails = [] } = grouping;
  const found: Problem[] = [];
  if (groupByEntities.length + groupByAlertDetails.length + groupByCustomDetails.length === 0) {
    found.push({ place: `${place}.matchingMethod`, message: "Choose at least one thing that alerts must share." });
  }
  for (const each of groupByEntities) {
    if (!mapped.has(each)) found.push({ place: `${place}.groupByEntities`, message: `No ${each} is mapped.` });
  }
  for (const each of groupByCustomDetails) {
    if (!(each in (properties.customDetails ?? {}))) {
      found.push({ place: `${place}.groupByCustomDetails`, message: `There is no custom detail “${each}”.` });
    }
  }
  return found;
}

function mappings(properties: RuleProperties): Problem[] {
  const found: Problem[] = [];
  const all = properties.entityMappings ?? [];
  if (all.length > MOST_MAPPINGS) {
    found.push({ place: "entityMappings", message: `${MOST_MAPPINGS} entities can be mapped.` });
  }
  for (const [at, mapping] of all.entries()) {
    const place = `entityMappings.${at}`;
    const known = ENTITY_TYPES[mapping.entityType];
    if (!known) found.push({ place, message: `“${mapping.entityType}” is no entity that can be mapped.` });
    if (mapping.fieldMappings.length > MOST_FIELDS) {
      found.push({ place, message: `${MOST_FIELDS} identifiers an entity are allowed.` });
    }
    for (const [field, { identifier }] of mapping.fieldMappings.entries()) {
      if (known && !known.some((each) => each.toLowerCase() === identifier.toLowerCase())) {
        found.push({
          place: `${place}.fieldMappings.${field}`,
          message: `“${identifier}” identifies no ${mapping.entityType}.`,
        });
      }
    }
  }
  const details = Object.keys(properties.customDetails ?? {});
  if (details.length > MOST_DETAILS) found.push({ place: "customDetails", message: `${MOST_DETAILS} are allowed.` });
  for (const format of ["alertDisplayNameFormat", "alertDescriptionFormat"] as const) {
    const named = new Set(placeholders(properties.alertDetailsOverride?.[format] ?? ""));
    if (named.size > MOST_PARAMETERS) {
      const message = `It names ${named.size} columns; ${MOST_PARAMETERS} are allowed.`;
      found.push({ place: `alertDetailsOverride.${format}`, message });
    }
  }
  return found;
}

/** The columns in a format: `{{Account}} on {{Computer}}`. */
export function placeholders(format: string): string[] {
  return [...format.matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)].map((found) => found[1]!);
}

function columnsOf(properties: RuleProperties, columns: ReadonlySet<string>): Problem[] {
  const found: Problem[] = [];
  const need = (place: string, column: string | undefined): void => {
    if (column === undefined || columns.has(column)) return;
    const near = [...columns].find((each) => each.toLowerCase() === column.toLowerCase());
    const message = column
      ? `The query gives no column “${column}”.${near ? ` Is it “${near}”?` : ""}`
      : "Choose a column of the query.";
    found.push({ place, message });
  };
  for (const [at, mapping] of (properties.entityMappings ?? []).entries()) {
    for (const [field, { columnName }] of mapping.fieldMappings.entries()) {
      need(`entityMappings.${at}.fieldMappings.${field}`, columnName);
    }
  }
  for (const [at, { columnName }] of (properties.sentinelEntitiesMappings ?? []).entries()) {
    need(`sentinelEntitiesMappings.${at}`, columnName);
  }
  for (const [key, column] of Object.entries(properties.customDetails ?? {})) need(`customDetails.${key}`, column);
  const override = properties.alertDetailsOverride ?? {};
  for (const format of ["alertDisplayNameFormat", "alertDescriptionFormat"] as const) {
    for (const column of placeholders(override[format] ?? "")) need(`alertDetailsOverride.${format}`, column);
  }
  if (override.alertTacticsColumnName) need("alertDetailsOverride.alertTacticsColumnName", override.alertTacticsColumnName); // prettier-ignore
  if (override.alertSeverityColumnName) need("alertDetailsOverride.alertSeverityColumnName", override.alertSeverityColumnName); // prettier-ignore
  for (const [at, { value }] of (override.alertDynamicProperties ?? []).entries()) {
    need(`alertDetailsOverride.alertDynamicProperties.${at}`, value);
  }
  return found;
}

/** A format with the values of a row; as for an alert, `otherwise` where one of its columns has none. */
export function rendered(
  format: string | undefined,
  row: Readonly<Record<string, unknown>>,
  otherwise: string,
): string {
  const values = new Map(placeholders(format ?? "").map((column) => [column, textOf(row[column])]));
  if (!format || [...values.values()].includes("")) return otherwise;
  return format.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, column: string) => values.get(column) ?? "");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
