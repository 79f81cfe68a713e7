// The rule that is being edited: what is saved, what is written, and that the latter survives a reload.
import { useCallback, useMemo, useRef, useState } from "react";
import { usePlace } from "~/shell/place";
import { differences, type Difference } from "../merge";
import type { RuleBody, RuleProperties } from "../model";
import { dropDraft, keepDraft, readDraft, type Saved } from "./drafts";

export interface RuleDraft {
  readonly body: RuleBody;
  /** What the draft was made from; undefined for a new rule. */
  readonly base: Saved | undefined;
  readonly changed: readonly Difference[];
  readonly change: (patch: Partial<RuleProperties>) => void;
  /** Put another body, and what it is made from, in its place. */
  readonly replace: (body: RuleBody, base: Saved | undefined) => void;
  /** What is written now, in an answer that comes later too. */
  readonly now: () => RuleBody;
  /** Go back to what was saved. */
  readonly discard: () => void;
}

/** `start` is what a new rule begins with, or the saved one with its ETag. */
export function useRuleDraft(name: string | undefined, start: RuleBody | Saved): RuleDraft {
  const { workspace } = usePlace();
  const saved = "etag" in start ? start : undefined;
  const [state, setState] = useState(() => {
    const kept = readDraft(workspace.id, name);
    return kept ? { body: kept.body, base: kept.base ?? saved } : { body: start as RuleBody, base: saved };
  });
  // Ahead of what is rendered: two changes in one go, or an answer that comes while somebody types, lose nothing.
  const latest = useRef(state);
  const keep = useCallback(
    (body: RuleBody, base: Saved | undefined) => {
      const isSame = base !== undefined && differences(base, body).length === 0;
      if (isSame) dropDraft(workspace.id, name);
      else keepDraft(workspace.id, name, { body, ...(base ? { base } : {}), at: new Date().toISOString() });
      latest.current = { body, base };
      setState(latest.current);
    },
    [workspace.id, name],
  );
  const { body, base } = state;
  const change = (patch: Partial<RuleProperties>): void => {
    const before = latest.current;
    const properties = { ...before.body.properties, ...patch } as RuleProperties;
    keep({ ...before.body, properties: withoutUndefined(properties) }, before.base);
  };
  const discard = (): void => {
    dropDraft(workspace.id, name);
    latest.current = { body: base ?? start, base };
    setState(latest.current);
  };
  const changed = useMemo(
    () => differences(base ?? { kind: body.kind, properties: { displayName: "", enabled: true } }, body),
    [base, body],
  );
  return { body, base, changed, change, replace: keep, now: useCallback(() => latest.current.body, []), discard };
}

function withoutUndefined(properties: RuleProperties): RuleProperties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as RuleProperties;
}
