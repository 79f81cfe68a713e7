// The query page: results in the grid.
import { readFileSync } from "node:fs";
import { expect, expectAccessible, test } from "./fixtures";
import { allowClipboard, ask, cellText, clipboard, write, written } from "./query_page";

const LARGE = `range i from 1 to 100000 step 1 | extend ${Array.from({ length: 19 }, (_, at) => `c${at} = strcat("value ", i % ${at + 7}, " of column ${at}")`).join(", ")}`;

test("8: 100,000 × 20 rows: first rows, jump to the end, find, sort, copy", async ({ open }) => {
  const page = await open("Contributor", "query");
  await allowClipboard(page);
  await ask(page, LARGE);
  const grid = page.getByRole("grid", { name: "Result" });
  await expect(grid).toHaveAttribute("aria-rowcount", "100001");
  expect(await cellText(page, 0, "i")).toBe("1");
  await grid.focus();
  await page.keyboard.press("Control+End");
  expect(await cellText(page, 99_999, "i")).toBe("100000");
  await page.getByLabel("Find in the result").fill("99998");
  await page.keyboard.press("Enter");
  await expect(grid.locator("mark")).toHaveText("99998");
  await grid.getByRole("button", { name: "i", exact: true }).click();
  await grid.getByRole("button", { name: "i", exact: true }).click();
  await expect(grid.getByRole("columnheader", { name: /^i/ })).toHaveAttribute("aria-sort", "descending");
  await grid.focus();
  await page.keyboard.press("Control+Home");
  expect(await cellText(page, 0, "i")).toBe("100000");
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+c");
  await expect.poll(() => clipboard(page)).toMatch(/^i\tc0\t.*\n100000\tvalue .*\n99999\tvalue/);
  await page.keyboard.press("c");
  await page.keyboard.press("j");
  await expect.poll(() => clipboard(page)).toContain('"i": 100000');
});

test("8: CSV is what the API gave, formulas guarded; 15: hostile texts are texts", async ({ open, server }) => {
  const query = `print a = '=HYPERLINK("http://x")', b = '<img src=x onerror=alert(1)>', c = -5, d = dynamic({"k": [1, "@x"]}), e = 'q"uote, and\\nline', f = '\\u202Egnp.exe', g = 'javascript:alert(1)'`;
  const page = await open("Contributor", "query");
  await ask(page, query);
  await page.getByRole("grid", { name: "Result" }).waitFor();
  expect(await page.locator(".query-page img").count()).toBe(0);
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Details" })).toContainText("<img src=x onerror=alert(1)>");
  expect(await page.locator(".query-page a[href^=javascript]").count()).toBe(0);
  await expectAccessible(page);
  const [row = []] = await server.rows(query);
  await page.getByRole("button", { name: /^Share/ }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Result as CSV" }).click();
  const text = readFileSync(await (await saved).path(), "utf8");
  const field = (value: unknown): string => {
    const written = String(value);
    const guarded = typeof value === "string" && /^[=+\-@\t\r]/.test(written) ? `'${written}` : written;
    return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  };
  expect(text).toBe(`a,b,c,d,e,f,g\r\n${row.map(field).join(",")}\r\n`);
});

test("8: a cell of 1.5 MB does not freeze the page", async ({ open }) => {
  const page = await open("Contributor", "query");
  await ask(page, "print big = strcat_array(repeat('0123456789abcde', 100000), ''), n = 1");
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.focus();
  const from = Date.now();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "All 1,500,000 characters" })).toBeVisible();
  expect(Date.now() - from).toBeLessThan(3000);
});

test("+ and - put a filter of the right type into the query and run it", async ({ open }) => {
  const page = await open("Contributor", "query");
  const query = `datatable(s:string, n:long, t:datetime)["a\\\\b \\"c\\"", 5, datetime(2026-01-02 03:04:05), "x", 6, datetime(null)]`;
  await ask(page, query);
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.focus();
  await page.keyboard.press("+");
  await expect.poll(() => written(page)).toContain(String.raw`| where s == "a\\b \"c\""`);
  await expect(grid).toHaveAttribute("aria-rowcount", "2");
  await grid.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("-");
  await expect.poll(() => written(page)).toContain("| where t != datetime(2026-01-02T03:04:05Z)");
  await expect(page.getByText(/^No rows/)).toBeVisible();
});

test("a row's fields, a dynamic as a tree, what a column holds, columns hidden", async ({ open }) => {
  const page = await open("Contributor", "query");
  await ask(
    page,
    `range i from 1 to 10 step 1 | extend kind = iff(i % 5 == 0, "rare", "usual"), d = bag_pack("inner", bag_pack("deep", i))`,
  );
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Space");
  const details = page.getByRole("complementary", { name: "Details" });
  await expect(details.locator(".fields .at")).toContainText("deep");
  await page.keyboard.press("ArrowDown");
  await expect(details).toContainText("Row 2");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("s");
  await expect(details.getByRole("row", { name: "distinct 2" })).toBeVisible();
  await expect(details.getByRole("button", { name: "usual 8" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Columns/ }).click();
  await page.getByRole("menuitemcheckbox", { name: "kind" }).click();
  await expect(grid.getByRole("columnheader", { name: "kind" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+3");
  await expect(page.getByRole("region", { name: "Result as JSON" })).toContainText('"deep": 1');
  await expectAccessible(page);
});

test("the time window moves back and forward, and rows that are chosen become bookmarks", async ({ open, server }) => {
  const page = await open("Contributor", "query");
  await ask(page, "SigninLogs | take 5");
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("b");
  await page.getByRole("textbox", { name: "Name" }).fill("two sign-ins of a test");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByText("2 bookmarks made.")).toBeVisible();
  const { value } = await server.call<{ value: { properties: { displayName: string; queryResult: string } }[] }>(
    "GET",
    `${server.sentinel}/bookmarks?api-version=2024-03-01`,
  );
  const made = value.filter((each) => each.properties.displayName === "two sign-ins of a test");
  expect(made).toHaveLength(2);
  expect(JSON.parse(made[0]!.properties.queryResult)).toHaveProperty("TimeGenerated");
  await page.getByRole("grid", { name: "Result" }).focus();
  const asked = page.waitForRequest(
    (each) => each.url().endsWith("/query") && !!each.postData()?.includes("SigninLogs"),
  );
  await page.keyboard.press("[");
  expect((await asked).postDataJSON()).toMatchObject({ timespan: expect.stringMatching(/^2.*Z\/2.*Z$/) });
  await expect(page.getByLabel("Time window")).toHaveValue(/Z\/2/);
});

test("queries are in tabs, outlive a reload, and are found again in the history", async ({ open, page }) => {
  await open("Contributor", "query");
  await ask(page, "print one = 1");
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("n");
  await expect(page.getByRole("tab", { name: "q2" })).toHaveAttribute("aria-selected", "true");
  await ask(page, "print two = 2");
  await page.getByRole("tab", { name: "q1" }).click();
  await expect.poll(() => written(page)).toBe("print one = 1");
  await expect(page.getByRole("columnheader", { name: "one" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("tab", { name: "q2" })).toBeVisible();
  await expect.poll(() => written(page)).toBe("print one = 1");
  await page.getByRole("tab", { name: "q1" }).press("h");
  await page.getByRole("combobox", { name: /^Queries that were run/ }).fill("two");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(1);
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "q3" })).toHaveAttribute("aria-selected", "true");
  await expect.poll(() => written(page)).toBe("print two = 2");
});

test("a query is saved as a hunting query and as a function, and goes to a new rule", async ({ open, server }) => {
  const page = await open("Contributor", "query");
  await write(page, "SigninLogs | where ResultType != 0");
  await page.keyboard.press("Control+s");
  await page.getByRole("radio", { name: /^Hunting/ }).check();
  await page.getByRole("textbox", { name: "Name" }).fill("Failed sign-ins of a test");
  await page.getByRole("listbox", { name: /^Tactics/ }).selectOption(["CredentialAccess"]);
  await page.getByRole("textbox", { name: /^Techniques/ }).fill("T1110");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("'Failed sign-ins of a test' is saved.")).toBeVisible();
  await page.keyboard.press("Control+s");
  await page.getByRole("radio", { name: /^Function/ }).check();
  await page.getByRole("textbox", { name: "Name" }).fill("FailedSignIns");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("'FailedSignIns' is saved.")).toBeVisible();
  expect(await server.rows("FailedSignIns | take 1")).toHaveLength(1);
  const { value } = await server.call<{ value: { properties: Record<string, unknown> }[] }>(
    "GET",
    `${server.workspace}/savedSearches?api-version=2020-08-01`,
  );
  const hunting = value.find((each) => each.properties["displayName"] === "Failed sign-ins of a test");
  expect(hunting?.properties).toMatchObject({
    category: "Hunting Queries",
    tags: [
      { name: "tactics", value: "CredentialAccess" },
      { name: "techniques", value: "T1110" },
    ],
  });
  await page.keyboard.press("Control+s");
  await page.getByRole("radio", { name: /^Analytics/ }).check();
  await page.getByRole("button", { name: "Open the rule editor" }).click();
  await expect(page).toHaveURL(/\/rules\/new#q=[\w-]+$/);
});

test("a Reader sees what saving would take", async ({ open }) => {
  const page = await open("Reader", "query");
  await write(page, "SigninLogs");
  await page.keyboard.press("Control+s");
  await page.getByRole("textbox", { name: "Name" }).fill("x");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect(save).toHaveAttribute("aria-disabled", "true");
  await expect(save).toHaveAttribute("title", /savedSearches\/write/);
});
