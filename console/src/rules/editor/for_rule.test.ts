import { expect, test } from "vitest";
import { isForRule, type AutomationRule } from "./for_rule";

function automation(operator: string, propertyValues: readonly string[]): AutomationRule {
  const conditionProperties = { propertyName: "IncidentRelatedAnalyticRuleIds", operator, propertyValues };
  return {
    displayName: "",
    order: 1,
    triggeringLogic: {
      isEnabled: true,
      triggersOn: "Incidents",
      triggersWhen: "Created",
      conditions: [{ conditionType: "Property", conditionProperties }],
    },
  };
}

test("an automation rule takes the rules that it names, in any casing", () => {
  expect(isForRule(automation("Contains", ["/A/rule"]), "/a/Rule")).toBe(true);
  expect(isForRule(automation("Contains", ["/a/other"]), "/a/rule")).toBe(false);
  expect(isForRule(automation("NotContains", ["/a/other"]), "/a/rule")).toBe(true);
  expect(isForRule(automation("Contains", ["/a/other"]), undefined)).toBe(false);
});

test("without a condition on rules it takes all", () => {
  const all = automation("Contains", []);
  expect(isForRule({ ...all, triggeringLogic: { ...all.triggeringLogic, conditions: [] } }, undefined)).toBe(true);
});
