// What follows an incident or an alert of the rule: automation rules that take it, and playbooks of the rule's own.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { Failed } from "~/parts/states";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { PROVIDER } from "../useRules";
import { Section } from "./fields";
import { isForRule, type AutomationRule } from "./for_rule";

export function Automation({ ruleId }: { ruleId: string | undefined }) {
  const { arm, sentinel } = usePlace();
  const go = useGo();
  const rules = useQuery({
    queryKey: ["automationRules", sentinel],
    queryFn: ({ signal }) => arm.list<Resource<AutomationRule>>(`${sentinel}/automationRules`, PROVIDER, {}, signal),
    staleTime: 30_000,
  });
  const actions = useQuery({
    queryKey: ["ruleActions", ruleId],
    queryFn: ({ signal }) =>
      arm.list<Resource<{ logicAppResourceId?: string }>>(`${ruleId}/actions`, PROVIDER, {}, signal),
    enabled: ruleId !== undefined,
  });
  const following = (rules.data ?? []).filter(({ properties }) => isForRule(properties, ruleId));
  const playbooks = actions.data ?? [];
  const count = following.length + playbooks.length;
  return (
    <Section title="Automation" summary={count === 0 ? "none" : `${count}`}>
      {rules.isError && <Failed error={rules.error} again={() => void rules.refetch()} />}
      {actions.isError && <Failed error={actions.error} again={() => void actions.refetch()} />}
      <ul className="plain">
        {following.map(({ name, properties }) => (
          <li key={name}>
            {properties.order}. {properties.displayName}{" "}
            <span className="faint">
              {properties.triggeringLogic.triggersOn}, {properties.triggeringLogic.triggersWhen}
              {!properties.triggeringLogic.isEnabled && ", off"}
            </span>
          </li>
        ))}
        {playbooks.map(({ name, properties }) => (
          <li key={name}>
            Playbook {properties.logicAppResourceId?.split("/").at(-1)} <span className="faint">on each alert</span>
          </li>
        ))}
      </ul>
      {count === 0 && (
        <p className="faint">No automation rule takes incidents of this rule, and it starts no playbook.</p>
      )}
      <div>
        <button type="button" className="small" onClick={() => go("automation")}>
          Automation rules
        </button>
      </div>
    </Section>
  );
}
