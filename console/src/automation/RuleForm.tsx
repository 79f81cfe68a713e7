// The form of an automation rule: trigger, conditions of every kind, actions of every kind, and the sentence that they make.
import { useState } from "react";
import { CheckField, FormDialog, SelectField, TextField } from "~/parts/form";
import { ActionsEditor } from "./ActionsEditor";
import type { AutomationChanges } from "./changes";
import { ConditionsEditor } from "./ConditionsEditor";
import { newRule, WRITE, type AutomationRule, type Condition, type RuleProperties } from "./rule";
import { sentence } from "./sentence";

const OF_CHANGES = new Set<Condition["conditionType"]>(["PropertyChanged", "PropertyArrayChanged"]);

export default function RuleForm(props: {
  changes: AutomationChanges;
  rule?: AutomationRule;
  order: number;
  close: () => void;
}) {
  const { rule } = props;
  const [properties, setProperties] = useState<RuleProperties>(rule?.properties ?? newRule(props.order));
  const { triggeringLogic } = properties;
  const set = (change: Partial<RuleProperties>): void => setProperties((before) => ({ ...before, ...change }));
  const setLogic = (change: Partial<RuleProperties["triggeringLogic"]>): void =>
    set({ triggeringLogic: { ...triggeringLogic, ...change } });
  const trigger = (value: string): void => {
    const [on, when] = value.split(" ") as ["Incidents" | "Alerts", "Created" | "Updated"];
    const conditions = (triggeringLogic.conditions ?? []).filter(
      ({ conditionType }) => when === "Updated" || !OF_CHANGES.has(conditionType),
    );
    setLogic({ triggersOn: on, triggersWhen: when, conditions });
  };
  const expires = (text: string): void => {
    const { expirationTimeUtc: _, ...rest } = triggeringLogic;
    set({ triggeringLogic: text ? { ...rest, expirationTimeUtc: text } : rest });
  };
  return (
    <FormDialog
      title={rule ? `Automation rule “${rule.properties.displayName}”` : "New automation rule"}
      action={WRITE}
      wide
      close={props.close}
      send={() => props.changes.save(rule?.name ?? crypto.randomUUID(), properties, rule?.etag)}
      {...problemOf(properties)}
    >
      <p className="codebox" aria-live="polite">
        {sentence(properties)}
      </p>
      <div className="pair">
        <TextField
          label="Name"
          required
          value={properties.displayName}
          set={(displayName) => set({ displayName })}
          most={500}
        />
        <TextField
          label="Order"
          type="number"
          hint="1 to 1,000; the lowest runs first."
          value={String(properties.order)}
          set={(text) => set({ order: Number(text) })}
        />
      </div>
      <div className="pair">
        <SelectField
          label="When"
          value={`${triggeringLogic.triggersOn} ${triggeringLogic.triggersWhen}`}
          set={trigger}
          options={[
            ["Incidents Created", "an incident is made"],
            ["Incidents Updated", "an incident is changed"],
            ["Alerts Created", "an alert is made"],
          ]}
        />
        <TextField
          label="Expires (UTC)"
          placeholder="2027-01-01T00:00:00Z"
          value={triggeringLogic.expirationTimeUtc ?? ""}
          set={expires}
          hint="Empty is never."
        />
      </div>
      <CheckField label="On" value={triggeringLogic.isEnabled} set={(isEnabled) => setLogic({ isEnabled })} />
      <ConditionsEditor
        label="Conditions"
        isUpdate={triggeringLogic.triggersWhen === "Updated"}
        value={triggeringLogic.conditions ?? []}
        set={(conditions) => setLogic({ conditions })}
        depth={0}
      />
      <ActionsEditor
        onlyPlaybooks={triggeringLogic.triggersOn === "Alerts"}
        value={properties.actions}
        set={(actions) => set({ actions })}
      />
    </FormDialog>
  );
}

function problemOf({ displayName, actions, order, triggeringLogic }: RuleProperties): { problem?: string } {
  if (!displayName.trim()) return { problem: "It needs a name." };
  if (!Number.isInteger(order) || order < 1 || order > 1000) return { problem: "The order is from 1 to 1,000." };
  if (actions.length === 0) return { problem: "It needs an action." };
  if (triggeringLogic.triggersOn === "Alerts" && actions.some(({ actionType }) => actionType !== "RunPlaybook"))
    return { problem: "A rule for alerts can only run playbooks." };
  if (actions.some((each) => each.actionType === "RunPlaybook" && !each.actionConfiguration.logicAppResourceId))
    return { problem: "Choose the playbook that is run." };
  if (actions.some((each) => each.actionType === "AddIncidentTask" && !each.actionConfiguration.title.trim()))
    return { problem: "A task needs a title." };
  return {};
}
