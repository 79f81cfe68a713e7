import { expect, test } from "vitest";
import { laid, nextOpen } from "./layout";
import type { Incident, IncidentProperties } from "./incident";
import { DEFAULT, isShown, moved, ordered, readView, searchOf, serverFilter, toggled, type View } from "./view";

const NOW = Date.parse("2026-02-01T12:00:00Z");
const ME = { objectId: "1111", userPrincipalName: "ana@vedette.local" };

function incident(number: number, properties: Partial<IncidentProperties> = {}): Incident {
  return {
    id: `/w/i/${number}`,
    name: `${number}`,
    type: "",
    properties: {
      incidentNumber: number,
      title: `Title ${number}`,
      severity: "High",
      status: "New",
      createdTimeUtc: "2026-02-01T11:00:00Z",
      lastModifiedTimeUtc: "2026-02-01T11:00:00Z",
      ...properties,
    },
  };
}

const shows = (change: Partial<View>, each: Incident): boolean =>
  isShown({ ...DEFAULT, ...change }, each, { person: ME, now: NOW });

test("a view is read from the address as it was written there", () => {
  const view: View = {
    ...DEFAULT,
    status: ["Closed"],
    severity: ["High", "Low"],
    owner: ["me", "none"],
    tag: ["a,b", "c"],
    since: "24h",
    until: "2026-02-01T00:00:00.000Z",
    text: "brute force",
    order: "severity",
  };
  expect(readView(searchOf(view))).toEqual(view);
  expect(searchOf(DEFAULT)).toBe("");
  expect(readView(searchOf({ ...DEFAULT, status: [] })).status).toEqual([]);
  expect(readView("status=nonsense&order=x&since=1y&until=2026").since).toBe("");
});

test("mine are those with my object id or my user name, whatever their casing", () => {
  expect(shows({ owner: ["me"] }, incident(1, { owner: { objectId: "1111" } }))).toBe(true);
  expect(shows({ owner: ["me"] }, incident(1, { owner: { userPrincipalName: "ANA@vedette.local" } }))).toBe(true);
  expect(shows({ owner: ["me"] }, incident(1, { owner: { email: "ana@vedette.local" } }))).toBe(true);
  expect(shows({ owner: ["me"] }, incident(1, { owner: { objectId: null, assignedTo: "Ana" } }))).toBe(false);
  expect(shows({ owner: ["none"] }, incident(1, { owner: {} }))).toBe(true);
  expect(shows({ owner: ["none", "me"] }, incident(1, { owner: { objectId: "2" } }))).toBe(false);
});

test("filters of a kind are any of, of several kinds all of", () => {
  const one = incident(7, { severity: "Low", labels: [{ labelName: "x" }], relatedAnalyticRuleIds: ["/r/Rule-1"] });
  expect(shows({ severity: ["Low", "High"], tag: ["x"], rule: ["rule-1"] }, one)).toBe(true);
  expect(shows({ severity: ["High"], tag: ["x"] }, one)).toBe(false);
  expect(shows({ text: "#7 title" }, one)).toBe(true);
  expect(shows({ text: "#70" }, one)).toBe(false);
  expect(shows({ status: [] }, incident(1, { status: "Closed" }))).toBe(true);
  expect(shows({}, incident(1, { status: "Closed" }))).toBe(false);
});

test("the time window moves by its length, and not beyond now", () => {
  expect(shows({ since: "1h" }, incident(1, { createdTimeUtc: "2026-02-01T10:59:59Z" }))).toBe(false);
  const back = moved({ ...DEFAULT, since: "1h" }, -1, NOW);
  expect(back.until).toBe("2026-02-01T11:00:00.000Z");
  expect(moved(back, 1, NOW).until).toBe("");
  expect(serverFilter(back, NOW)).toBe(
    "(properties/status eq 'New' or properties/status eq 'Active') and properties/createdTimeUtc ge 2026-02-01T10:00:00.000Z and properties/createdTimeUtc le 2026-02-01T11:00:00.000Z",
  );
});

test("toggling a value puts it in and takes it out", () => {
  const once = toggled(DEFAULT, "severity", "High");
  expect(once.severity).toEqual(["High"]);
  expect(toggled(once, "severity", "High").severity).toEqual([]);
});

test("orders are whole: equal ones go by number", () => {
  const all = [incident(1, { severity: "Low" }), incident(3), incident(2)];
  expect(ordered(all, "created").map((each) => each.name)).toEqual(["3", "2", "1"]);
  expect(ordered(all, "severity").map((each) => each.name)).toEqual(["3", "2", "1"]);
  expect(ordered(all, "oldest").map((each) => each.name)).toEqual(["3", "2", "1"]);
});

test("rows stay where they are until they are laid out anew", () => {
  const first = laid(undefined, "k", ["b", "a"], true).layout;
  expect(laid(first, "k", ["d", "c", "b"], true)).toEqual({ layout: first, fresh: 2, gone: 1 });
  expect(laid(first, "other", ["d"], true).layout.ids).toEqual(["d"]);
  expect(laid({ ...first, isWhole: false }, "k", ["d"], true).layout.ids).toEqual(["d"]);
  expect(laid({ ...first, ids: [] }, "k", ["d"], true).layout.ids).toEqual(["d"]);
});

test("after a close comes the next open row, below first", () => {
  const open = [true, false, false, true, false];
  const next = (at: number): number => nextOpen(open.length, at, (row) => open[row] ?? false);
  expect([next(0), next(1), next(3), nextOpen(2, 1, () => false)]).toEqual([3, 3, 0, 1]);
});
