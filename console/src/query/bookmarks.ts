// Rows kept as bookmarks: each with the query that found it and the window that was looked at.
import type { Table } from "~/api/logs";
import { bookmarkOfRow } from "~/bookmarks/ofRow";
import type { Place } from "~/shell/place";
import { record } from "./files";
import { windowOf } from "./timespan";

export const BOOKMARK_WRITE = "Microsoft.SecurityInsights/bookmarks/write";
export const MOST_BOOKMARKS = 100; // at once

export interface Source {
  readonly table: Table;
  readonly query: string;
  readonly timespan: string;
  readonly ranAt: Date;
  readonly name: string;
  readonly note: string;
}

function bookmarkOf(source: Source, row: readonly unknown[]): Record<string, unknown> {
  const window = windowOf(source.timespan, source.ranAt);
  return bookmarkOfRow({
    displayName: source.name,
    notes: source.note || undefined,
    query: source.query,
    row: record(source.table, row),
    from: window?.from.toISOString(),
    to: window?.to.toISOString(),
  });
}

/** One bookmark a row. Gives their ids. Raises ApiError. */
export async function keepRows(
  place: Place,
  source: Source,
  rows: readonly (readonly unknown[])[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const row of rows) {
    const id = `${place.sentinel}/bookmarks/${crypto.randomUUID()}`;
    await place.arm.put(id, "Microsoft.SecurityInsights", { properties: bookmarkOf(source, row) });
    ids.push(id);
  }
  return ids;
}
