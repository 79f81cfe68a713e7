// Intelligence: indicators made and matched, tags, revocation, deletion with a way back, files, roles.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

const API = "api-version=2024-01-01-preview";
const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });

async function add(server: Server, value: string, more: object = {}): Promise<void> {
  await server.call("POST", `${server.sentinel}/threatIntelligence/main/createIndicator?${API}`, {
    kind: "indicator",
    properties: {
      displayName: `about ${value}`,
      source: "tests",
      pattern: `[domain-name:value = '${value}']`,
      patternType: "domain-name",
      threatTypes: ["malicious-activity"],
      validFrom: "2026-01-01T00:00:00Z",
      ...more,
    },
  });
}

test("14: an indicator is added, its pattern is shown before, and where it was seen", async ({
  open,
  page,
  server,
}) => {
  const [address] =
    (await server.rows("SigninLogs | where isnotempty(IPAddress) | take 1 | project IPAddress"))[0] ?? [];
  await open("Contributor", "intelligence");
  await page.getByRole("heading", { name: "Intelligence" }).waitFor();
  await page.keyboard.press("n");
  await page.getByLabel(/^Values/).fill("no address");
  await expect(page.getByText("“no address” is not what IPv4 address or network looks like.")).toBeVisible();
  await page.getByLabel(/^Values/).fill(String(address));
  await expect(page.getByText(`[ipv4-addr:value = '${String(address)}']`)).toBeVisible();
  await page.getByLabel("Name").fill("seen in sign-ins");
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Search in indicators").fill(String(address));
  await expect(row(page, "seen in sign-ins")).toContainText("ipv4-addr");
  await expect(page.getByRole("region", { name: "Details" }).getByRole("cell", { name: "SigninLogs" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Matches" }).click();
  await page.getByLabel("Time").selectOption("14");
  await expect(row(page, "SigninLogs")).toContainText(String(address));
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Metrics" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: /^ipv4-addr/ }).click();
  await expect(row(page, "seen in sign-ins")).toBeVisible();
});

test("indicators are filtered, tagged, revoked and deleted by keys", async ({ open, page, server }) => {
  const soon = new Date(Date.parse(String((await server.rows("print now()"))[0]?.[0])) + 2 * 86_400_000).toISOString();
  await add(server, "one.keys.example", { validUntil: soon, confidence: 90 });
  await add(server, "two.keys.example", { confidence: 10 });
  await open("Contributor", "intelligence?q=keys.example&sort=name");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.getByLabel("Validity").selectOption("soon");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByLabel("Validity").selectOption("");
  await page.getByLabel("Confidence").selectOption("75");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByLabel("Confidence").selectOption("");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.getByRole("heading", { name: "Intelligence" }).click();
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("l");
  await page.getByLabel("Tags to add").fill("campaign-7");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await expect(row(page, "campaign-7")).toHaveCount(2);
  await page.keyboard.press("z");
  await expect(row(page, "campaign-7")).toHaveCount(0);
  await page.keyboard.press("x"); // the second one is no longer selected
  await page.keyboard.press("Delete");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.keyboard.press("z");
  await expect(page.getByRole("row")).toHaveCount(3);
  await row(page, "two.keys.example").click();
  await page.keyboard.press("r");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("a file of STIX is imported, and what failed is told", async ({ open, page }) => {
  await open("Contributor", "intelligence?view=import");
  const good = {
    type: "indicator",
    spec_version: "2.1",
    id: "indicator--0c1a2b3c-0000-4000-8000-000000000001",
    created: "2026-01-01T00:00:00.000Z",
    modified: "2026-01-01T00:00:00.000Z",
    pattern: "[domain-name:value = 'imported.example']",
    pattern_type: "stix",
    valid_from: "2026-01-01T00:00:00Z",
  };
  const bad = { ...good, id: "indicator--0c1a2b3c-0000-4000-8000-000000000002", pattern: "[domain-name:value =" };
  await page.getByLabel("File").setInputFiles({
    name: "feed.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify([good, bad])),
  });
  await page.getByLabel(/^Source/).fill("feed");
  await page.getByRole("button", { name: "Import" }).click();
  await expect(row(page, "feed.json")).toContainText("1 of 2");
  await expect(row(page, "feed.json")).toContainText("Record 2:");
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Indicators" }).click();
  await page.getByLabel("Search in indicators").fill("imported.example");
  await expect(row(page, "imported.example")).toBeVisible();
});

test("12: a Reader reads intelligence, and every write names the action that is missing", async ({
  open,
  page,
  server,
}) => {
  await add(server, "read.example");
  await open("Reader", "intelligence?q=read.example");
  await expect(row(page, "read.example")).toBeVisible();
  for (const name of [/^New/, /^Edit/, /^Tag/, /^Revoke/, /^Delete/]) {
    await expect(page.getByRole("button", { name })).toHaveAttribute(
      "title",
      /Microsoft\.SecurityInsights\/threatIntelligence\//,
    );
  }
  await page.keyboard.press("Delete");
  await expect(page.getByText("Nothing was changed.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Import" }).click();
  await expect(page.getByRole("button", { name: "Import" })).toHaveAttribute("title", /fileImports\/write/);
  await expectAccessible(page);
});
