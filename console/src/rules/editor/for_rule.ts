// Whether an automation rule takes what an analytics rule makes, by its conditions on the rule's id.
// https://learn.microsoft.com/rest/api/securityinsights/automation-rules/create-or-update

export interface AutomationRule {
  readonly displayName: string;
  readonly order: number;
  readonly triggeringLogic: {
    readonly isEnabled: boolean;
    readonly triggersOn: string;
    readonly triggersWhen: string;
    readonly conditions?: readonly Condition[];
  };
}

interface Condition {
  readonly conditionType: string;
  readonly conditionProperties?: {
    readonly propertyName?: string;
    readonly operator?: string;
    readonly propertyValues?: readonly string[];
  };
}

const OF_RULES = new Set(["IncidentRelatedAnalyticRuleIds", "AlertAnalyticRuleIds"]);

/** Without a condition on rules it takes all of them; other conditions are the incident's matter. */
export function isForRule({ triggeringLogic }: AutomationRule, ruleId: string | undefined): boolean {
  return (triggeringLogic.conditions ?? [])
    .filter(({ conditionProperties }) => OF_RULES.has(conditionProperties?.propertyName ?? ""))
    .every(({ conditionProperties: { operator = "", propertyValues = [] } = {} }) => {
      const isNamed =
        ruleId !== undefined && propertyValues.some((each) => each.toLowerCase() === ruleId.toLowerCase());
      return operator.startsWith("Not") ? !isNamed : isNamed;
    });
}
