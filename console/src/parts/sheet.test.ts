import { expect, test } from "vitest";
import { csv, tsv } from "./sheet";

const COLUMNS = [
  { name: "=a", type: "string" },
  { name: "n", type: "long" },
];

test("a text that begins as a formula is none, in a file and when pasted; numbers stay numbers", () => {
  const rows = [
    ["=1+1", -5],
    [" @x", 7],
    ["-2+3", null],
    ["\n=1", 0],
  ];
  expect(csv({ name: "t", columns: COLUMNS, rows }).split("\r\n").slice(0, 4)).toEqual([
    "'=a,n",
    "'=1+1,-5",
    "' @x,7",
    "'-2+3,",
  ]);
  expect(tsv({ columns: COLUMNS }, rows, true).split("\n")).toEqual([
    "'=a\tn",
    "'=1+1\t-5",
    "' @x\t7",
    "'-2+3\t",
    "' =1\t0",
  ]);
});

test("a column that calls itself a number and holds a formula is guarded too", () => {
  expect(tsv({ columns: [{ name: "n", type: "real" }] }, [["=1"], ["-1.5"], ["-1+2"]], false)).toBe("'=1\n-1.5\n'-1+2");
});
