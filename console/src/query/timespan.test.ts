import { expect, test } from "vitest";
import { durationOf, moved, timespanText, windowOf } from "./timespan";

const NOW = new Date("2026-11-22T12:00:00Z");

test("durations", () => {
  expect(["PT15M", "P1D", "P1DT2H", "PT1.5S"].map(durationOf)).toEqual([900_000, 86_400_000, 93_600_000, 1500]);
  expect(["", "P", "PT", "1D", "P1M", "P1DT"].map(durationOf)).toEqual(Array(6).fill(undefined));
});

test("a window moves by its own length", () => {
  expect(moved("PT1H", -1, NOW)).toBe("2026-11-22T10:00:00Z/2026-11-22T11:00:00Z");
  expect(moved("2026-11-22T10:00:00Z/2026-11-22T11:00:00Z", 1, NOW)).toBe("2026-11-22T11:00:00Z/2026-11-22T12:00:00Z");
  expect(moved("", -1, NOW)).toBeUndefined();
  expect(windowOf("x/y", NOW)).toBeUndefined();
});

test("a window in words", () => {
  expect(timespanText("P1D")).toBe("last 24 hours");
  expect(timespanText("")).toBe("all time");
  expect(timespanText("PT3H")).toBe("last 3h");
  expect(timespanText("2026-11-22T10:00:00Z/2026-11-22T11:30:05Z")).toBe("2026-11-22 10:00 – 11:30:05 UTC");
});
