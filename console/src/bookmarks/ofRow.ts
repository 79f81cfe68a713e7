// What a bookmark of one row of a result holds: the row, the query that found it, and the window that was looked at.
// https://learn.microsoft.com/rest/api/securityinsights/bookmarks/create-or-update

export interface FoundRow {
  readonly displayName: string;
  readonly notes?: string;
  readonly query: string | undefined;
  readonly row: Readonly<Record<string, unknown>>;
  /** Instants in ISO 8601; without both, the bookmark has no window. */
  readonly from?: string;
  readonly to?: string;
}

export function bookmarkOfRow({ displayName, notes, query, row, from, to }: FoundRow): Record<string, unknown> {
  const at = row["TimeGenerated"];
  return {
    displayName,
    query,
    queryResult: JSON.stringify(row),
    ...(notes === undefined ? {} : { notes }),
    ...(typeof at === "string" ? { eventTime: at } : {}),
    ...(from && to ? { queryStartTime: from, queryEndTime: to } : {}),
  };
}
