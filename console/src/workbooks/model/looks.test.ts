import { expect, test } from "vitest";
import type { Table } from "~/api/logs";
import { tableOfJson } from "../data/fetchTable";
import { letOf } from "../data/resourceGraph";
import { csv } from "~/parts/sheet";
import { safeAddress } from "./address";
import { paletteOf, atShare } from "./colors";
import { exported } from "./export";
import { formatterFor, formattersOf } from "./formatters";
import { graphModel } from "./graph";
import { aggregate, hierarchyOf, shownRows, sortOf, treeRows } from "./gridRows";
import { allAtPath } from "./jsonPath";
import { formatNumber } from "./numbers";
import { thresholdOf } from "./thresholds";
import { rangeLabel, timeRangeOf, timespanOf } from "./timeRange";

const TREE: Table = {
  name: "t",
  columns: ["id", "parent", "kind", "n"].map((name) => ({ name, type: name === "n" ? "long" : "string" })),
  rows: [
    ["1", "", "x", 5],
    ["2", "1", "y", 7],
    ["3", "1", "x", 1],
    ["4", "", "y", 2],
  ],
};
const NAMES = TREE.columns.map((each) => each.name);

test("rows are found, sorted and limited", () => {
  const sort = sortOf({ sortBy: [{ itemKey: "$gen_heatmap_n_3", sortOrder: 2 }] }, [], NAMES);
  expect(shownRows(TREE, "", sort, undefined)).toEqual([1, 0, 3, 2]);
  expect(shownRows(TREE, "y", undefined, undefined)).toEqual([1, 3]);
  expect(shownRows(TREE, "", undefined, 2)).toEqual([0, 1]);
});

test("a tree by parents opens and closes", () => {
  const settings = { hierarchySettings: { treeType: 0, idColumn: "id", parentColumn: "parent" } };
  const hierarchy = hierarchyOf(settings, NAMES);
  const rows = [0, 1, 2, 3];
  expect(treeRows(TREE, rows, hierarchy, new Set()).map((each) => each.at)).toEqual([0, 3]);
  expect(treeRows(TREE, rows, hierarchy, new Set(["0"])).map((each) => [each.at, each.depth])).toEqual([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 0],
  ]);
});

test("a tree by groups has a row for each, with sums", () => {
  const hierarchy = hierarchyOf({ hierarchySettings: { treeType: 1, groupBy: ["kind"], expandTopLevel: true } }, NAMES);
  const rows = treeRows(TREE, [0, 1, 2, 3], hierarchy, new Set(["/y"]));
  expect(rows.map((each) => each.group || each.at)).toEqual(["x", 0, 2, "y"]);
  expect(aggregate(TREE, rows[0]!.members, 3, "Sum")).toBe(6);
});

test("rows that name one another as parents do not go on for ever", () => {
  const circle: Table = {
    ...TREE,
    rows: [
      ["1", "2", "x", 1],
      ["2", "1", "x", 1],
      ["3", "", "x", 1],
    ],
  };
  const hierarchy = hierarchyOf(
    { hierarchySettings: { idColumn: "id", parentColumn: "parent", expandTopLevel: true } },
    NAMES,
  );
  expect(treeRows(circle, [0, 1, 2], hierarchy, new Set(["0", "1"])).length).toBeLessThan(4);
});

test("formatters are found by name, then by pattern", () => {
  const formatters = formattersOf({
    formatters: [
      { columnMatch: "Count", formatter: 8 },
      { columnMatch: "Trend.*", formatter: 9 },
    ],
  });
  expect(formatterFor("Count", formatters).look).toBe("heatmap");
  expect(formatterFor("Trend1", formatters).look).toBe("sparkBars");
  expect(formatterFor("Other", formatters).look).toBe("automatic");
});

test("thresholds: the first line that holds, by number and by text", () => {
  const options = {
    thresholdsOptions: "icons",
    thresholdsGrid: [
      { operator: ">", thresholdValue: "90", representation: "4", text: "{0}{1} high" },
      { operator: "==", thresholdValue: "ok", representation: "success", text: "fine" },
      { operator: "Default", representation: "question", text: "{0}{1}" },
    ],
  };
  expect(thresholdOf("95", "95", options)).toMatchObject({ text: "95 high", icon: { name: "critical" } });
  expect(thresholdOf("ok", "ok", options)).toMatchObject({ text: "fine", icon: { name: "success" } });
  expect(thresholdOf("9", "9", options)).toMatchObject({ text: "9", icon: { name: "question" } });
});

test("numbers by unit", () => {
  expect(formatNumber(0.256, { unit: 0, options: { style: "percent", maximumFractionDigits: 1 } })).toBe("25.6%");
  expect(formatNumber(12.34, { unit: 1, options: { maximumFractionDigits: 1 } })).toBe("12.3%");
  expect(formatNumber(12_345, { unit: 17, options: { maximumSignificantDigits: 3 } })).toBe("12.3K");
  expect(formatNumber(3 * 1024 * 1024, { unit: 2 })).toBe("3 MiB");
  expect(formatNumber(5400, { unit: 24 })).toBe("1.5 h");
  expect(formatNumber(1234, { unit: 0, options: { useGrouping: false } })).toBe("1234");
});

test("palettes go from one colour to another", () => {
  expect(paletteOf("greenRed")).toHaveLength(2);
  expect(atShare(paletteOf("greenRed"), 0)[0]).toBe("#1a6b33");
  expect(atShare(paletteOf("greenRed"), 1)[0]).toBe("#a4262c");
  expect(paletteOf("yellowOrangeRed")).toHaveLength(3);
});

test("chosen rows are exported by a field or whole", () => {
  const what = { parameter: "P", field: "id", otherwise: "", quote: "'", delimiter: ",", type: 1 };
  expect(exported(TREE, [], what, false)).toBeUndefined();
  expect(exported(TREE, [1], what, false)?.value).toBe("2");
  expect(exported(TREE, [1, 2], what, true)?.value).toBe("'2','3'");
  expect(JSON.parse(exported(TREE, [0], { ...what, field: "" }, false)!.value)).toEqual({
    id: "1",
    parent: "",
    kind: "x",
    n: 5,
  });
});

test("JSON becomes a table, by paths or as it is", () => {
  expect(allAtPath({ a: [{ b: 1 }, { b: 2 }] }, "$.a[*].b")).toEqual([1, 2]);
  expect(
    allAtPath(
      {
        a: [
          { b: 1, c: "x" },
          { b: 2, c: "y" },
        ],
      },
      "$..[?(@.c=='y')].b",
    ),
  ).toEqual([2]);
  expect(tableOfJson({ value: [{ a: 1 }, { a: 2, b: "x" }] }, []).rows).toEqual([
    [1, null],
    [2, "x"],
  ]);
  const made = tableOfJson({ items: [{ n: { deep: 5 } }] }, [
    { tablePath: "$.items", columns: [{ path: "$.n.deep", name: "Deep" }] },
  ]);
  expect(made).toMatchObject({ columns: [{ name: "Deep", type: "real" }], rows: [[5]] });
});

test("a graph has a node for each end of an edge", () => {
  const edges: Table = {
    name: "t",
    columns: ["from", "to"].map((name) => ({ name, type: "string" })),
    rows: [
      ["a", "b"],
      ["b", "c"],
    ],
  };
  const model = graphModel(edges, { sourceIdField: "from", targetIdField: "to" });
  expect(model.nodes.map((each) => each.id)).toEqual(["a", "b", "c"]);
  expect(model.edges).toHaveLength(2);
});

test("resources stand before a query as a table, quotes and all", () => {
  const text = letOf("resources", [
    {
      id: '/subscriptions/s/resourceGroups/RG/x/"y"',
      name: "y",
      type: "a/b",
      kind: "",
      location: "",
      tags: { a: "'" },
      sku: null,
      identity: null,
      properties: {},
    },
  ]);
  expect(text).toContain(String.raw`"/subscriptions/s/resourceGroups/RG/x/\"y\""`);
  expect(text).toContain('"rg","s"');
});

test("ranges of time", () => {
  expect(timespanOf({ duration: 86_400_000 })).toBe("PT86400S");
  expect(timespanOf({ duration: 0 })).toBeUndefined();
  expect(rangeLabel(timeRangeOf({ durationMs: 5_400_000 })!)).toBe("Last 90 minutes");
  expect(timeRangeOf({ durationMs: "x" })).toBeUndefined();
});

test("addresses that run something are none, and formulas are no formulas", () => {
  expect(safeAddress("javascript:alert(1)")).toBeUndefined();
  expect(safeAddress("https://example.com/a")).toBe("https://example.com/a");
  expect(csv({ name: "t", columns: [{ name: "=a", type: "string" }], rows: [["=1+1"], [-5], ["a,b"]] })).toBe(
    "'=a\r\n'=1+1\r\n-5\r\n\"a,b\"\r\n",
  );
});
