import { expect, test } from "vitest";
import type { Table } from "~/api/logs";
import { factsOf, find, ordered } from "./rows";

function column(type: string, ...values: unknown[]): Table {
  return { name: "T", columns: [{ name: "c", type }], rows: values.map((each) => [each]) };
}

test("numbers, spans and instants are sorted as what they are; nulls are last", () => {
  const by = (table: Table, descending = false): number[] => [...ordered(table, { column: 0, descending })];
  expect(by(column("long", 10, null, 9))).toEqual([2, 0, 1]);
  expect(by(column("long", 10, null, 9), true)).toEqual([0, 2, 1]);
  expect(by(column("decimal", "10", "9"))).toEqual([1, 0]);
  expect(by(column("timespan", "1.00:00:00", "02:00:00"))).toEqual([1, 0]);
  expect(by(column("datetime", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"))).toEqual([1, 0]);
  expect(by(column("string", "b", "A", "a"))).toEqual([1, 2, 0]);
  expect([...ordered(column("long", 2, 1), undefined)]).toEqual([0, 1]);
});

test("a text is found in any casing, only in the columns that are shown", async () => {
  const table: Table = {
    name: "T",
    columns: [
      { name: "a", type: "string" },
      { name: "b", type: "long" },
    ],
    rows: [
      ["SVC", 1],
      ["x", 22],
      ["svc2", 3],
    ],
  };
  const rows = Uint32Array.from([2, 1, 0]);
  const told: (readonly number[])[] = [];
  await find(table, rows, [0, 1], "2", new AbortController().signal, (places) => told.push(places));
  await find(table, rows, [0], "svc", new AbortController().signal, (places) => told.push(places));
  expect(told).toEqual([
    [0, 1],
    [0, 2],
  ]);
});

test("facts of a column", () => {
  expect(factsOf(column("long", 3, 1, null, 3), 0)).toEqual({
    rows: 4,
    empty: 1,
    distinct: 2,
    least: "1",
    most: "3",
    sum: 7,
    average: 7 / 3,
    top: [
      { value: 3, count: 2 },
      { value: 1, count: 1 },
    ],
  });
  expect(factsOf(column("string", ""), 0)).toEqual({ rows: 1, empty: 1, distinct: 0, top: [] });
});
