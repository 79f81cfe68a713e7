// Rules that are written and not saved yet: kept in this browser until they are saved or given up.
import { ownKey } from "~/session/own";
import type { RuleBody } from "../model";

/** A rule as it is on the server, with the ETag that it had. */
export interface Saved extends RuleBody {
  readonly etag: string;
}

export interface Draft {
  readonly body: RuleBody;
  /** What it was made from; absent for a new rule. */
  readonly base?: Saved;
  /** When it was changed last. */
  readonly at: string;
}

const KEPT = "vedette.ruleDraft";

function keyOf(workspaceId: string, name: string | undefined): string {
  return `${ownKey(KEPT)}/${workspaceId}/${name ?? "(new)"}`.toLowerCase();
}

export function readDraft(workspaceId: string, name: string | undefined): Draft | undefined {
  const text = localStorage.getItem(keyOf(workspaceId, name));
  if (!text) return undefined;
  try {
    const draft = JSON.parse(text) as Draft;
    return typeof draft.body?.properties?.displayName === "string" ? draft : undefined;
  } catch {
    return undefined; // somebody else wrote there; the next change writes it anew
  }
}

export function keepDraft(workspaceId: string, name: string | undefined, draft: Draft): void {
  localStorage.setItem(keyOf(workspaceId, name), JSON.stringify(draft));
}

export function dropDraft(workspaceId: string, name: string | undefined): void {
  localStorage.removeItem(keyOf(workspaceId, name));
}

/** The names of rules of a workspace that have a draft, in lower case. */
export function drafted(workspaceId: string): ReadonlySet<string> {
  const prefix = keyOf(workspaceId, "");
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "");
  return new Set(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
}
