import { expect, test } from "vitest";
import { canonical, driftOf, isOlder } from "./drift";
import { blankRule, type Rule, type RuleProperties } from "./model";

function rule(more: Partial<RuleProperties>): Rule {
  return { id: "r", name: "r", type: "t", kind: "Scheduled", properties: { ...blankRule("T").properties, ...more } };
}

const templates = new Map([["t1", rule({ version: "1.2.0", displayName: "A template" })]]);

test("a rule without a template does not drift", () => {
  expect(driftOf(rule({}), templates, new Map())).toEqual({ state: "none" });
});

test("a template that is gone is told", () => {
  expect(driftOf(rule({ alertRuleTemplateName: "other" }), templates, new Map())).toEqual({ state: "gone" });
});

test("an older version is behind, whatever else differs", () => {
  const old = rule({ alertRuleTemplateName: "T1", templateVersion: "1.1.9", query: "X" });
  expect(driftOf(old, templates, new Map())).toEqual({ state: "behind", version: "1.1.9", newest: "1.2.0" });
});

test("the same version with another text was changed here", () => {
  const changed = rule({ alertRuleTemplateName: "t1", templateVersion: "1.2.0", query: "X", severity: "Low" });
  expect(driftOf(changed, templates, new Map())).toMatchObject({ state: "changed", fields: ["query", "severity"] });
});

test("a blank at the end and the order of properties are no change", () => {
  const same = rule({ alertRuleTemplateName: "t1", templateVersion: "1.2.0", query: "T\n" });
  expect(driftOf(same, templates, new Map()).state).toBe("same");
  expect(canonical({ a: 1, b: 2 })).toBe(canonical({ b: 2, a: 1 }));
});

test("the version may come from the content's template", () => {
  const bare = new Map([["t1", rule({})]]);
  const behind = driftOf(rule({ alertRuleTemplateName: "t1", templateVersion: "1.0" }), bare, new Map([["t1", "2.0"]]));
  expect(behind.state).toBe("behind");
});

test.each([
  ["1.0.9", "1.0.10", true],
  ["1.1", "1.1.0", false],
  ["2.0.0", "1.9.9", false],
])("%s before %s: %s", (a, b, older) => expect(isOlder(a, b)).toBe(older));
