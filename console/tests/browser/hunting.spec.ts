// Hunting: runs and what is new, the matrix, rows kept, a rule made, queries edited, hunts, following live, roles.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

async function addQuery(server: Server, name: string, query: string, techniques = "T1110"): Promise<void> {
  await server.call("PUT", `${server.workspace}/savedSearches/${name}?api-version=2020-08-01`, {
    properties: {
      category: "Hunting Queries",
      displayName: name,
      query,
      version: 2,
      tags: [
        { name: "description", value: "Looks for **odd** sign-ins." },
        { name: "tactics", value: "CredentialAccess" },
        { name: "techniques", value: techniques },
      ],
    },
  });
}

const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const hits = (page: Page, text: string) => row(page, text).getByRole("gridcell").nth(1);

test("queries of a tactic run at once, what is new since the last run is told, and the matrix leads to them", async ({
  open,
  page,
  server,
}) => {
  await addQuery(server, "run-one", "HuntRun_CL | where TimeGenerated > ago(1d)");
  await addQuery(server, "run-two", "SigninLogs | summarize by UserPrincipalName", "T1110.003");
  server.ingest("HuntRun_CL", [{ a: 1 }, { a: 2 }]);
  await open("Contributor", "hunting?q=run-&tactic=CredentialAccess&sort=name");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.keyboard.press("Shift+R");
  await expect(hits(page, "run-one")).toHaveText("2");
  await expect(hits(page, "run-two")).toHaveText(/^[1-9]\d*$/);
  await expectAccessible(page);
  server.ingest("HuntRun_CL", [{ a: 3 }]);
  await page.reload();
  await expect(hits(page, "run-one")).toHaveText("2");
  await page.keyboard.press("r");
  await expect(row(page, "run-one").getByRole("gridcell").nth(2)).toHaveText("+1");
  await page.getByRole("tab", { name: "ATT&CK" }).click();
  await expect(page.getByRole("button", { name: /^T1110: \d+ queries/ }).first()).toBeVisible();
  await expectAccessible(page);
  await page
    .getByRole("button", { name: /^T1110: \d+ queries/ })
    .first()
    .click();
  await expect(row(page, "run-two")).toBeVisible();
  await expect(page).toHaveURL(/technique=T1110/);
});

test("rows become bookmarks, and a query a rule", async ({ open, page, server }) => {
  await addQuery(
    server,
    "kept-query",
    "SigninLogs | summarize Signins = count() by UserPrincipalName | order by UserPrincipalName asc",
  );
  await open("Contributor", "hunting?q=kept-query");
  await expect(row(page, "kept-query")).toBeVisible();
  await page.keyboard.press("b");
  await page.getByLabel("Keep row 2", { exact: true }).check();
  await page.getByLabel(/^Note/).fill("Both at night.");
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Keep 2 rows/ }).click();
  await expect(page.getByText("2 bookmarks kept")).toBeVisible();
  const { value } = await server.call<{ value: { properties: { displayName: string; notes: string } }[] }>(
    "GET",
    `${server.sentinel}/bookmarks?api-version=2024-01-01-preview`,
  );
  expect(value.filter(({ properties }) => properties.notes === "Both at night.")).toHaveLength(2);
  await page.keyboard.press("p");
  await expect(page).toHaveURL(/rules\/new/);
});

test("a query is made, edited and deleted, and taken back", async ({ open, page, server }) => {
  await open("Contributor", "hunting");
  await page.getByRole("heading", { name: "Hunting" }).waitFor();
  await page.keyboard.press("n");
  await page.getByLabel(/^Name/).fill("typed-query");
  await page.getByLabel(/^Query \(needed\)/).fill("Heartbeat | take 1");
  await page.getByLabel("Techniques").fill("T1078, T1110.003");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Search in hunting queries").fill("typed-query");
  await expect(row(page, "typed-query")).toContainText("T1078, T1110.003");
  await page.getByRole("heading", { name: "Hunting" }).click();
  await page.keyboard.press("e");
  await page.getByLabel(/^Description/).fill("Edited.");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("region", { name: "Details" })).toContainText("Edited.");
  await page.keyboard.press("Delete");
  await expect(row(page, "typed-query")).toBeHidden();
  await page.keyboard.press("z");
  await expect(row(page, "typed-query")).toBeVisible();
  const { value } = await server.call<{ value: { properties: { displayName: string; tags: unknown[] } }[] }>(
    "GET",
    `${server.workspace}/savedSearches?api-version=2020-08-01`,
  );
  expect(value.find(({ properties }) => properties.displayName === "typed-query")?.properties.tags).toEqual([
    { name: "description", value: "Edited." },
    { name: "techniques", value: "T1078,T1110.003" },
  ]);
});

test("a hunt has queries and comments", async ({ open, page, server }) => {
  await addQuery(server, "hunted-query", "Heartbeat");
  await open("Contributor", "hunting?view=hunts");
  await page.getByRole("button", { name: /^New n/ }).waitFor();
  await page.keyboard.press("n");
  await page.getByLabel(/^Name/).fill("Spray in the night");
  await page.getByLabel(/^Hypothesis/).fill("Somebody sprays **passwords**.");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await expect(row(page, "Spray in the night")).toContainText("Unknown");
  await page.keyboard.press("q");
  await page.getByRole("combobox").fill("hunted-query");
  await page.keyboard.press("Enter");
  const details = page.getByRole("region", { name: "Details" });
  await expect(details.getByRole("button", { name: "hunted-query", exact: true })).toBeVisible();
  await page.getByLabel("Comment on the hunt").fill("Nothing yet.");
  await page.getByRole("button", { name: "Say it" }).click();
  await expect(details.getByText("Nothing yet.")).toBeVisible();
  await expectAccessible(page);
});

test("a query is followed: rows come as they arrive", async ({ open, page, server }) => {
  server.ingest("HuntLive_CL", [{ word: "before" }]);
  await open("Contributor", "hunting?view=live");
  await page.getByLabel("Query").fill("HuntLive_CL | project word_s");
  await page.getByRole("button", { name: "Follow" }).click();
  await expect(page.getByText(/^following/)).toBeVisible();
  await server.advance("PT1M");
  server.ingest("HuntLive_CL", [{ word: "new-row" }]);
  await server.advance("PT1M");
  await expect(row(page, "new-row")).toBeVisible({ timeout: 20_000 });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: "Follow" })).toBeVisible();
});

test("12: a Reader hunts, and every write names the action that is missing", async ({ open, page, server }) => {
  await addQuery(server, "read-query", "Heartbeat | take 1");
  await open("Reader", "hunting?q=read-query");
  await expect(row(page, "read-query")).toBeVisible();
  for (const [name, action] of [
    [/^New n/, /savedSearches\/write/],
    [/^Edit/, /savedSearches\/write/],
    [/^Delete/, /savedSearches\/delete/],
    [/^Bookmark rows/, /bookmarks\/write/],
    [/^Make a rule/, /alertRules\/write/],
  ] as const) {
    await expect(page.getByRole("button", { name })).toHaveAttribute("title", action);
  }
  await page.keyboard.press("r");
  await expect(hits(page, "read-query")).toHaveText(/^\d+$/);
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Hunts" }).click();
  await expect(page.getByRole("button", { name: /^New n/ })).toHaveAttribute("title", /hunts\/write/);
  await expectAccessible(page);
});
