import { expect, test } from "vitest";
import { mergedItems, readWorkbook } from "./item";

const read = (items: unknown[]) => readWorkbook(JSON.stringify({ version: "Notebook/1.0", items })).items;

test("items of every type are read, and their content may be a text of JSON", () => {
  const items = read([
    { type: 1, content: { json: "# Hi" }, name: "text - 0" },
    { type: 1, content: '{"json":"old"}' },
    { type: 3, content: { query: "T", queryType: 0, visualization: "BarChart", size: 2 }, customWidth: "50" },
    { type: 9, content: { parameters: [{ name: "P", type: 4 }] } },
    { type: 11, content: { style: "tabs", links: [{ linkTarget: "parameter", cellValue: "Tab", subTarget: "a" }] } },
    { type: 12, content: { groupType: "editable", items: [{ type: 1, content: { json: "in" } }] } },
  ]);
  expect(items.map((each) => each.kind)).toEqual(["text", "text", "query", "parameters", "links", "group"]);
  expect(items[1]).toMatchObject({ markdown: "old" });
  expect(items[2]).toMatchObject({ visualization: "barchart", size: 2, width: 50 });
  expect(items[5]).toMatchObject({ items: [{ kind: "text", key: "5.0" }] });
});

test("what cannot be read is told, and the others stand", () => {
  const items = read([{ type: 10, content: {} }, null, { type: 3 }, { type: 1, content: { json: "still here" } }]);
  expect(items.map((each) => (each.kind === "unrendered" ? each.what : each.kind))).toEqual([
    "metric (type 10)",
    "an item that is no object",
    "an item without content (type 3)",
    "text",
  ]);
});

test("a text that is no workbook is refused", () => {
  expect(() => readWorkbook("{")).toThrow(SyntaxError);
  expect(() => readWorkbook('{"version":"Notebook/1.0"}')).toThrow("no list of items");
});

test("groups that are too deep end in a box", () => {
  let item: unknown = { type: 1, content: { json: "deep" } };
  for (let depth = 0; depth < 40; depth++) item = { type: 12, content: { items: [item] } };
  expect(JSON.stringify(read([item]))).toContain("a group too deep");
});

test("styles take lengths and nothing else", () => {
  const [one, two] = read([
    { type: 1, content: { json: "" }, styleSettings: { margin: "5px 10px", showBorder: true } },
    { type: 1, content: { json: "" }, styleSettings: { margin: "0;background:url(https://evil)" } },
  ]);
  expect(one?.style).toEqual({ margin: "5px 10px", border: true });
  expect(two?.style).toEqual({ border: false });
});

test("a template's parameters that stand above it are left out of the group", () => {
  const items = read([
    { type: 9, content: { parameters: [{ name: "TimeRange", type: 4 }] } },
    {
      type: 9,
      content: {
        parameters: [
          { name: "TimeRange", type: 4 },
          { name: "Own", type: 1 },
        ],
      },
    },
    { type: 1, content: { json: "x" } },
  ]);
  const merged = mergedItems(items, (name) => name === "TimeRange", "7");
  expect(merged.map((each) => [each.key, each.kind])).toEqual([
    ["7.1", "parameters"],
    ["7.2", "text"],
  ]);
  expect(merged[0]).toMatchObject({ parameters: [{ name: "Own" }] });
});
