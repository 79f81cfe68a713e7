import { expect, test } from "vitest";
import { changesOf, type ChangeRow } from "./changes";

const first: ChangeRow = {
  TimeGenerated: "2026-11-22T03:00:00Z",
  ModifiedBy: "Incident created from alert",
  Title: "[a] spray",
  Severity: "High",
  Status: "New",
  Owner: "",
  Labels: "[]",
  Classification: "",
  ClassificationReason: "",
  ClassificationComment: "",
  Description: "",
  Alerts: 1,
  Bookmarks: 0,
  Comments: 0,
  CommentsHash: "1",
  Tasks: null,
  TasksHash: "1",
};

const told = (...changes: Partial<ChangeRow>[]) => {
  const rows = [first];
  for (const each of changes) rows.push({ ...rows.at(-1)!, ModifiedBy: "ana", ...each });
  return changesOf(rows, "2026-11-22T03:00:00Z")
    .slice(1)
    .map(({ what }) => what);
};

test("a row says what differs from the one before it", () => {
  expect(told({ Status: "Active", Owner: "Ana" }, { Status: "Active" })).toEqual([
    ["status New → Active", "owner – → Ana"],
    [],
  ]);
});

test("labels, comments and tasks", () => {
  expect(
    told(
      { Labels: '[{"labelName":"vip","labelType":"User"}]' },
      { Comments: 2, CommentsHash: "2" },
      { CommentsHash: "3" },
      { Tasks: 1, TasksHash: "2" },
      { Alerts: 0, Title: "[b" },
    ),
  ).toEqual([
    ["labels – → vip"],
    ["+2 comments"],
    ["a comment changed"],
    ["+1 task"],
    ["title [a] spray → [b", "−1 alert"],
  ]);
});

test("the first row is the creation, unless the log has forgotten that", () => {
  expect(changesOf([first], first.TimeGenerated)[0]?.what).toEqual(["created"]);
  expect(changesOf([first], "2026-01-01T00:00:00Z")[0]?.what).toEqual(["earlier rows are gone"]);
});
