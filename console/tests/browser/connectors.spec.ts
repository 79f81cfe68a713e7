// Connectors: how tables are fed, data connectors, errors, and what a sender copies; roles.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";

const API = "api-version=2024-01-01-preview";
const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });

test("tables show their last event, rate and lag, as the query API has them", async ({ open, page, server }) => {
  await server.call("PUT", `${server.sentinel}/dataConnectors/office?${API}`, {
    kind: "Office365",
    properties: {
      tenantId: server.ready.tenant_id,
      dataTypes: { exchange: { state: "enabled" }, sharePoint: { state: "disabled" }, teams: { state: "disabled" } },
    },
  });
  server.ingest("Flow_CL", [{ a: 1 }, { a: 2 }]);
  await open("Contributor", "connectors");
  await expect(row(page, "Flow_CL")).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/);
  await expect(row(page, "Flow_CL").getByRole("gridcell").nth(5)).toHaveText("2");
  await expect(row(page, "Flow_CL").getByRole("gridcell").nth(3)).toHaveText(/^-?\d+(\.\d)? [smh]$/);
  const [count] = (await server.rows("SigninLogs | where TimeGenerated > ago(14d) | count"))[0] ?? [];
  await expect(row(page, "SigninLogs").getByRole("gridcell").nth(5)).toHaveText(Number(count).toLocaleString("en"));
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Data connectors" }).click();
  await expect(row(page, "office")).toContainText("OfficeActivity");
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Errors" }).click();
  await expect(page.getByText(/Nothing went wrong|Open the query/).first()).toBeVisible();
  await expectAccessible(page);
});

test("a sender's texts name this server and workspace; the key is shown on demand only", async ({
  open,
  page,
  server,
}) => {
  await open("Contributor", "connectors?view=send");
  await expect(page.getByText(server.ready.workspace_id).first()).toBeVisible();
  await expect(page.getByText("not shown")).toBeVisible();
  await expect(page.getByText(/HMAC/)).toContainText(`SharedKey ${server.ready.workspace_id}`);
  await expectAccessible(page);
});

test("12: a Reader sees how tables are fed, and not the key", async ({ open, page }) => {
  await open("Reader", "connectors?view=send");
  const button = page.getByRole("button", { name: "Show the key" });
  await expect(button).toHaveAttribute("title", /workspaces\/sharedKeys\/action/);
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Tables" }).click();
  await expect(row(page, "SigninLogs")).toBeVisible();
});
