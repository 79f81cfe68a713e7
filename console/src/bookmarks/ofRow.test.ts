import { expect, test } from "vitest";
import { bookmarkOfRow } from "./ofRow";

const row = { TimeGenerated: "2026-11-22T03:01:07Z", Account: "ana" };

test("a bookmark holds the row, its time, and the window of the query", () => {
  const made = bookmarkOfRow({
    displayName: "Kept",
    query: "T",
    row,
    from: "2026-11-22T00:00:00Z",
    to: "2026-11-22T06:00:00Z",
  });
  expect(made).toEqual({
    displayName: "Kept",
    query: "T",
    queryResult: JSON.stringify(row),
    eventTime: "2026-11-22T03:01:07Z",
    queryStartTime: "2026-11-22T00:00:00Z",
    queryEndTime: "2026-11-22T06:00:00Z",
  });
});

test("what is not known is not said", () => {
  const made = bookmarkOfRow({
    displayName: "Kept",
    notes: "",
    query: "T",
    row: { n: 1 },
    from: "2026-11-22T00:00:00Z",
  });
  expect(made).toEqual({ displayName: "Kept", notes: "", query: "T", queryResult: '{"n":1}' });
});
