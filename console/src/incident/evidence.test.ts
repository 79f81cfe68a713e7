import { expect, test } from "vitest";
import { columnOrder, conditionText, evidenceOf, mappedAs } from "./evidence";
import type { Alert } from "./model";

const alert = (additionalData: Record<string, string>) =>
  ({ id: "a", name: "a", type: "t", properties: { alertDisplayName: "a", additionalData } }) as Alert;

test("an alert's query is run over the alert's time", () => {
  const evidence = evidenceOf(
    alert({
      Query: "T",
      "Query Start Time UTC": "2024-05-01 12:00:00Z",
      "Query End Time UTC": "2024-05-01T13:00:00.5Z",
      "Search Query Results Overall Count": "14",
      "Trigger Operator": "GreaterThan",
      "Trigger Threshold": "10",
      "Analytic Rule Ids": '["spray"]',
    }),
  );
  expect(evidence).toEqual({
    query: "T",
    timespan: "2024-05-01T12:00:00Z/2024-05-01T13:00:00.5Z",
    kept: undefined,
    count: 14,
    threshold: "> 10",
    ruleName: "spray",
  });
});

test("an alert of one event has kept it; an alert of a product has no query", () => {
  const evidence = evidenceOf(alert({ Query: "print 1", OriginalQuery: "T" }));
  expect([evidence.query, evidence.kept]).toEqual(["T", "print 1"]);
  expect(evidenceOf(alert({})).query).toBeUndefined();
});

test("time comes first, then what is mapped", () => {
  const columns = ["_ItemId", "Other", "Ip", "TenantId", "Account", "TimeGenerated"].map((name) => ({
    name,
    type: "string",
  }));
  const mappings = [
    { entityType: "Account", fieldMappings: [{ identifier: "FullName", columnName: "Account" }] },
    { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Ip" }] },
  ];
  expect(columnOrder(columns, mappings, []).map((at) => columns[at]?.name)).toEqual([
    "TimeGenerated",
    "Account",
    "Ip",
    "Other",
    "_ItemId",
    "TenantId",
  ]);
  expect(mappedAs("Ip", mappings)).toBe("IP Address");
});

test("a condition as people write it", () => {
  expect(conditionText("GreaterThan 10")).toBe("> 10");
});
