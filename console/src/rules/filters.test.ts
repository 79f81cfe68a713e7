import { expect, test } from "vitest";
import { joined } from "./activity";
import { filtered, type Filters, type Row } from "./filters";
import { blankRule, type RuleProperties } from "./model";

const NONE: Filters = { search: "", kind: "", enabled: "", severity: "", tactic: "", only: "", sort: "name" };

function row(displayName: string, more: Partial<RuleProperties> = {}, activity: Partial<Row["activity"]> = {}): Row {
  const properties = { ...blankRule("SigninLogs").properties, displayName, ...more };
  return {
    rule: { id: displayName, name: displayName, type: "", kind: "Scheduled", properties },
    activity: { runs: 1, failures: 0, fires: [], ...activity },
    drift: { state: "none" },
    tests: undefined,
    isDrafted: false,
  };
}

const rows = [
  row("Spray", { techniques: ["T1110"], severity: "High" }, { fires: [0, 2] }),
  row("Travel", { enabled: false }, { status: "Failure", description: "no table" }),
  row("AUTO DISABLED Tunnel", { enabled: false, tactics: ["Exfiltration"] }),
];
const names = (filters: Partial<Filters>): string[] =>
  filtered(rows, { ...NONE, ...filters }).map(({ rule }) => rule.name);

test("words are looked for in name, techniques and query, all of them", () => {
  expect(names({ search: "t1110 signin" })).toEqual(["Spray"]);
  expect(names({ search: "t1110 travel" })).toEqual([]);
});

test("each filter keeps what it says", () => {
  expect(names({ enabled: "true" })).toEqual(["Spray"]);
  expect(names({ tactic: "Exfiltration" })).toEqual(["AUTO DISABLED Tunnel"]);
  expect(names({ only: "failing" })).toEqual(["Travel"]);
  expect(names({ only: "autodisabled" })).toEqual(["AUTO DISABLED Tunnel"]);
  expect(names({ only: "fired" })).toEqual(["Spray"]);
  expect(names({ only: "silent" })).toEqual([]);
});

test("the order is by what was asked, then by name", () => {
  expect(names({ sort: "severity" })).toEqual(["Spray", "AUTO DISABLED Tunnel", "Travel"]);
  expect(names({ sort: "fires" })[0]).toBe("Spray");
});

test("runs and fires of a rule are put together by its name", () => {
  const found = joined(
    [{ Rule: "a", TimeGenerated: "2026-01-01T00:00:00Z", Status: "Success", Description: "", Runs: 3, Failures: 1 }],
    [
      { Rule: "a", Day: 0, Alerts: 4 },
      { Rule: "a", Day: 13, Alerts: 1 },
      { Rule: "b", Day: 2, Alerts: 1 },
    ],
  );
  expect(found.get("a")).toMatchObject({ runs: 3, failures: 1 });
  expect(found.get("a")?.fires.at(-1)).toBe(4);
  expect(found.get("a")?.fires[0]).toBe(1);
  expect(found.get("b")).toMatchObject({ runs: 0 });
});
