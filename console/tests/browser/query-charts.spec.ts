// The query page: charts.
import { expect, expectAccessible, test } from "./fixtures";
import { ask } from "./query_page";

const TIMED = "range i from 0 to 23 step 1 | project at = datetime(2026-01-01) + i * 1h, n = i * i % 17, m = i % 5";
const NAMED = "datatable(name:string, n:long, m:long)['a', 3, 1, 'b', 5, 2, 'c', 7, 4]";
const KINDS: readonly (readonly [kind: string, query: string, shape: RegExp])[] = [
  ["timechart", TIMED, /line/],
  ["linechart", "range x from 0 to 9 step 1 | extend y = x * x", /line/],
  ["areachart", TIMED, /area/],
  ["stackedareachart", TIMED, /area/],
  ["barchart", NAMED, /bar/],
  ["columnchart", NAMED, /column/],
  ["piechart", "datatable(name:string, n:long)['a', 3, 'b', 5]", /pie/],
  ["scatterchart", "range x from 0 to 9 step 1 | extend y = x * x", /scatter/],
  [
    "anomalychart with (anomalycolumns=odd)",
    `print n = dynamic([1, 2, 40, 3]), at = dynamic(["2026-01-01T00:00:00Z","2026-01-01T01:00:00Z","2026-01-01T02:00:00Z","2026-01-01T03:00:00Z"]), odd = dynamic([0, 0, 1, 0])`,
    /line/,
  ],
  [
    "ladderchart",
    "datatable(name:string, f:datetime, t:datetime)['a', datetime(2026-01-01), datetime(2026-01-02)]",
    /ladder/,
  ],
];

test("9: each kind of render is drawn, and its table has the same numbers", async ({ open, server }) => {
  test.setTimeout(180_000);
  const page = await open("Contributor", "query");
  for (const [kind, query, shape] of KINDS) {
    await ask(page, `${query} | render ${kind}`);
    const chart = page.getByRole("img", { name: shape });
    await expect(chart, kind).toHaveAttribute("data-drawn", "");
    expect(await chart.locator("svg path").count(), kind).toBeGreaterThan(1);
    await page.getByRole("button", { name: "Table" }).click();
    const twin = page.getByRole("grid", { name: "Result, numbers" });
    const rows = await server.rows(query);
    const numbers = rows
      .flat()
      .filter((each) => typeof each === "number")
      .map(String);
    const cells = await twin.getByRole("gridcell").allInnerTexts();
    if (kind.startsWith("anomaly")) expect(cells).toEqual(expect.arrayContaining(["1", "2", "40", "3"]));
    else expect([...new Set(cells)], kind).toEqual(expect.arrayContaining([...new Set(numbers)]));
  }
  await expectAccessible(page);
});

test("9: a card says its number, a table is one, what has no drawing says so", async ({ open }) => {
  const page = await open("Contributor", "query");
  await ask(page, "print n = 1234 | render card");
  await expect(page.getByRole("definition")).toHaveText("1,234");
  await expectAccessible(page);
  await ask(page, "print n = 1 | render table");
  await expect(page.getByRole("grid", { name: "Result" })).toBeVisible();
  await ask(page, "print n = 1 | render treemap");
  await expect(page.getByText("There is no drawing for 'treemap' here.")).toBeVisible();
});

test("a result without render can be drawn too", async ({ open }) => {
  const page = await open("Contributor", "query");
  await ask(page, NAMED);
  await page.keyboard.press("Alt+2");
  await expect(page.getByRole("img", { name: /column chart/ })).toHaveAttribute("data-drawn", "");
  await page.getByLabel("Kind").selectOption("piechart");
  await expect(page.getByRole("img", { name: /pie chart/ })).toHaveAttribute("data-drawn", "");
  await expectAccessible(page);
});
