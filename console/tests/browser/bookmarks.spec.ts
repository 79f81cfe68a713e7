// Bookmarks: keys, incidents, forms, deletion with a way back, roles.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

const API = "api-version=2024-01-01-preview";

async function keep(server: Server, name: string, more: object = {}): Promise<void> {
  await server.call("PUT", `${server.sentinel}/bookmarks/${name}?${API}`, {
    properties: {
      displayName: name,
      query: "SigninLogs | take 5",
      queryStartTime: "2026-01-01T00:00:00Z",
      queryEndTime: "2026-01-02T00:00:00Z",
      queryResult: '{"UserPrincipalName":"ana@contoso.example","IPAddress":"203.0.113.7"}',
      notes: "Seen **twice**.",
      labels: ["hunt"],
      entityMappings: [{ entityType: "IP", fieldMappings: [{ identifier: "Address", value: "203.0.113.7" }] }],
      ...more,
    },
  });
}

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("bookmarks become an incident, leave it, and are deleted and taken back by keys", async ({
  open,
  page,
  server,
}) => {
  for (const name of ["kept-one", "kept-two"]) await keep(server, name);
  await open("Contributor", "bookmarks?q=kept-&sort=name");
  await expect(page.getByRole("row")).toHaveCount(3);
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("203.0.113.7");
  await expect(details.locator("strong")).toHaveText("twice");
  await expectAccessible(page);
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Shift+I");
  await page.getByLabel(/^Title/).fill("Made of bookmarks");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/incidents\//);
  await page.goBack();
  await expect(row(page, "kept-one")).toContainText("Made of bookmarks");
  await expect(row(page, "kept-two")).toContainText("Made of bookmarks");
  await page.keyboard.press("j");
  await page.keyboard.press("Delete");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.keyboard.press("z");
  await expect(row(page, "kept-two")).toContainText("Made of bookmarks");
  await details.getByRole("button", { name: "Take out" }).click();
  await expect(page.getByText("Taken out of the incident")).toBeVisible();
  const { value } = await server.call<{ value: { properties: { title: string; additionalData: object } }[] }>(
    "GET",
    `${server.sentinel}/incidents?${API}&$filter=${encodeURIComponent("properties/title eq 'Made of bookmarks'")}`,
  );
  expect(value[0]?.properties.additionalData).toMatchObject({ bookmarksCount: 1 });
});

test("a bookmark is made and edited by a form, and kept as it was typed", async ({ open, page, server }) => {
  await open("Contributor", "bookmarks");
  await page.getByRole("heading", { name: "Bookmarks" }).waitFor();
  await page.keyboard.press("n");
  await page.getByLabel(/^Name/).fill("typed-one");
  await page.getByLabel("Tags").fill("a, b");
  await page.getByLabel(/^Query \(needed\)/).fill("Heartbeat | take 1");
  await page.getByRole("button", { name: "Add an entity" }).click();
  await page.getByLabel("Kind of entity 1").selectOption("Host");
  await page.getByLabel("Value 1 of entity 1").fill("web-03");
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Search in bookmarks").fill("typed-one");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("heading", { name: "Bookmarks" }).click();
  await page.keyboard.press("e");
  await page.getByLabel(/^Note/).fill("Looked at.");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("region", { name: "Details" })).toContainText("Looked at.");
  const { value } = await server.call<{ value: { properties: Record<string, unknown> }[] }>(
    "GET",
    `${server.sentinel}/bookmarks?${API}`,
  );
  const kept = value.find(({ properties }) => properties["displayName"] === "typed-one");
  expect(kept?.properties).toMatchObject({
    notes: "Looked at.",
    labels: ["a", "b"],
    query: "Heartbeat | take 1",
    entityMappings: [{ entityType: "Host", fieldMappings: [{ identifier: "HostName", value: "web-03" }] }],
  });
});

test("12: a Reader reads bookmarks, and every write names the action that is missing", async ({
  open,
  page,
  server,
}) => {
  await keep(server, "read-one");
  await open("Reader", "bookmarks?q=read-one");
  await expect(row(page, "read-one")).toBeVisible();
  for (const [name, action] of [
    [/^New n/, "bookmarks/write"],
    [/^Edit/, "bookmarks/write"],
    [/^Add to an incident/, "incidents/relations/write"],
    [/^New incident/, "incidents/write"],
    [/^Delete/, "bookmarks/delete"],
  ] as const) {
    const button = page.getByRole("button", { name });
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button).toHaveAttribute("title", new RegExp(`Microsoft\\.SecurityInsights/${action}`));
  }
  await page.keyboard.press("Delete");
  await expect(page.getByText("Nothing was changed.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Search in bookmarks").fill("no such thing");
  await expect(page.getByText("Nothing passes the search and the filters.")).toBeVisible();
  await expectAccessible(page);
});
