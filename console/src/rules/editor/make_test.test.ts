import { expect, test } from "vitest";
import { parse } from "yaml";
import type { WindowTold } from "./explanation";
import { expectationOf, keptOf, tablesIn, withTest, type MadeTest } from "./make_test";

const KNOWN = ["SigninLogs", "DnsEvents", "Heartbeat"];

test("the tables of a query are found, and not those of texts and comments", () => {
  const query = '// Heartbeat\nSigninLogs | where A == "DnsEvents" | join (DnsEvents) on B | union SigninLogs';
  expect(tablesIn(query, KNOWN)).toEqual(["SigninLogs", "DnsEvents"]);
});

test("an event keeps its time and what the query names", () => {
  const row = { TimeGenerated: "t", A: 1, B: "", C: "c", Type: "SigninLogs", TenantId: "x" };
  expect(keptOf(row, "SigninLogs | where A > 0 and B == '' and Type == 'x'")).toEqual({ TimeGenerated: "t", A: 1 });
});

const made: MadeTest = {
  name: "fires",
  clock: "2026-01-01T00:00:00Z",
  events: { T: [{ A: 1 }] },
  expect: { alerts: 1 },
};

test("a test is added behind those that are there, under a name of its own, and comments stay", async () => {
  const first = await withTest("", made);
  expect(parse(first)).toEqual({ tests: [made] });
  expect(first).toContain("- {A: 1}\n");
  const second = await withTest(`# mine\n${first}`, made);
  expect(second).toMatch(/^# mine/);
  expect((parse(second) as { tests: MadeTest[] }).tests.map(({ name }) => name)).toEqual(["fires", "fires (2)"]);
});

test("few alerts are expected by name, many by number", () => {
  const alert = { displayName: "A", severity: "Low" };
  const found = (count: number, listed: number): WindowTold =>
    ({
      alertsCount: count,
      alerts: Array.from({ length: listed }, () => alert),
      incidents: [{}],
    }) as unknown as WindowTold;
  expect(expectationOf(found(1, 1))).toEqual({ alerts: [{ title: "A", severity: "Low" }], incidents: 1 });
  expect(expectationOf(found(80, 50))).toEqual({ alerts: 80, incidents: 1 });
  expect(expectationOf(found(0, 0))).toEqual({ alerts: "none" });
});
