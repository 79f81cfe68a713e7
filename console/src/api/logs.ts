// The query API: a table of rows for a text of KQL.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
import type { ErrorDetail } from "./errors";
import type { Send } from "./request";

export interface Column {
  readonly name: string;
  readonly type: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface QueryAnswer {
  readonly tables: readonly Table[];
  readonly render?: Readonly<Record<string, unknown>>;
  readonly statistics?: { readonly query?: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;
  /** What went wrong although there are rows (PartialError). */
  readonly error?: { readonly code: string; readonly message: string; readonly details?: readonly ErrorDetail[] };
}

export interface QueryAsk {
  readonly query: string;
  /** ISO 8601: a duration, or two instants with a slash; nothing is all time. */
  readonly timespan?: string;
  readonly signal?: AbortSignal;
  /** Seconds that the query may run. */
  readonly wait?: number;
}

/** Run a query in a workspace, by its customer id. Raises ApiError. */
export async function runQuery(send: Send, workspaceId: string, ask: QueryAsk): Promise<QueryAnswer> {
  const wait = ask.wait ?? 180;
  const { body } = await send<QueryAnswer>({
    audience: "logs",
    method: "POST",
    path: `/v1/workspaces/${workspaceId}/query`,
    body: { query: ask.query, ...(ask.timespan ? { timespan: ask.timespan } : {}) },
    headers: { Prefer: `wait=${wait},include-render=true,include-statistics=true` },
    signal: ask.signal,
    patience: (wait + 15) * 1000,
  });
  return body;
}

/** The rows of a table as objects by column name. */
export function records(table: Table | undefined): Record<string, unknown>[] {
  if (!table) return [];
  return table.rows.map((row) => Object.fromEntries(table.columns.map((column, at) => [column.name, row[at]])));
}
