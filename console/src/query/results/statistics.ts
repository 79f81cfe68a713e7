// How a run went, in a line: rows, times, data.
import type { Table } from "~/api/logs";
import type { Run } from "../runs";

interface Told {
  readonly executionTime?: number;
  readonly resourceUsage?: { readonly cpu?: Readonly<Record<string, string>> };
  readonly inputDatasetStatistics?: { readonly extents?: { readonly scannedSize?: number } };
  readonly datasetStatistics?: readonly { readonly tableRowCount?: number; readonly tableSize?: number }[];
}

export function summary(run: Run, table: Table): string {
  const told = (run.answer?.statistics?.query ?? {}) as Told;
  const rows = table.rows.length;
  const size = (told.datasetStatistics ?? []).reduce((sum, each) => sum + (each.tableSize ?? 0), 0);
  const cpu = told.resourceUsage?.cpu?.["total cpu"];
  const read = told.inputDatasetStatistics?.extents?.scannedSize;
  return [
    `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`,
    `${Math.round(run.took ?? 0).toLocaleString("en-US")} ms`,
    ...(told.executionTime === undefined ? [] : [`server ${Math.round(told.executionTime * 1000)} ms`]),
    ...(cpu ? [`CPU ${cpu}`] : []),
    ...(read === undefined ? [] : [`${bytes(read)} read`]),
    ...(size > 0 ? [`${bytes(size)} of results`] : []),
  ].join(" · ");
}

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = count;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${value.toFixed(at === 0 || value >= 100 ? 0 : 1)} ${units[at]}`;
}
