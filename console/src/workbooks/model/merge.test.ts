import { expect, test } from "vitest";
import type { Table } from "~/api/logs";
import { merge, mergePlan } from "./merge";

const table = (columns: string[], rows: unknown[][]): Table => ({
  name: "t",
  columns: columns.map((name) => ({ name, type: "string" })),
  rows,
});
const TABLES = {
  users: table(
    ["id", "name"],
    [
      ["1", "ana"],
      ["2", "ben"],
      ["2", "ben again"],
      ["3", "cia"],
    ],
  ),
  hits: table(
    ["id", "count"],
    [
      ["2", 5],
      ["3", 7],
      ["4", 9],
    ],
  ),
};

function joined(mergeType: string, projectRename: unknown[] = []): readonly (readonly unknown[])[] {
  const plan = mergePlan({
    merges: [{ id: "m", mergeType, leftTable: "users", rightTable: "hits", leftColumn: "id", rightColumn: "id" }],
    projectRename,
  });
  return merge(plan!, TABLES).rows;
}

test.each([
  [
    "inner",
    [
      ["2", "ben", "2", 5],
      ["2", "ben again", "2", 5],
      ["3", "cia", "3", 7],
    ],
  ],
  [
    "innerunique",
    [
      ["2", "ben", "2", 5],
      ["3", "cia", "3", 7],
    ],
  ],
  [
    "leftouter",
    [
      ["1", "ana", null, null],
      ["2", "ben", "2", 5],
      ["2", "ben again", "2", 5],
      ["3", "cia", "3", 7],
    ],
  ],
  [
    "rightouter",
    [
      ["2", "ben", "2", 5],
      ["2", "ben again", "2", 5],
      ["3", "cia", "3", 7],
      [null, null, "4", 9],
    ],
  ],
  [
    "leftsemi",
    [
      ["2", "ben"],
      ["2", "ben again"],
      ["3", "cia"],
    ],
  ],
  ["leftanti", [["1", "ana"]]],
  [
    "rightsemi",
    [
      ["2", 5],
      ["3", 7],
    ],
  ],
  ["rightanti", [["4", 9]]],
])("%s", (kind, rows) => {
  expect(joined(kind)).toEqual(rows);
});

test("fullouter has all, union stacks by the names of columns", () => {
  expect(joined("fullouter")).toHaveLength(5);
  expect(joined("union")).toEqual([
    ["1", "ana", null],
    ["2", "ben", null],
    ["2", "ben again", null],
    ["3", "cia", null],
    ["2", null, 5],
    ["3", null, 7],
    ["4", null, 9],
  ]);
});

test("only the columns that are named, renamed, and one that is added by conditions", () => {
  const plan = mergePlan({
    merges: [
      { id: "m", mergeType: "leftouter", leftTable: "users", rightTable: "hits", leftColumn: "id", rightColumn: "id" },
    ],
    projectRename: [
      { originalName: "[users].name", mergedName: "Who" },
      { originalName: "[hits].count", mergedName: "Hits" },
      {
        originalName: "[Added column]",
        mergedName: "Verdict",
        newColumnData: [
          {
            criteriaContext: {
              leftOperand: "Hits",
              operator: ">",
              rightValType: "static",
              rightVal: "6",
              resultValType: "static",
              resultVal: "many",
            },
          },
          { criteriaContext: { operator: "Default", resultValType: "expression", resultVal: '["Who"] has few' } },
        ],
      },
    ],
  });
  const made = merge(plan!, TABLES);
  expect(made.columns.map((each) => each.name)).toEqual(["Who", "Hits", "Verdict"]);
  expect(made.rows[0]).toEqual(["ana", null, "ana has few"]);
  expect(made.rows[3]).toEqual(["cia", 7, "many"]);
});

test("an unknown join and a missing table are told", () => {
  expect(() => joined("sideways")).toThrow("sideways");
  expect(() =>
    merge(mergePlan({ merges: [{ mergeType: "inner", leftTable: "x", rightTable: "y" }] })!, TABLES),
  ).toThrow("“x”");
  expect(mergePlan({})).toBeUndefined();
});
