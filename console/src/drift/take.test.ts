import { expect, test } from "vitest";
import type { Rule } from "~/rules/model";
import { differencesOf, updated } from "./take";

function rule(properties: object): Rule {
  return {
    id: "/r",
    name: "r",
    type: "t",
    kind: "Scheduled",
    properties: { displayName: "Mine", enabled: false, ...properties },
  } as Rule;
}

const template = rule({ displayName: "Theirs", query: "T | where x", severity: "High", version: "1.2.0" });

test("a rule takes what its template decides, and keeps what is its own", () => {
  const mine = rule({
    query: "T",
    severity: "Low",
    templateVersion: "1.0.0",
    incidentConfiguration: { createIncident: false },
  });
  expect(differencesOf(mine, template).map(({ field }) => field)).toEqual(["query", "severity"]);
  expect(updated(mine, template, "1.2.0").properties).toMatchObject({
    displayName: "Mine",
    enabled: false,
    query: "T | where x",
    severity: "High",
    templateVersion: "1.2.0",
    incidentConfiguration: { createIncident: false },
  });
});

test("line ends and the order of properties are no difference", () => {
  const mine = rule({ query: "T | where x\r\n", severity: "High" });
  expect(differencesOf(mine, template)).toEqual([]);
});
