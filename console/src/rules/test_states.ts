// How the tests of each rule ended when they were last run in this browser.
import type { TestState } from "./filters";
import type { Rule } from "./model";

const KEPT = "vedette.ruleTests";

interface Kept {
  readonly passed: number;
  readonly failed: number;
  readonly at: string;
  readonly etag: string;
}

function read(): Record<string, Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, Kept>;
  } catch {
    return {}; // somebody else wrote there; the next run writes it anew
  }
}

/** Looks up the states of a workspace's rules. */
export function testStates(workspaceId: string): { get: (rule: Rule) => TestState | undefined } {
  const kept = read();
  return {
    get(rule) {
      const found = kept[keyOf(workspaceId, rule.name)];
      return found && { ...found, isStale: found.etag !== (rule.etag ?? "") };
    },
  };
}

export function keepTestState(workspaceId: string, rule: Rule, state: Pick<Kept, "passed" | "failed" | "at">): void {
  const kept = { ...read(), [keyOf(workspaceId, rule.name)]: { ...state, etag: rule.etag ?? "" } };
  localStorage.setItem(KEPT, JSON.stringify(kept));
}

function keyOf(workspaceId: string, name: string): string {
  return `${workspaceId}/${name}`.toLowerCase();
}
