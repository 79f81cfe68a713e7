// Short questions in KQL: their rows as objects, and texts as KQL writes them.
import { records, runQuery, type QueryAsk } from "./logs";
import type { Send } from "./request";
import type { Workspace } from "./workspaces";

interface Where {
  readonly send: Send;
  readonly workspace: Workspace;
}

export type Row = Record<string, unknown>;

/** The rows of the first table. Raises ApiError. */
export async function askRows({ send, workspace }: Where, question: QueryAsk): Promise<Row[]> {
  return records((await runQuery(send, workspace.customerId, question)).tables[0]);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** What has no letter of its own, or would break a line. */
function isUnprintable(character: string): boolean {
  return /^[\p{Cc}\p{Zl}\p{Zp}]$/u.test(character);
}

function byNumber(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A text as a KQL string. */
export function quoted(text: string): string {
  const escaped = [...text].map((each) => ESCAPES[each] ?? (isUnprintable(each) ? byNumber(each) : each)).join("");
  return `"${escaped}"`;
}

/** An object of a dynamic column, or of a text with JSON; empty when it is neither. */
export function objectIn(value: unknown): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  if (typeof value !== "string" || !value.startsWith("{")) return {};
  try {
    return JSON.parse(value) as Row;
  } catch {
    return {}; // another program's text
  }
}
