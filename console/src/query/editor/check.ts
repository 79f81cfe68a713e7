// What the server's compiler says of a query while it is written: the same that running it would say.
import type { Send } from "~/api/request";
import type { Column } from "~/api/logs";

export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning" | "suggestion" | (string & {});
  readonly message: string;
  readonly hint: string | null;
  /** Offsets of characters (code points) in the query. */
  readonly start: number;
  readonly end: number;
}

export interface Checked {
  readonly valid: boolean;
  readonly columns?: readonly Column[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Ask the server whether a query is right, over a time when it is confined to one, and which columns it gives. Raises ApiError. */
export async function checkQuery(
  send: Send,
  workspaceId: string,
  query: string,
  signal?: AbortSignal,
  timespan?: string,
): Promise<Checked> {
  const path = `/vedette/workspaces/${workspaceId}/check`;
  return (
    await send<Checked>({
      audience: "logs",
      method: "POST",
      path,
      body: { query, ...(timespan ? { timespan } : {}) },
      signal,
    })
  ).body;
}

/** Where a count of code points is in JavaScript's characters, of which some letters take two. */
export function toUnits(text: string, points: number): number {
  let at = 0;
  for (let count = 0; count < points && at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

/** The other way round. */
export function toPoints(text: string, units: number): number {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}

/** The name that a hint proposes instead: `Did you mean 'X'?`. */
export function proposed(hint: string | null): string | undefined {
  return /^Did you mean '(.+)'\?/.exec(hint ?? "")?.[1];
}
