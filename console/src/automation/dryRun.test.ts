import { expect, test } from "vitest";
import type { Resource } from "~/api/arm";
import { checkAll, effects, type Subject } from "./dryRun";
import type { Condition, RuleProperties } from "./rule";

const entity = (kind: string, properties: Record<string, unknown>): Resource => ({
  id: "",
  name: "",
  type: "",
  kind,
  properties,
});

const SUBJECT: Subject = {
  incident: {
    title: "Password spray on svc-sql",
    severity: "Medium",
    status: "New",
    labels: [{ labelName: "vip" }],
    additionalData: { tactics: ["CredentialAccess"] },
    owner: { assignedTo: null },
  },
  alerts: [
    entity("SecurityAlert", {
      productName: "Sentinel",
      additionalData: { "Custom Details": '{"Team":["blue","red"]}' },
    }),
  ],
  entities: [
    entity("Account", { accountName: "svc-sql", upnSuffix: "contoso.example" }),
    entity("Ip", { address: "203.0.113.7" }),
    entity("Host", { hostName: "WEB-03" }),
    entity("FileHash", { hashValue: "abc" }),
    entity("AzureResource", { resourceId: "/subscriptions/s1/resourceGroups/g" }),
  ],
};

const property = (propertyName: string, operator: string, ...propertyValues: string[]): Condition => ({
  conditionType: "Property",
  conditionProperties: { propertyName, operator, propertyValues },
});

const rule = (...conditions: Condition[]): RuleProperties => ({
  displayName: "r",
  order: 1,
  triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", conditions },
  actions: [],
});

test.each([
  [property("IncidentTitle", "Contains", "PASSWORD spray"), true],
  [property("IncidentTitle", "NotContains", "spray", "x"), false],
  [property("IncidentSeverity", "Equals", "High", "Medium"), true],
  [property("IncidentTactics", "Equals", "CredentialAccess"), true],
  [property("AccountName", "StartsWith", "svc-"), true],
  [property("AccountUPNSuffix", "EndsWith", ".example"), true],
  [property("IPAddress", "Equals", "203.0.113.7"), true],
  [property("HostName", "NotEquals", "web-03"), false],
  [property("FileHashValue", "Equals", "ABC"), true],
  [property("FileName", "Equals", "abc"), false],
  [property("AzureResourceSubscriptionId", "Equals", "s1"), true],
  [property("AlertProductNames", "Equals", "sentinel"), true],
  [property("IncidentLabel", "Equals", "vip"), true],
  [property("IncidentUpdatedBySource", "Equals", "User"), undefined],
  [{ conditionType: "PropertyArrayChanged", conditionProperties: { arrayType: "Alerts" } } as Condition, undefined],
])("%j holds: %s", (condition, expected) => {
  expect(checkAll(rule(condition), SUBJECT).holds).toBe(expected);
});

test("custom details are gone through one by one, with conditions on their values within", () => {
  const values = (wanted: string): Condition => ({
    conditionType: "PropertyArray",
    conditionProperties: {
      arrayType: "CustomDetails",
      arrayConditionType: "AnyItem",
      itemConditions: [
        property("IncidentCustomDetailsKey", "Equals", "Team"),
        {
          conditionType: "PropertyArray",
          conditionProperties: {
            arrayType: "CustomDetailValues",
            arrayConditionType: "AnyItem",
            itemConditions: [property("IncidentCustomDetailsValue", "Equals", wanted)],
          },
        },
      ],
    },
  });
  expect(checkAll(rule(values("red")), SUBJECT).holds).toBe(true);
  expect(checkAll(rule(values("green")), SUBJECT).holds).toBe(false);
});

test("what is not known does not hide what is: false stays false, or stays true", () => {
  const unknown: Condition = { conditionType: "PropertyArrayChanged", conditionProperties: { arrayType: "Alerts" } };
  const yes = property("IncidentStatus", "Equals", "New");
  const no = property("IncidentStatus", "Equals", "Closed");
  const either = (...innerConditions: Condition[]): Condition => ({
    conditionType: "Boolean",
    conditionProperties: { operator: "Or", innerConditions },
  });
  expect(checkAll(rule(unknown, no), SUBJECT).holds).toBe(false);
  expect(checkAll(rule(unknown, yes), SUBJECT).holds).toBe(undefined);
  expect(checkAll(rule(either(unknown, yes)), SUBJECT).holds).toBe(true);
});

test("effects name what would be other than now", () => {
  const properties: RuleProperties = {
    ...rule(),
    actions: [
      {
        order: 1,
        actionType: "ModifyProperties",
        actionConfiguration: {
          severity: "Medium",
          status: "Closed",
          labels: [{ labelName: "VIP" }, { labelName: "new" }],
        },
      },
      { order: 2, actionType: "AddIncidentTask", actionConfiguration: { title: "Call" } },
    ],
  };
  expect(effects(properties, SUBJECT.incident)).toEqual([
    { what: "status", before: "New", after: "Closed" },
    { what: "classification", before: "none", after: "Undetermined" },
    { what: "label added", after: "new" },
    { what: "task added", after: "Call" },
  ]);
});
