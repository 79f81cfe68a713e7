import { expect, test } from "vitest";
import { conditionsOf, holds } from "./visibility";
import { plain } from "./values";

const has = (value: string) => (name: string) => (name === "P" && value !== "" ? plain(value) : undefined);
const condition = (comparison: string, value?: string) => ({ parameter: "P", comparison, value });

test.each([
  ["isEqualTo", "a", "a", true],
  ["isEqualTo", "a", "b", false],
  ["isEqualTo", undefined, "", true],
  ["isNotEqualTo", "a", "b", true],
  ["isNotEqualTo", undefined, "b", true],
  ["isNotEqualTo", undefined, "", false],
  ["isSet", undefined, "x", true],
  ["isNotSet", undefined, "x", false],
  ["contains", "AN", "ana", true],
  ["doesNotContain", "z", "ana", true],
  ["startsWith", "an", "ana", true],
  ["endsWith", "na", "ana", true],
  ["isGreaterThan", "5", "10", true],
  ["isLessThan", "5", "10", false],
  ["somethingNew", "5", "10", true],
])("%s %s of %s is %s", (comparison, wanted, held, expected) => {
  expect(holds(condition(comparison, wanted), has(held))).toBe(expected);
});

test("one condition and several are read alike", () => {
  const raw = {
    conditionalVisibility: { parameterName: "A", comparison: "isEqualTo", value: "1" },
    conditionalVisibilities: [{ parameterName: "B", comparison: "isNotEqualTo" }, { comparison: "isEqualTo" }],
  };
  expect(conditionsOf(raw).map((each) => [each.parameter, each.value])).toEqual([
    ["A", "1"],
    ["B", undefined],
  ]);
});
