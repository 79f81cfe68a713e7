// What chosen rows give to a parameter: a field of each, or the whole row as JSON.
import type { Table } from "~/api/logs";
import type { Export } from "./item";
import { textOf } from "./json";
import { joined, plain, type ParameterValue } from "./values";

/** Undefined when nothing is chosen: then the default holds. */
export function exported(
  table: Table,
  rows: readonly number[],
  what: Export,
  several: boolean,
): ParameterValue | undefined {
  if (rows.length === 0) return undefined;
  const texts = rows.map((at) => fieldOf(table, at, what.field));
  if (!several) return plain(texts[0] ?? "");
  return joined(texts, texts, what.quote, what.delimiter);
}

function fieldOf(table: Table, at: number, field: string): string {
  const row = table.rows[at] ?? [];
  if (field === "") {
    return JSON.stringify(Object.fromEntries(table.columns.map((column, index) => [column.name, row[index] ?? null])));
  }
  const exact = table.columns.findIndex((column) => column.name === field);
  const column =
    exact >= 0 ? exact : table.columns.findIndex((each) => each.name.toLowerCase() === field.toLowerCase());
  const value = row[column];
  return typeof value === "object" && value !== null ? JSON.stringify(value) : textOf(value);
}
