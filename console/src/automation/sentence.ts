// An automation rule as one sentence that can be read aloud.
import { OPERATORS, type Action, type Condition, type RuleProperties } from "./rule";

/** `When an incident is created and its severity is High, set owner ana, then run block-ip.` */
export function sentence({ triggeringLogic, actions }: RuleProperties): string {
  const what = triggeringLogic.triggersOn === "Alerts" ? "an alert" : "an incident";
  const when = triggeringLogic.triggersWhen === "Updated" ? "changed" : "made";
  const conditions = (triggeringLogic.conditions ?? []).map(conditionText);
  const where = conditions.length > 0 ? ` and ${conditions.join(" and ")}` : "";
  return `When ${what} is ${when}${where}, ${actions.map(actionText).join(", then ") || "do nothing"}.`;
}

export function conditionText(condition: Condition): string {
  const { conditionType, conditionProperties: given } = condition;
  switch (conditionType) {
    case "Property":
      return `${nameText(given.propertyName)} ${OPERATORS[given.operator ?? "Equals"] ?? given.operator} ${valuesText(given.propertyValues)}`;
    case "PropertyArray": {
      const inner = (given.itemConditions ?? []).map(conditionText).join(" and ");
      return `${given.arrayConditionType === "AllItems" ? "every" : "any"} one of the ${nameText(given.arrayType)} has ${inner || "something"}`;
    }
    case "PropertyChanged": {
      const name = nameText(given.propertyName);
      if (!given.changeType || !given.propertyValues?.length) return `${name} was changed`;
      const way = given.changeType === "ChangedFrom" ? "from what" : "to what";
      return `${name} was changed ${way} ${OPERATORS[given.operator ?? "Equals"] ?? given.operator} ${valuesText(given.propertyValues)}`;
    }
    case "PropertyArrayChanged":
      return `${nameText(given.arrayType)} were added`;
    case "Boolean": {
      const joined = (given.innerConditions ?? []).map(conditionText).join(given.operator === "Or" ? " or " : " and ");
      return `(${joined})`;
    }
    default:
      return `a condition of kind ${String(conditionType)} holds`;
  }
}

export function actionText(action: Action): string {
  switch (action.actionType) {
    case "RunPlaybook":
      return `run ${action.actionConfiguration.logicAppResourceId.split("/").at(-1) || "a playbook"}`;
    case "AddIncidentTask":
      return `add the task “${action.actionConfiguration.title}”`;
    case "ModifyProperties": {
      const { severity, status, classification, classificationReason, owner, labels } = action.actionConfiguration;
      const parts = [
        severity && `severity ${severity}`,
        status && `status ${status}`,
        classification && `classification ${classification}${classificationReason ? ` (${classificationReason})` : ""}`,
        owner && `owner ${owner.assignedTo || owner.userPrincipalName || owner.objectId || "nobody"}`,
        labels?.length && `label ${labels.map(({ labelName }) => labelName).join(", ")}`,
      ].filter(Boolean);
      return `set ${parts.join(" and ") || "nothing"}`;
    }
    default:
      return `do ${String((action as { actionType: string }).actionType)}`;
  }
}

/** `IncidentCustomDetailsKey` as `incident custom details key`. */
export function nameText(name: string | undefined): string {
  if (!name) return "something";
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(" ");
}

function valuesText(values: readonly string[] | undefined): string {
  if (!values || values.length === 0) return "nothing";
  return values.map((value) => `“${value}”`).join(" or ");
}
