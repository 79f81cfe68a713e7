import { expect, test } from "vitest";
import { keptRow, sendable, timespanOf } from "./bookmark";

test("the kept row is shown by its columns, whatever their kind; what is no object is shown as it is", () => {
  expect(keptRow('{"A":"x","N":3,"D":{"a":1},"E":"","Z":null}')).toEqual([
    ["A", "x"],
    ["N", "3"],
    ["D", '{"a":1}'],
  ]);
  expect(keptRow("A=x")).toEqual([["row", "A=x"]]);
  expect(keptRow(undefined)).toEqual([]);
});

test("a query has a time only with both of its bounds", () => {
  const bookmark = { displayName: "b", query: "T", queryStartTime: "2026-01-01T00:00:00Z" };
  expect(timespanOf(bookmark)).toBeUndefined();
  expect(timespanOf({ ...bookmark, queryEndTime: "2026-01-02T00:00:00Z" })).toBe(
    "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z",
  );
});

test("what the server keeps is not sent", () => {
  expect(sendable({ displayName: "b", query: "T", created: "x", createdBy: { name: "n" }, labels: [] })).toEqual({
    displayName: "b",
    query: "T",
    labels: [],
  });
});
