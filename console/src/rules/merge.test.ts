import { expect, test } from "vitest";
import { diffLines, mergeTexts } from "./line_diff";
import { differences, merge } from "./merge";
import { blankRule } from "./model";

const base = { ...blankRule("a\nb\nc\nd").properties, displayName: "R" };

test("lines that stayed, went and came are in order", () => {
  expect(diffLines("a\nb\nc", "a\nx\nc\nd").map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "same a",
    "gone b",
    "new x",
    "same c",
    "new d",
  ]);
});

test("changes of different lines go together, of the same line they do not", () => {
  expect(mergeTexts("a\nb\nc\nd", "a1\nb\nc\nd", "a\nb\nc\nd1\ne")).toBe("a1\nb\nc\nd1\ne");
  expect(mergeTexts("a\nb\nc", "a\nc", "a\nb\nc\nd")).toBe("a\nc\nd");
  expect(mergeTexts("a\nb", "a\nb1", "a\nb2")).toBeUndefined();
  expect(mergeTexts("a\nb", "a\nb1", "a\nb1")).toBe("a\nb1");
});

test("fields that only one side changed are taken from it", () => {
  const mine = { ...base, severity: "High", query: "a1\nb\nc\nd" };
  const theirs = { ...base, triggerThreshold: 7, query: "a\nb\nc\nd\ne", lastModifiedUtc: "2026" };
  const merged = merge(base, mine, theirs);
  expect(merged.conflicts).toEqual([]);
  expect(merged.properties).toMatchObject({ severity: "High", triggerThreshold: 7, query: "a1\nb\nc\nd\ne" });
  expect(merged.taken.toSorted()).toEqual(["query", "triggerThreshold"]);
});

test("what both changed differently is a conflict, and mine until it is decided", () => {
  const merged = merge(base, { ...base, severity: "High" }, { ...base, severity: "Low" });
  expect(merged.conflicts).toEqual([{ field: "severity", base: "Medium", mine: "High", theirs: "Low" }]);
  expect(merged.properties.severity).toBe("High");
});

test("a field that one side took away is gone", () => {
  const { description: _, ...without } = base;
  expect("description" in merge(base, without, base).properties).toBe(false);
});

test("what differs is told by field, and when it was written is no difference", () => {
  const body = { kind: "Scheduled", properties: base };
  expect(differences(body, { ...body, properties: { ...base, lastModifiedUtc: "x", severity: "Low" } })).toEqual([
    { field: "severity", before: "Medium", after: "Low" },
  ]);
});
