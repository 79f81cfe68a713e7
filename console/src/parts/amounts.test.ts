import { expect, test } from "vitest";
import { bytesText, secondsText } from "./amounts";

test("bytes have the unit that is read best", () => {
  expect([0, 999, 1500, 2_345_678, 512_000_000_000].map(bytesText)).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "2.3 MB",
    "512 GB",
  ]);
});

test("seconds too", () => {
  expect([undefined, 0.031, 2.14, 600, 9000].map(secondsText)).toEqual(["–", "31 ms", "2.1 s", "10 min", "2.5 h"]);
});
