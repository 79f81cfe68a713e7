import { expect, test } from "vitest";
import { quoted } from "~/api/kql";
import { columnName, condition, filtered } from "./literal";

test("strings are escaped", () => {
  expect(quoted('C:\\x "y"\n\u0007')).toBe('"C:\\\\x \\"y\\"\\n\\u0007"');
});

test("columns that are no plain name are quoted", () => {
  expect(["a_1", "a b", "where", "$x", 'q"'].map(columnName)).toEqual([
    "a_1",
    '["a b"]',
    '["where"]',
    '["$x"]',
    '["q\\""]',
  ]);
});

test.each([
  ["string", "x'y", true, `c == "x'y"`],
  ["string", "", true, "isempty(c)"],
  ["string", "x", false, 'c != "x"'],
  ["long", 5, true, "c == 5"],
  ["long", null, false, "isnotnull(c)"],
  ["real", "NaN", false, "not(isnan(c))"],
  ["real", "-Infinity", true, "c == real(-inf)"],
  ["bool", true, true, "c == true"],
  ["datetime", "2026-11-22T03:00:00Z", true, "c == datetime(2026-11-22T03:00:00Z)"],
  ["timespan", "00:05:00", true, "c == timespan(00:05:00)"],
  ["guid", "74be27de-1e4e-49d9-b579-fe0b331d3642", true, "c == guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"],
  ["decimal", "1.5", true, "c == decimal(1.5)"],
  ["dynamic", '{"a":1}', true, 'tostring(c) == "{\\"a\\":1}"'],
])("%s %s", (type, value, isWanted, expected) => {
  expect(condition("c", type, value, isWanted)).toBe(expected);
});

test("a filter comes last, but before the drawing", () => {
  expect(filtered("T | take 1 ;\n", "a == 1")).toBe("T | take 1\n| where a == 1");
  expect(filtered("T\n| render timechart with (title='a|b')", "a == 1")).toBe(
    "T\n| where a == 1\n| render timechart with (title='a|b')",
  );
  expect(filtered("T | where x == '| render'", "a == 1")).toBe("T | where x == '| render'\n| where a == 1");
});
