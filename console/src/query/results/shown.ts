// How cells are shown: one short line each, however large the value.
import type { Column, Table } from "~/api/logs";
import type { GridColumn } from "~/parts/Grid";
import { instantText } from "~/parts/time";
import { cellText } from "~/parts/sheet";

const LONGEST = 300; // characters of a cell that are drawn

export function shortText(value: unknown, type: string, zone: "utc" | "local"): string {
  if (type === "datetime" && typeof value === "string") return datetimeText(value, zone);
  const text = cellText(value);
  return (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replace(/[\r\n\t]+/g, " ");
}

/** With its fraction of a second, which an investigation may hang on. */
export function datetimeText(value: string, zone: "utc" | "local"): string {
  if (zone === "utc") return value.replace("T", " ");
  const fraction = /\.\d+/.exec(value)?.[0] ?? "";
  const text = instantText(value, zone);
  return `${text.slice(0, 19)}${fraction}${text.slice(19)}`;
}

/** The columns that hold nothing in any row; none where there are few columns. */
export function emptyColumns(table: Table): Set<number> {
  if (table.columns.length <= FEW_COLUMNS) return new Set();
  const empty = new Set(table.columns.keys());
  for (const row of table.rows) {
    for (const at of empty) {
      const value = row[at];
      if (value !== null && value !== undefined && value !== "") empty.delete(at);
    }
    if (empty.size === 0) break;
  }
  return empty.size === table.columns.length ? new Set() : empty;
}

const FEW_COLUMNS = 12;
const NUMBERS = new Set(["int", "long", "real", "decimal"]);
const SAMPLE = 40; // rows that say how wide a column is
const PIXELS = 7.8; // of a character

export function gridColumns(table: Table): GridColumn[] {
  const sample = table.rows.slice(0, SAMPLE);
  return table.columns.map((column, at) => ({
    key: `${at} ${column.name}`,
    title: column.name,
    hint: `${column.name}: ${column.type}`,
    width: widthOf(column, sample, at),
    ...(NUMBERS.has(column.type) ? { align: "right" as const } : {}),
  }));
}

function widthOf(column: Column, sample: Table["rows"], at: number): number {
  const longest = sample.reduce((most, row) => Math.max(most, shortText(row[at], column.type, "utc").length), 0);
  const characters = Math.max(column.name.length + 2, Math.min(longest, 46));
  return Math.round(Math.max(56, characters * PIXELS + 18));
}
