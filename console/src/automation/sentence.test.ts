import { expect, test } from "vitest";
import { nameText, sentence } from "./sentence";
import type { RuleProperties } from "./rule";

const RULE: RuleProperties = {
  displayName: "r",
  order: 1,
  triggeringLogic: {
    isEnabled: true,
    triggersOn: "Incidents",
    triggersWhen: "Created",
    conditions: [
      { conditionType: "Property", conditionProperties: { propertyName: "IncidentSeverity", operator: "Equals", propertyValues: ["High", "Medium"] } }, // prettier-ignore
      {
        conditionType: "Boolean",
        conditionProperties: {
          operator: "Or",
          innerConditions: [
            { conditionType: "Property", conditionProperties: { propertyName: "HostName", operator: "NotStartsWith", propertyValues: ["test-"] } }, // prettier-ignore
            { conditionType: "Property", conditionProperties: { propertyName: "IPAddress", operator: "Equals", propertyValues: ["10.0.0.1"] } }, // prettier-ignore
          ],
        },
      },
    ],
  },
  actions: [
    { order: 1, actionType: "ModifyProperties", actionConfiguration: { owner: { assignedTo: "Ana" }, labels: [{ labelName: "vip" }] } }, // prettier-ignore
    { order: 2, actionType: "RunPlaybook", actionConfiguration: { logicAppResourceId: "/subscriptions/s/…/workflows/block-ip" } }, // prettier-ignore
    { order: 3, actionType: "AddIncidentTask", actionConfiguration: { title: "Call them" } },
  ],
};

test("a rule is one sentence, nested conditions and all actions included", () => {
  expect(sentence(RULE)).toBe(
    "When an incident is made and incident severity is “High” or “Medium” and (host name does not begin with “test-” or IP address is “10.0.0.1”), set owner Ana and label vip, then run block-ip, then add the task “Call them”.",
  );
});

test("changes and arrays are said", () => {
  const triggeringLogic: RuleProperties["triggeringLogic"] = {
    isEnabled: true,
    triggersOn: "Incidents",
    triggersWhen: "Updated",
    conditions: [
      { conditionType: "PropertyChanged", conditionProperties: { propertyName: "IncidentStatus", changeType: "ChangedTo", operator: "Equals", propertyValues: ["Closed"] } }, // prettier-ignore
      { conditionType: "PropertyArrayChanged", conditionProperties: { arrayType: "Alerts", changeType: "Added" } },
      {
        conditionType: "PropertyArray",
        conditionProperties: {
          arrayType: "CustomDetails",
          arrayConditionType: "AnyItem",
          itemConditions: [{ conditionType: "Property", conditionProperties: { propertyName: "IncidentCustomDetailsKey", operator: "Equals", propertyValues: ["Owner"] } }], // prettier-ignore
        },
      },
    ],
  };
  expect(sentence({ ...RULE, triggeringLogic, actions: [] })).toBe(
    "When an incident is changed and incident status was changed to what is “Closed” and alerts were added and any one of the custom details has incident custom details key is “Owner”, do nothing.",
  );
});

test("names are words", () => {
  expect(nameText("IPAddress")).toBe("IP address");
  expect(nameText("AccountUPNSuffix")).toBe("account UPN suffix");
  expect(nameText(undefined)).toBe("something");
});
