import { expect, test } from "vitest";
import { ageText, instantText } from "./time";

test("UTC is said", () => {
  expect(instantText("2026-11-22T03:01:07.123Z", "utc")).toBe("2026-11-22 03:01:07Z");
  expect(instantText("never", "utc")).toBe("never");
});

test("ages have one unit", () => {
  expect([0, 59_000, 61_000, 7_300_000, 200_000_000].map(ageText)).toEqual(["0s", "59s", "1m", "2h", "2d"]);
});
