// Switching a rule on or off from its editor: at once, without what else is written and not saved.
import { useQueryClient } from "@tanstack/react-query";
import { useMay, missing } from "~/parts/gated";
import { done, failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { isAutoDisabled, repaired, sendable, WRITE, type Rule, type RuleProperties } from "../model";
import { PROVIDER, rulesKey } from "../useRules";
import { ruleIdOf, ruleKey, savedOf } from "./saved";
import type { RuleDraft } from "./useRuleDraft";

export function useSwitch(name: string, draft: RuleDraft): () => void {
  const place = usePlace();
  const client = useQueryClient();
  const may = useMay()(WRITE);
  const { base, body } = draft;
  const write = async (
    properties: RuleProperties,
    kind: string,
    etag: string,
    before: RuleProperties,
    undo?: RuleProperties,
  ): Promise<void> => {
    try {
      const answer = await place.arm.put<Rule>(ruleIdOf(place, name), PROVIDER, sendable({ kind, properties }), etag);
      const stored = answer.body;
      client.setQueryData(ruleKey(place, name), stored);
      void client.invalidateQueries({ queryKey: rulesKey(place.sentinel) });
      const { enabled } = stored.properties;
      // What was typed since, or after a switch that is taken back, stays.
      const written = draft.now().properties;
      const named = Object.fromEntries(
        (["displayName", "description"] as const)
          .filter((field) => written[field] === before[field])
          .map((field) => [field, stored.properties[field]]),
      );
      draft.replace({ kind, properties: { ...written, ...named, enabled } }, savedOf(stored));
      const back = undo && (() => void write(undo, kind, stored.etag ?? "", stored.properties));
      done(enabled ? "The rule is enabled" : "The rule is disabled", back);
    } catch (error) {
      failed("The rule stays as it is.", error);
    }
  };
  return () => {
    if (!may) return failed("The rule stays as it is.", new Error(missing(WRITE)));
    if (!base) return draft.change({ enabled: !body.properties.enabled });
    const { properties } = base;
    const next = isAutoDisabled(base) ? repaired(properties) : { ...properties, enabled: !properties.enabled };
    void write(next, base.kind, base.etag, properties, properties);
  };
}
