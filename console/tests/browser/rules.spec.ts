// The list of rules: filters in the address, keys, bulk changes with a way back, files in and out, roles.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

const API = "api-version=2024-01-01-preview";

interface Rule {
  readonly etag: string;
  readonly kind: string;
  readonly properties: Record<string, unknown> & { enabled: boolean; displayName: string };
}

const ruleOf = (server: Server, name: string): Promise<Rule> =>
  server.call<Rule>("GET", `${server.sentinel}/alertRules/${name}?${API}`);

async function addRule(server: Server, name: string, more: Record<string, unknown> = {}): Promise<void> {
  const { properties } = await ruleOf(server, "harbourline-password-spray");
  await server.call("PUT", `${server.sentinel}/alertRules/${name}?${API}`, {
    kind: "Scheduled",
    properties: { ...properties, displayName: name, enabled: false, ...more },
  });
}

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("the list shows runs, fires and schedule, and keeps its filters in the address @core", async ({ open, page }) => {
  await open("Contributor", "rules");
  const spray = row(page, "Password spray followed by a sign-in");
  await expect(spray).toContainText("✓");
  await expect(spray).toContainText("1d / 1d");
  await expect(spray.getByRole("img")).toHaveAccessibleName(/^[1-9]\d* alerts in 14 days/);
  await page.keyboard.press("/");
  await page.keyboard.type("T1110");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page).toHaveURL(/q=T1110/);
  await page.reload();
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByLabel("Only").selectOption("silent");
  await expect(page.getByText("No rule passes these filters.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect(spray).toBeVisible();
  await expectAccessible(page);
});

test("rules are selected, enabled and deleted by keys, and all is taken back", async ({ open, page, server }) => {
  for (const name of ["bulk-one", "bulk-two"]) await addRule(server, name);
  await open("Contributor", "rules?q=bulk-");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.keyboard.press("Shift+J");
  await expect(page.getByText("2 selected")).toBeVisible();
  await page.keyboard.press("e");
  await expect(page.getByText("2 rules enabled")).toBeVisible();
  expect((await ruleOf(server, "bulk-one")).properties.enabled).toBe(true);
  await page.keyboard.press("z");
  await expect(row(page, "bulk-two")).toContainText("off");
  expect((await ruleOf(server, "bulk-one")).properties.enabled).toBe(false);
  const before = await ruleOf(server, "bulk-two");
  await page.keyboard.press("Delete");
  await expect(page.getByText("No rule passes these filters.")).toBeVisible();
  await page.keyboard.press("z");
  await expect(page.getByRole("row")).toHaveCount(3);
  const { lastModifiedUtc: _, ...after } = (await ruleOf(server, "bulk-two")).properties;
  const { lastModifiedUtc: __, ...was } = before.properties;
  expect(after).toEqual(was);
});

test("rules go out as a template and as YAML, and come in again", async ({ open, page, server }) => {
  await addRule(server, "carried-one");
  await open("Contributor", "rules?q=carried-");
  await expect(row(page, "carried-one")).toBeVisible();
  await page.keyboard.press("o");
  await expectAccessible(page);
  const files: string[] = [];
  for (const form of ["ARM template", "YAML"]) {
    await page.getByRole("tab", { name: form }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /^Download/ }).click(),
    ]);
    files.push(await file.path());
    expect(file.suggestedFilename()).toMatch(/^carried-one\.(json|yaml)$/);
  }
  await page.getByRole("button", { name: "Close" }).click();
  const { properties } = await ruleOf(server, "carried-one");
  const texts = files.map((file) => readFileSync(file, "utf8").replaceAll("carried-one", "carried-two"));
  for (const [at, text] of texts.entries()) {
    await page.keyboard.press("i");
    const name = at === 0 ? "rules.json" : "rules.yaml";
    await page.getByLabel("Files of rules").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await expect(page.getByRole("cell", { name: at === 0 ? "new" : "replaces “carried-two”" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Import 1" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    const brought = (await ruleOf(server, "carried-two")).properties;
    expect({ ...brought, displayName: "", lastModifiedUtc: "" }).toEqual({
      ...properties,
      displayName: "",
      lastModifiedUtc: "",
    });
  }
  await page.keyboard.press("i");
  const buffer = Buffer.from('{"resources": []}');
  await page.getByLabel("Files of rules").setInputFiles({ name: "no.json", mimeType: "text/plain", buffer });
  await expect(page.getByRole("alert")).toContainText("no.json: There is no resource of type alertRules");
});

test("12: a Reader sees all rules, and every write names the action that is missing", async ({ open, page }) => {
  await open("Reader", "rules");
  await expect(row(page, "Password spray followed by a sign-in")).toBeVisible();
  for (const name of [/^New/, /^From a template/, /^On or off/, /^Import/]) {
    const button = page.getByRole("button", { name });
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button).toHaveAttribute("title", /Microsoft\.SecurityInsights\/alertRules\/write/);
  }
  await expect(page.getByRole("button", { name: "Delete" })).toHaveAttribute("title", /alertRules\/delete/);
  await page.keyboard.press("e");
  await expect(page.getByText("Rules stay as they are.")).toBeVisible();
  await expectAccessible(page);
});
