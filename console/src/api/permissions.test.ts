import { expect, test } from "vitest";
import { isGranted } from "./permissions";

const responder = [
  { actions: ["Microsoft.SecurityInsights/*/read", "Microsoft.SecurityInsights/incidents/*"], notActions: [] },
  { actions: ["*/read"], notActions: ["Microsoft.Logic/*"] },
];

test("a wildcard stands for any text, in any casing", () => {
  expect(isGranted(responder, "microsoft.securityinsights/Incidents/write")).toBe(true);
  expect(isGranted(responder, "Microsoft.SecurityInsights/alertRules/write")).toBe(false);
});

test("what is taken away by notActions is not granted by the same permission", () => {
  expect(isGranted(responder, "Microsoft.Logic/workflows/read")).toBe(false);
  expect(isGranted(responder, "Microsoft.Insights/workbooks/read")).toBe(true);
});
