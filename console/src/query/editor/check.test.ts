import { expect, test } from "vitest";
import { proposed, toPoints, toUnits } from "./check";

test("places are counted in code points there and in UTF-16 here", () => {
  const text = "print '😀' | foo";
  expect(text.slice(toUnits(text, 12))).toBe("foo");
  expect(toPoints(text, text.indexOf("foo"))).toBe(12);
  expect([toUnits(text, 0), toUnits(text, 99), toPoints(text, 99)]).toEqual([0, text.length, text.length - 1]);
});

test("a hint proposes a name", () => {
  expect(proposed("Did you mean 'Account'?")).toBe("Account");
  expect(proposed("There are a, b.")).toBeUndefined();
  expect(proposed(null)).toBeUndefined();
});
