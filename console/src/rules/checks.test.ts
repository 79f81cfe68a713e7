import { expect, test } from "vitest";
import { placeholders, problemsOf, rendered } from "./checks";
import { blankRule, NO_GROUPING, type RuleProperties } from "./model";

const COLUMNS = ["TimeGenerated", "Account", "Computer"];

function problems(more: Partial<RuleProperties>, kind = "Scheduled", columns: readonly string[] | undefined = COLUMNS) {
  const properties = { ...blankRule("T | take 1").properties, displayName: "R", ...more };
  return problemsOf({ kind, properties }, columns).map(({ place, message }) => `${place}: ${message}`);
}

test("a rule as the form begins with it lacks only what must be typed", () => {
  expect(problems({})).toEqual([]);
  expect(problems({ displayName: " ", query: "" })).toHaveLength(2);
});

test("limits of the schedule are told at the setting", () => {
  expect(problems({ queryFrequency: "PT1M" })[0]).toMatch(/^queryFrequency: From 5m to 14d/);
  expect(problems({ queryFrequency: "P1D", queryPeriod: "PT1H" })[0]).toMatch(/events are missed/);
  expect(problems({ queryFrequency: "PT5M", queryPeriod: "P3D" })[0]).toMatch(/every hour/);
  expect(problems({ triggerThreshold: 10_001 })).toHaveLength(1);
  expect(problems({ queryFrequency: "PT1M" }, "NRT")).toEqual([]);
});

test("a mapped column that the query does not give is told, with the one that is meant", () => {
  const mapping = (columnName: string): Partial<RuleProperties> => ({
    entityMappings: [{ entityType: "Account", fieldMappings: [{ identifier: "FullName", columnName }] }],
  });
  expect(problems(mapping("Account"))).toEqual([]);
  expect(problems(mapping("account"))).toEqual([
    "entityMappings.0.fieldMappings.0: The query gives no column “account”. Is it “Account”?",
  ]);
  expect(problemsOf({ kind: "NRT", properties: { ...blankRule("T").properties, displayName: "R", ...mapping("x") } }, undefined)).toEqual([]); // prettier-ignore
});

test("columns in details and formats are checked too", () => {
  expect(problems({ customDetails: { A: "Nope" } })[0]).toMatch(/^customDetails.A: /);
  const format = { alertDetailsOverride: { alertDisplayNameFormat: "{{A}} {{B}} {{C}} {{Account}}" } };
  expect(problems(format)).toHaveLength(4);
});

test("an identifier that the entity does not have is told", () => {
  const entityMappings = [{ entityType: "IP", fieldMappings: [{ identifier: "Name", columnName: "Account" }] }];
  expect(problems({ entityMappings })[0]).toMatch(/“Name” identifies no IP/);
});

test("grouping by what is not mapped is told", () => {
  const groupingConfiguration = {
    ...NO_GROUPING,
    enabled: true,
    matchingMethod: "Selected",
    groupByEntities: ["Host"],
  };
  expect(problems({ incidentConfiguration: { createIncident: true, groupingConfiguration } })[0]).toMatch(/No Host/);
});

test("a format is rendered with the row's values", () => {
  expect(placeholders("{{ A }} and {{B}}")).toEqual(["A", "B"]);
  expect(rendered("{{ A }} on {{B}}", { A: "svc", B: 3 }, "R")).toBe("svc on 3");
  expect(rendered("{{ A }} on {{B}}", { A: "svc", B: null }, "R")).toBe("R");
});
