// The evidence of an alert: the query that finds its events again, over which time, and in which order its columns are read.
import type { Column, Table } from "~/api/logs";
import type { Alert } from "./model";
import { visible } from "~/parts/visible";

export interface Evidence {
  /** What gives the alert's rows as they are now; undefined for an alert of a product that has no query. */
  readonly query: string | undefined;
  /** ISO 8601, for the query API. */
  readonly timespan: string | undefined;
  /** The event that the alert kept when it was raised, as a query; only an alert for each event has one. */
  readonly kept: string | undefined;
  /** How many rows there were when the alert was raised. */
  readonly count: number | undefined;
  readonly threshold: string;
  readonly ruleName: string;
}

/** https://learn.microsoft.com/azure/sentinel/customize-alert-details */
export function evidenceOf(alert: Alert): Evidence {
  const told = alert.properties.additionalData ?? {};
  const isOfEvent = told["OriginalQuery"] !== undefined;
  const start = instant(told["Query Start Time UTC"]);
  const end = instant(told["Query End Time UTC"]);
  const count = Number(told["Search Query Results Overall Count"]);
  return {
    query: (isOfEvent ? told["OriginalQuery"] : told["Query"]) || undefined,
    timespan: start && end ? `${start}/${end}` : undefined,
    kept: isOfEvent ? told["Query"] : undefined,
    count: told["Search Query Results Overall Count"] !== undefined && Number.isFinite(count) ? count : undefined,
    threshold: [OPERATORS[told["Trigger Operator"] ?? ""] ?? told["Trigger Operator"], told["Trigger Threshold"]]
      .filter(Boolean)
      .join(" "),
    ruleName: ruleOf(told["Analytic Rule Ids"]) ?? "",
  };
}

const OPERATORS: Readonly<Record<string, string>> = {
  GreaterThan: ">",
  LessThan: "<",
  Equal: "=",
  NotEqual: "≠",
};

/** `GreaterThan 10` as `> 10`. */
export function conditionText(condition: string): string {
  const [operator = "", ...rest] = condition.split(" ");
  return [OPERATORS[operator] ?? operator, ...rest].join(" ");
}

/** `2024-05-01 12:00:00Z` as the query API takes it. */
function instant(text: string | undefined): string | undefined {
  return text && !Number.isNaN(Date.parse(text.replace(" ", "T"))) ? text.replace(" ", "T") : undefined;
}

function ruleOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) && typeof ids[0] === "string" ? ids[0].slice(ids[0].lastIndexOf("/") + 1) : undefined;
  } catch {
    return undefined; // another product's alert may write it otherwise
  }
}

export interface Mapping {
  readonly entityType: string;
  readonly fieldMappings: readonly { readonly identifier: string; readonly columnName: string }[];
}

/** The columns' places in the order in which they are read: time, those of entities, those of details, the others. */
export function columnOrder(
  columns: readonly Column[],
  mappings: readonly Mapping[],
  details: readonly string[],
): number[] {
  const mapped = mappings.flatMap((each) => each.fieldMappings.map((field) => field.columnName));
  const first = ["TimeGenerated", ...mapped, ...details];
  const rank = (column: Column): number => {
    const at = first.indexOf(column.name);
    if (at >= 0) return at;
    return first.length + (column.name.startsWith("_") || BORING.has(column.name) ? 1 : 0);
  };
  return columns
    .map((column, index) => ({ index, rank: rank(column) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ index }) => index);
}

const BORING = new Set(["TenantId", "SourceSystem", "MG", "ManagementGroupName"]);

/** Which entity a column is mapped to: `IP Address`; empty when it is none. */
export function mappedAs(column: string, mappings: readonly Mapping[]): string {
  return mappings
    .flatMap((each) =>
      each.fieldMappings
        .filter((field) => field.columnName === column)
        .map((field) => `${each.entityType} ${field.identifier}`),
    )
    .join(", ");
}

/** A table with columns in another order. */
export function reordered(table: Table, order: readonly number[]): Table {
  return {
    name: table.name,
    columns: order.map((at) => table.columns[at]!),
    rows: table.rows.map((row) => order.map((at) => row[at])),
  };
}

/** What a cell shows. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
}
