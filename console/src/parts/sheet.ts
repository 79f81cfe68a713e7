// Rows for a spreadsheet, as CSV or TSV, of which it takes nothing for a formula.
import type { Table } from "~/api/logs";

/** A cell as text, as the API gave it: nothing for null, JSON for what is an object. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}

const NO_TEXTS = new Set(["int", "long", "real", "decimal", "bool", "datetime", "timespan"]);

const NUMBER = /^[-+]?(?:\d[\d.:]*|\.\d+)(?:e[-+]?\d+)?$/i;

/** RFC 4180. A text that a spreadsheet would take for a formula has an apostrophe before it; all else is the API's. */
export function csv(table: Table): string {
  const lines = [table.columns.map((each) => field(guarded(each.name))).join(",")];
  for (const row of table.rows) lines.push(cells(table, row).map(field).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** Tabs between cells, for pasting into a sheet; what would break a line or a cell is a blank. */
export function tsv(table: Pick<Table, "columns">, rows: readonly (readonly unknown[])[], withHead: boolean): string {
  const line = (texts: readonly string[]): string => texts.map((each) => each.replace(/[\t\r\n]+/g, " ")).join("\t");
  const head = table.columns.map((each) => guarded(each.name));
  return [...(withHead ? [head] : []), ...rows.map((row) => cells(table, row))].map(line).join("\n");
}

function cells({ columns }: Pick<Table, "columns">, row: readonly unknown[]): string[] {
  return columns.map(({ type }, at) => {
    const value = row[at];
    const isNumber = typeof value === "number" || (NO_TEXTS.has(type) && NUMBER.test(cellText(value)));
    return isNumber ? cellText(value) : guarded(cellText(value));
  });
}

/** What begins as a formula does, blanks before it or not, gets an apostrophe. */
function guarded(text: string): string {
  return /^(?:\s*[=+\-@]|[\t\r])/.test(text) ? `'${text}` : text;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
