// A table as a file of comma-separated values that no spreadsheet takes for formulas.
import type { Table } from "~/api/logs";
import { textOf } from "../model/json";

export function csvOf(table: Table): string {
  const lines = [table.columns.map((each) => each.name), ...table.rows.map((row) => row.map(cellText))];
  return lines.map((line) => line.map(quoted).join(",")).join("\r\n");
}

function cellText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : textOf(value);
}

/** A cell that begins as a formula does gets an apostrophe before it. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function downloadCsv(table: Table, name: string): void {
  const url = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replaceAll(/[^\w-]+/g, "-")}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
