import { expect, test } from "vitest";
import type { Table } from "~/api/logs";
import { chartModel } from "./chart";

const table = (columns: [string, string][], rows: unknown[][]): Table => ({
  name: "t",
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
});
const BY_DAY = table(
  [
    ["Severity", "string"],
    ["Day", "datetime"],
    ["n", "long"],
  ],
  [
    ["High", "2026-11-01T00:00:00Z", 1],
    ["Low", "2026-11-01T00:00:00Z", 2],
    ["High", "2026-11-02T00:00:00Z", 3],
  ],
);

test("a bar chart puts instants below and makes a series of each name", () => {
  const model = chartModel(BY_DAY, "barchart", {});
  expect(model?.table.columns.map((each) => each.name)).toEqual(["Day", "Severity", "n"]);
  expect(model?.render).toMatchObject({
    visualization: "columnchart",
    kind: "stacked",
    xcolumn: "Day",
    series: ["Severity"],
  });
});

test("a categorical bar puts names below, and sums the parts of each", () => {
  const model = chartModel(BY_DAY, "categoricalbar", { xAxis: "Severity", yAxis: ["n"] });
  expect(model?.table.rows).toEqual([
    ["High", 4],
    ["Low", 2],
  ]);
});

test("a pie has the largest slices and one for the others", () => {
  const many = table(
    [
      ["name", "string"],
      ["n", "long"],
    ],
    [
      ["a", 1],
      ["b", 5],
      ["c", 3],
      ["b", 1],
    ],
  );
  expect(chartModel(many, "piechart", {})?.table.rows).toEqual([
    ["b", 6],
    ["c", 3],
    ["a", 1],
  ]);
  expect(chartModel(many, "piechart", { createOtherGroup: 1 })?.table.rows).toEqual([
    ["b", 6],
    ["Other", 4],
  ]);
});

test("labels and colours of series", () => {
  const model = chartModel(BY_DAY, "linechart", {
    seriesLabelSettings: [{ seriesName: "High", label: "Worst", color: "redBright" }],
  });
  expect(model?.table.rows[0]?.[1]).toBe("Worst");
  expect(model?.colors.get("Worst")).toEqual(["#c50f1f", "#ff7b7b"]);
});

test("without numbers there is nothing to draw", () => {
  expect(chartModel(table([["a", "string"]], [["x"]]), "barchart", {})).toBeUndefined();
});
