import { expect, expectAccessible, test } from "./fixtures";

test("health says how late incidents are, how rules run and what went wrong", async ({ open, server }) => {
  const page = await open("Contributor", "health");
  const runs = await server.rows(
    'SentinelHealth | where SentinelResourceType == "Analytics rule" | summarize dcount(SentinelResourceId)',
  );
  await expect(page.getByRole("grid", { name: "Rules" })).toHaveAttribute(
    "aria-rowcount",
    String(Number(runs[0]?.[0]) + 1),
  );
  await expect(page.getByText(/Your roles on the subscription do not have Vedette\/status\/read/)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/rules\/[^/]+$/);
});

test("settings say who somebody is, which roles they have and what they may do", async ({ open, people }) => {
  const page = await open("Responder", "settings");
  await expect(page.getByText(people.Responder.objectId)).toBeVisible();
  await expect(page.getByRole("cell", { name: "Microsoft Sentinel Responder", exact: true })).toBeVisible();
  const may = (action: string) => page.getByRole("row").filter({ hasText: action }).first();
  await expect(may("Microsoft.SecurityInsights/incidents/write")).toContainText("yes");
  await expect(may("Microsoft.SecurityInsights/alertRules/write")).toContainText("no");
  for (const tab of ["You", "Look", "Keys", "About"]) {
    await page.getByRole("tab", { name: tab }).click();
    await expectAccessible(page);
  }
});

test("what was chosen is kept, and can be taken along", async ({ open }) => {
  const page = await open("Reader", "settings?tab=look");
  await page.getByLabel("Dark").check();
  await page.getByLabel("Comfortable").check();
  await page.reload();
  await expect(page.getByLabel("Dark")).toBeChecked();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export settings" }).click();
  const file = await (await download).path();
  await page.getByLabel("Light").check();
  await page.getByLabel("A file of settings").setInputFiles(file);
  await expect(page.getByText(/settings brought in/)).toBeVisible();
  await expect(page.getByLabel("Dark")).toBeChecked();
});
