import { expect, test } from "vitest";
import { moved } from "./reorder";

const rules = (...orders: number[]) => orders.map((order, at) => ({ name: "abcdef"[at] ?? "", order }));
const shown = (from: number, to: number, ...orders: number[]) =>
  moved(rules(...orders), from, to)
    .map(({ name, order }) => `${name}${order}`)
    .join(" ");

test("orders change places, and others stay", () => {
  expect(shown(2, 1, 10, 20, 30, 40)).toBe("a10 c20 b30 d40");
  expect(shown(0, 3, 1, 2, 3, 4)).toBe("b1 c2 d3 a4");
});

test("rules of one order are told apart", () => {
  expect(shown(1, 0, 1, 1, 1, 5)).toBe("b1 a2 c3 d5");
});

test("where there is no room above, all are counted anew", () => {
  expect(shown(0, 1, 1000, 1000)).toBe("b1 a2");
});
