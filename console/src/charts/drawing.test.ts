import { expect, test } from "vitest";
import type { Table } from "~/api/logs";
import { drawingOf } from "./drawing";
import { readRender } from "./render";
import { twinOf } from "./twin";
import { secondsOf } from "./values";

function table(columns: Record<string, string>, ...rows: unknown[][]): Table {
  return { name: "T", columns: Object.entries(columns).map(([name, type]) => ({ name, type })), rows };
}

const T0 = "2026-11-22T00:00:00Z";
const T1 = "2026-11-22T01:00:00Z";
const timed = table({ Account: "string", at: "datetime", n: "long" }, ["svc", T0, 3], ["ana", T0, 1], ["svc", T1, 5]);

test("a timechart takes the first datetimes for x, numbers for y, and a series a name", () => {
  const drawing = drawingOf(timed, readRender({ visualization: "timechart" }));
  expect(drawing.xKind).toBe("time");
  expect(drawing.series).toEqual([
    {
      name: "svc",
      points: [
        [Date.parse(T0), 3],
        [Date.parse(T1), 5],
      ],
    },
    { name: "ana", points: [[Date.parse(T0), 1]] },
  ]);
  expect(twinOf(drawing).rows).toEqual([
    [Date.parse(T0), 3, 1],
    [Date.parse(T1), 5, null],
  ]);
});

test("properties say which columns, whatever their casing", () => {
  const two = table({ a: "string", b: "long", c: "long" }, ["x", 1, 2]);
  const drawing = drawingOf(
    two,
    readRender({ visualization: "columnchart", XColumn: "A", yColumns: "c", kind: "stacked" }),
  );
  expect(drawing.series).toEqual([{ name: "c", points: [["x", 2]] }]);
  expect(drawing.stack).toBe("stacked");
});

test("make-series arrays are unrolled, and anomalies marked at the height of the line", () => {
  const made = table({ n: "dynamic", at: "dynamic", odd: "dynamic" }, [
    "[1,9,2]",
    JSON.stringify([T0, T1, "2026-11-22T02:00:00Z"]),
    "[0,1,0]",
  ]);
  const drawing = drawingOf(made, readRender({ visualization: "anomalychart", anomalycolumns: "odd" }));
  expect(drawing.series[0]?.points.map(([, y]) => y)).toEqual([1, 9, 2]);
  expect(drawing.series[1]).toEqual({ name: "odd", isMark: true, points: [[Date.parse(T1), 9]] });
});

test("pie, scatter, card and ladder", () => {
  const pie = drawingOf(
    table({ a: "string", n: "long" }, ["x", 1], ["", 2]),
    readRender({ visualization: "piechart" }),
  );
  expect(pie.series[0]?.points).toEqual([
    ["x", 1],
    ["(empty)", 2],
  ]);
  const scatter = drawingOf(
    table({ x: "real", y: "real" }, [1, 2], [1, 3]),
    readRender({ visualization: "scatterchart" }),
  );
  expect(twinOf(scatter).rows).toEqual([
    ["y", 1, 2],
    ["y", 1, 3],
  ]);
  const card = drawingOf(table({ n: "long", s: "string" }, [7, "x"]), readRender({ visualization: "card" }));
  expect(card.series).toEqual([{ name: "n", points: [["n", 7]] }]);
  const ladder = drawingOf(
    table({ a: "string", from: "datetime", to: "datetime" }, ["x", T0, T1]),
    readRender({ visualization: "ladderchart" }),
  );
  expect(ladder.steps).toEqual([{ name: "x", from: Date.parse(T0), to: Date.parse(T1) }]);
});

test("what cannot be drawn is a table, and says why", () => {
  const text = table({ a: "string" }, ["x"]);
  expect(drawingOf(text, readRender({ visualization: "timechart" }))).toMatchObject({
    shape: "table",
    note: "A timechart needs a column of datetimes.",
  });
  expect(drawingOf(text, readRender({ visualization: "treemap" })).note).toMatch(/no drawing for 'treemap'/);
  expect(drawingOf(text, readRender(undefined)).note).toBeUndefined();
});

test("accumulate sums up", () => {
  const drawing = drawingOf(timed, readRender({ visualization: "timechart", accumulate: true }));
  expect(drawing.series[0]?.points.map(([, y]) => y)).toEqual([3, 8]);
});

test("timespans are seconds", () => {
  expect(["00:01:30", "1.02:00:00", "-00:00:00.5", "x"].map(secondsOf)).toEqual([90, 93_600, -0.5, null]);
});
