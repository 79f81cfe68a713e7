import { expect, test } from "vitest";
import { fromJson, toTemplate } from "./arm_template";
import { blankRule } from "./model";
import { NotARule, type NamedRule } from "./named_rule";
import { fromYaml, toYaml } from "./yaml_form";

const rule: NamedRule = {
  name: "rule-'1'",
  kind: "Scheduled",
  properties: {
    ...blankRule('SigninLogs\n| where A == "x"\n').properties,
    displayName: "[a] name [b]",
    queryFrequency: "PT5M",
    queryPeriod: "PT1H30M",
    tactics: ["CredentialAccess"],
    techniques: ["T1110"],
    subTechniques: ["T1110.003"],
    entityMappings: [{ entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Ip" }] }],
  },
};

test("a rule comes back from a template as it went in", () => {
  expect(fromJson(JSON.stringify(toTemplate([rule])))).toEqual([rule]);
});

test("a rule comes back from YAML as it went in", () => {
  const text = toYaml([rule, { ...rule, name: "second" }]);
  expect(text).toContain("queryFrequency: 5m");
  expect(text).toContain("triggerOperator: gt");
  expect(text).toContain("query: |\n");
  expect(fromYaml(text)).toEqual([rule, { ...rule, name: "second" }]);
});

test("a file of the repository is read: techniques apart, defaults filled", () => {
  const [read] = fromYaml(
    "id: 1\nname: N\nquery: T\nqueryFrequency: 1d\nqueryPeriod: 1d\ntactics: [Credential Access]\nrelevantTechniques: [T1110.003]\nrequiredDataConnectors: []\n",
  );
  expect(read).toMatchObject({ name: "1", kind: "Scheduled" });
  expect(read?.properties).toMatchObject({
    displayName: "N",
    queryFrequency: "P1D",
    tactics: ["CredentialAccess"],
    techniques: ["T1110"],
    subTechniques: ["T1110.003"],
    enabled: true,
  });
  expect(read?.properties["requiredDataConnectors"]).toBeUndefined();
});

test("what is no rule is refused with the reason", () => {
  expect(() => fromJson("{")).toThrow(NotARule);
  expect(() => fromJson('{"resources": [{"type": "x/workbooks"}]}')).toThrow(/alertRules/);
  expect(() => fromYaml("just text")).toThrow(/mapping/);
  expect(() => fromYaml("a: [")).toThrow(/YAML/);
  const computed = JSON.stringify({ kind: "Scheduled", name: "n", properties: { displayName: "[parameters('x')]" } });
  expect(() => fromJson(computed)).toThrow(/Deployments/);
});
