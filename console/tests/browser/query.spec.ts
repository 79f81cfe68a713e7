// The query page: its editor.
import { expect, expectAccessible, test } from "./fixtures";
import { ask, editor, write, written } from "./query_page";

test("7: an error is marked by the server's own compiler, a query runs, its chart is drawn @core", async ({ open }) => {
  const page = await open("Contributor", "query");
  await write(page, "SigninLogs | summarize n=count() by AppDisplayNam");
  await expect(page.locator(".squiggly-error")).toBeVisible();
  await ask(page, "SigninLogs | summarize n=count() by AppDisplayName | render columnchart");
  await expect(page.locator(".squiggly-error")).toHaveCount(0);
  await expect(page.getByRole("img", { name: /^Result: column chart/ })).toHaveAttribute("data-drawn", "");
  await expectAccessible(page);
});

test("7: tables, columns, watchlists and workspaces are proposed", async ({ open, server }) => {
  await server.call("PUT", `${server.sentinel}/watchlists/vips?api-version=2024-03-01`, {
    properties: {
      displayName: "VIPs",
      provider: "test",
      itemsSearchKey: "name",
      contentType: "text/csv",
      rawContent: "name,team\nana,blue\n",
      numberOfLinesToSkip: 0,
    },
  });
  const page = await open("Contributor", "query");
  const proposals = page.locator(".suggest-widget");
  const proposed = async (text: string, name: string): Promise<void> => {
    await write(page, text.slice(0, -1));
    await page.keyboard.type(text.slice(-1));
    await expect(proposals.locator(`.monaco-list-row[aria-label^="${name}"]`).first()).toBeVisible();
    await page.keyboard.press("Escape");
  };
  await proposed("Signin", "SigninLogs");
  await proposed("SigninLogs | where UserPrin", "UserPrincipalName");
  await proposed("_GetWatchlist('v", "vips");
  await proposed(`workspace('${server.ready.workspace_name[0]}`, server.ready.workspace_name);
});

test("7: what only the server knows is no error, and what it proposes is a quick fix", async ({ open, server }) => {
  const page = await open("Contributor", "query");
  const checked = page.waitForResponse((each) => each.url().endsWith("/check"));
  await write(page, `workspace('${server.ready.workspace_name}').SigninLogs | take 1`);
  await checked;
  await expect(page.locator(".squiggly-error, .squiggly-info, .squiggly-warning")).toHaveCount(0);
  await write(page, "SigninLogs | where AppDisplayNam == 'x'");
  await expect(page.locator(".squiggly-error")).toBeVisible();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("F8"); // to the first problem
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+.");
  await expect(page.getByText("Change to 'AppDisplayName'")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect.poll(() => written(page)).toContain("where AppDisplayName == 'x'");
  await expect(page.locator(".squiggly-error")).toHaveCount(0);
});

test("7: a word is explained from our own reference, a query is formatted", async ({ open }) => {
  const page = await open("Contributor", "query");
  await write(page, "SigninLogs|where strlen(AppDisplayName)>3|take 5");
  await page.getByText("strlen", { exact: true }).hover();
  await expect(page.locator(".monaco-hover").filter({ hasText: "strlen(" }).first()).toBeVisible();
  await page.keyboard.press("Alt+Shift+f");
  await expect.poll(() => written(page)).toMatch(/^SigninLogs\n\| where .*\n\| take 5/);
});

test("Esc, then Tab leaves the editor, and it says so", async ({ open }) => {
  const page = await open("Contributor", "query");
  const text = await editor(page);
  await text.focus();
  await page.keyboard.press("Tab");
  await expect(text).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByText("leaves the editor")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(text).not.toBeFocused();
});

test("the query at the cursor runs, or the selection", async ({ open }) => {
  const page = await open("Contributor", "query");
  await write(page, "print one = 1\n\nprint two = 2");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("columnheader", { name: "one" })).toBeVisible();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Shift+Enter");
  await expect(page.getByRole("columnheader", { name: "two" })).toBeVisible();
});

test("tables open to columns, columns to their most frequent values, and a value filters", async ({ open, server }) => {
  const page = await open("Contributor", "query");
  await editor(page);
  await page.getByLabel("Find a table").fill("SigninLogs");
  await page.getByRole("treeitem", { name: "SigninLogs", exact: true }).click();
  await page.getByRole("treeitem", { name: "AppDisplayName string" }).click();
  const facets = page.getByLabel("Most frequent values of AppDisplayName");
  const [top] = await server.rows("SigninLogs | summarize n=count() by AppDisplayName | top 1 by n desc");
  await expect(facets.getByRole("button").first()).toContainText(String(top?.[0]));
  await expectAccessible(page);
  await facets.getByRole("button").first().click();
  await expect.poll(() => written(page)).toContain(`| where AppDisplayName == "${String(top?.[0])}"`);
});
