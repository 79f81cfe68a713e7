// The editor of a rule: from a query to a saved rule, drafts, other people's saves, runs, kinds that are no query.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

const API = "api-version=2024-01-01-preview";
// Runs of tests and backtests, on a machine that runs other browsers too.
const SLOW = { timeout: 40_000 };
const QUERY = `SigninLogs
| where ResultType == "50126"
| summarize Failures = count(), Users = dcount(UserPrincipalName) by IPAddress`;

interface Rule {
  readonly name: string;
  readonly etag: string;
  readonly kind: string;
  readonly properties: Record<string, unknown> & { enabled: boolean; displayName: string; query: string };
}

const path = (server: Server, name: string): string => `${server.sentinel}/alertRules/${name}?${API}`;

async function addRule(server: Server, name: string, more: Record<string, unknown> = {}): Promise<Rule> {
  const properties = {
    displayName: name,
    enabled: false,
    severity: "Medium",
    query: QUERY,
    queryFrequency: "PT1H",
    queryPeriod: "PT1H",
    triggerOperator: "GreaterThan",
    triggerThreshold: 0,
    suppressionEnabled: false,
    suppressionDuration: "PT5H",
    entityMappings: [{ entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "IPAddress" }] }],
    ...more,
  };
  return server.call<Rule>("PUT", path(server, name), { kind: "Scheduled", properties });
}

async function editorOf(page: Page): Promise<void> {
  await page.locator(".kql-editor[data-ready]").waitFor();
}

/** Put a text in the place of the whole query. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator(".kql-editor .view-lines").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
  await page.waitForTimeout(500); // what is suggested comes a little later
  await page.keyboard.press("Escape");
}

test("10: a query becomes a rule: mapping, preview, backtest, stale save", async ({ open, page, server, expected }) => {
  expected.push(/412 \(Precondition Failed\)/); // of the stale save
  test.setTimeout(240_000);
  // A query becomes a hunting query, and a rule.
  await open("Contributor", "query");
  await editorOf(page);
  await write(page, QUERY);
  await page.keyboard.press("Control+s");
  await page.getByRole("radio", { name: /Hunting query/ }).check();
  await page.getByRole("textbox", { name: "Name" }).fill("Failing addresses, hunted");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Control+s");
  await page.getByRole("radio", { name: /Analytics rule/ }).check();
  await page.getByRole("button", { name: "Open the rule editor" }).click();
  await expect(page.getByRole("heading", { name: "New rule" })).toBeVisible();
  await editorOf(page);
  await expect(page.locator(".kql-editor .view-lines")).toContainText("dcount");
  await page.getByLabel("Name", { exact: true }).fill("Failing addresses");
  await page.getByRole("textbox", { name: "Every", exact: true }).fill("1h");
  await page.getByRole("textbox", { name: "over", exact: true }).fill("1h");
  // A wrong mapping is told at once, and by the preview.
  await page.getByRole("button", { name: "+ entity" }).click();
  await page.getByLabel("Type of entity 1").selectOption("IP");
  await page.getByLabel("Column of IP Address").fill("ipaddress");
  await expect(page.getByText("The query gives no column “ipaddress”. Is it “IPAddress”?")).toBeVisible();
  await expect(page.getByText("✗ 1 problem")).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/The query gives no column ipaddress; what is mapped to it stays empty/)).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Column of IP Address").fill("IPAddress");
  await expect(page.getByText("✗ 1 problem")).toBeHidden();
  // The draft survives a reload.
  await page.reload();
  await editorOf(page);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Failing addresses");
  // The window of the attack, and the name of the alert as it would be.
  const [[end] = []] = await server.rows(
    'SigninLogs | where ResultType == "50126" | summarize n = count() by bin(TimeGenerated, 1h) | top 1 by n | project substring(tostring(TimeGenerated + 1h), 0, 16)',
  );
  await page.getByLabel(/of the window that ends/).fill(String(end));
  await page.locator("summary", { hasText: "Alert details" }).click();
  await page.getByLabel("Name, with {{column}}").fill("{{IPAddress}} failed {{Failures}} times");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("tab", { name: /Preview \d+ rows? → 1 alert → 1 incident/ })).toBeVisible();
  await expect(page.getByLabel("The name as shown")).toHaveText(/→ [\d.]+ failed \d+ times/);
  await expect(page.getByRole("grid", { name: "Rows of the preview" })).toContainText("IPAddress ◂");
  await expectAccessible(page);
  // A test from these rows; it fails when the rule says something else, and tells which line lets nothing through.
  const tests = page.getByRole("tab", { name: /^Tests/ });
  await page.getByRole("button", { name: "Make a test from these rows" }).click();
  await expect(tests).toHaveText(/Tests ✓1 •/, SLOW);
  await write(page, QUERY.replace("50126", "50127"));
  await page.keyboard.press("Control+t");
  await expect(tests).toHaveText(/✓0 ✗1/, SLOW);
  await expect(page.getByText("expected 1 alert, 1 incident, got 0 alerts, 0 incidents")).toBeVisible();
  await expect(page.getByText('Line 2 let nothing through: where ResultType == "50127"')).toBeVisible();
  await expectAccessible(page);
  await write(page, QUERY);
  await page.keyboard.press("Control+t");
  await expect(tests).toHaveText(/Tests ✓1/, SLOW);
  // Saved, and its windows of a day beside those of another threshold.
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("dialog")).toContainText("enabled: it runs at once");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/rules\/[0-9a-f-]{36}/);
  const name = /rules\/([0-9a-f-]{36})/.exec(page.url())![1]!;
  const saved = await server.call<Rule>("GET", path(server, name));
  expect(saved.properties).toMatchObject({
    displayName: "Failing addresses",
    queryFrequency: "PT1H",
    entityMappings: [{ entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "IPAddress" }] }],
    alertDetailsOverride: { alertDisplayNameFormat: "{{IPAddress}} failed {{Failures}} times" },
  });
  await page.getByRole("tab", { name: /^Tests/ }).click();
  await page.getByRole("button", { name: "Save the tests" }).click();
  await expect(page.getByText("The tests are saved")).toBeVisible();
  await expect(page.getByText(/unsaved •/)).toBeHidden();
  await page.getByLabel("count").fill("4");
  await page.keyboard.press("Control+b");
  await expect(page.getByRole("tab", { name: /Backtest 7 d: 168 windows, \d+ fired, now \d+ \(−\d+\)/ })).toBeVisible(
    SLOW,
  );
  await page.getByLabel("1 day").check();
  await page.keyboard.press("Control+b");
  await expect(page.getByRole("tab", { name: /Backtest 1 d: 24 windows/ })).toBeVisible(SLOW);
  await page.getByRole("region", { name: "Windows that fire" }).getByRole("button").first().click();
  await expect(page.getByRole("grid", { name: "Rows of the window" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Preview this window" }).click();
  await expect(page.getByRole("tab", { name: /Preview \d+ rows? → / })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("button", { name: "Make a test from these rows" })).toBeVisible(SLOW);
  // Somebody else saves meanwhile: what each changed stays, and what both changed is chosen.
  const { properties } = await server.call<Rule>("GET", path(server, name));
  const theirs = { ...properties, severity: "High", triggerThreshold: 2, lastModifiedUtc: undefined };
  await server.call("PUT", path(server, name), { kind: "Scheduled", etag: saved.etag, properties: theirs });
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("dialog")).toContainText("triggerThreshold");
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("heading", { name: "Somebody saved this rule meanwhile" })).toBeVisible();
  await expect(page.getByRole("row", { name: /severity not changed Medium → High/ })).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByRole("button", { name: "Save both together" })).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("yours").check();
  await page.getByRole("button", { name: "Save both together" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  const together = await server.call<Rule>("GET", path(server, name));
  expect(together.properties).toMatchObject({ severity: "High", triggerThreshold: 4 });
  await expect(page.getByRole("combobox", { name: "Severity", exact: true })).toHaveValue("High");
  await expect(page.getByText(/changed .* by ana@/)).toBeVisible();
  // The list tells of the tests.
  await page.getByRole("button", { name: "Back to the list (Esc)" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Failing addresses" })).toContainText("✓1");
});

test("why a rule did not fire at a time, and switching it on and off with a way back", async ({
  open,
  page,
  server,
}) => {
  await addRule(server, "explained", { enabled: true, triggerThreshold: 9999 });
  await server.advance("PT2H");
  await open("Contributor", "rules/explained?panel=runs");
  await editorOf(page);
  await expect(page.getByRole("cell", { name: "Success" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Explain the last run" }).click();
  await expect(page.getByRole("region", { name: "Explanation" })).toContainText("which does not fire: it takes > 9999");
  await expect(page.getByRole("region", { name: "Explanation" })).toContainText("Next run:");
  await expectAccessible(page);
  await page.getByLabel(/Why did it not fire/).fill("2020-01-01T00:00:00");
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  await expect(page.getByText("That is before the windows of all runs that are known.")).toBeVisible();
  await page.keyboard.press("e");
  await expect(page.getByText("The rule is disabled")).toBeVisible();
  expect((await server.call<Rule>("GET", path(server, "explained"))).properties.enabled).toBe(false);
  await page.keyboard.press("z");
  await expect(page.getByRole("button", { name: "● enabled" })).toBeVisible();
  expect((await server.call<Rule>("GET", path(server, "explained"))).properties.enabled).toBe(true);
  await server.call("DELETE", path(server, "explained"));
});

test("what is typed while a rule is switched, and before that is taken back, stays", async ({ open, page, server }) => {
  await addRule(server, "switched", { enabled: true });
  await open("Contributor", "rules/switched");
  await editorOf(page);
  let go = (): void => undefined;
  const typed = new Promise<void>((resolve) => (go = resolve));
  await page.route(/alertRules\/switched/, async (route) => {
    if (route.request().method() === "PUT") await typed;
    await route.continue();
  });
  await page.getByRole("button", { name: "● enabled" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Typed meanwhile");
  go();
  await expect(page.getByText("The rule is disabled")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Typed meanwhile");
  await page.getByLabel("Name", { exact: true }).fill("Typed after");
  await page.getByRole("button", { name: /Undo/ }).click();
  await expect(page.getByRole("button", { name: "● enabled" })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Typed after");
  expect((await server.call<Rule>("GET", path(server, "switched"))).properties.displayName).toBe("switched");
  await server.call("DELETE", path(server, "switched"));
});

test("a rule that the server disabled says why, and is enabled again under its own name", async ({
  open,
  page,
  server,
}) => {
  await addRule(server, "broken", {
    displayName: "AUTO DISABLED Broken",
    description:
      "AUTO DISABLED on 2026-01-01 00:00 UTC: the last 10 runs failed with SEM0100. No table.\n\nIts own text",
  });
  await open("Contributor", "rules/broken");
  await expect(page.locator(".auto-disabled")).toContainText("the last 10 runs failed with SEM0100. No table.");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Enable again" }).click();
  await expect(page.getByRole("heading", { name: "Broken", exact: true })).toBeVisible();
  const { properties } = await server.call<Rule>("GET", path(server, "broken"));
  expect(properties).toMatchObject({ displayName: "Broken", description: "Its own text", enabled: true });
  await server.call("DELETE", path(server, "broken"));
});

test("rules of other kinds come from their template, and show what may be set", async ({ open, page, server }) => {
  await open("Contributor", "rules");
  await expect(page.getByRole("grid", { name: "Rules" })).toBeVisible();
  await page.keyboard.press("Shift+N");
  await page.getByRole("combobox", { name: "Template of the new rule" }).fill("cloud app");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /Create incidents based on Microsoft Cloud App/ })).toBeVisible();
  await page.getByLabel("High").check();
  await expectAccessible(page);
  await page.keyboard.press("Control+s");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").getByText("The rule is saved")).toBeVisible();
  await expect(page).toHaveURL(/rules\/[0-9a-f-]{36}$/);
  const name = /rules\/([0-9a-f-]{36})/.exec(page.url())![1]!;
  const { kind, properties } = await server.call<Rule>("GET", path(server, name));
  expect(kind).toBe("MicrosoftSecurityIncidentCreation");
  expect(properties).toMatchObject({ severitiesFilter: ["High"], productFilter: "Microsoft Cloud App Security" });
});

test("12: a Reader sees a rule whole, previews it, and can write nothing", async ({ open, page }) => {
  await open("Reader", "rules/harbourline-password-spray");
  await editorOf(page);
  await expect(page.getByRole("button", { name: /^Save/ })).toHaveAttribute("title", /alertRules\/write/);
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("readonly", "");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("tab", { name: /Preview 1 row → 1 alert → 1 incident/ })).toBeVisible();
  await page.getByRole("tab", { name: /Backtest/ }).click();
  await expect(page.getByRole("button", { name: /^Backtest/ })).toHaveAttribute("aria-disabled", "true");
  await expectAccessible(page);
});

test("a new rule that is not saved stands above the list; tests of two people are not lost", async ({
  open,
  page,
  server,
  expected,
}) => {
  expected.push(/412 \(Precondition Failed\)/); // of the stale save
  await addRule(server, "twice-tested");
  await open("Contributor", "rules/new?id=11111111-2222-3333-4444-555555555555");
  await page.getByLabel("Name", { exact: true }).fill("Only begun");
  await page.getByRole("button", { name: "Back to the list (Esc)" }).click();
  await page.getByRole("button", { name: "Only begun" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Only begun");
  await page.goto(page.url().replace(/rules.*/, "rules/twice-tested?panel=tests"));
  await expect(page.getByText(/No tests yet/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Begin with an example" }).click();
  const tests = `/vedette/workspaces/${server.ready.workspace_id}/rules/twice-tested/tests`;
  await server.call("PUT", tests, { tests: "tests:\n  - name: theirs\n    expect: none\n" });
  await page.getByRole("button", { name: "Save the tests" }).click();
  await expect(page.getByText("Somebody saved other tests meanwhile.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save mine instead" }).click();
  await expect(page.getByText("The tests are saved")).toBeVisible();
  const kept = await server.call<{ tests: string }>("GET", tests);
  expect(kept.tests).toContain("five failures");
  await expect(page.getByRole("tab", { name: /Tests ✓\d/ })).toBeVisible(SLOW);
  await server.call("DELETE", path(server, "twice-tested"));
});
