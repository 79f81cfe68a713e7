import { expect, expectAccessible, signIn, test } from "./fixtures";
import type { Page } from "@playwright/test";

const TEMPLATE = JSON.stringify({
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  parameters: { workspace: { type: "string" }, severity: { type: "string", defaultValue: "Low" } },
  resources: [
    {
      type: "Microsoft.OperationalInsights/workspaces/providers/alertRules",
      apiVersion: "2023-02-01",
      name: "[concat(parameters('workspace'), '/Microsoft.SecurityInsights/deployed-here')]",
      kind: "Scheduled",
      properties: {
        displayName: "Deployed from the console",
        enabled: false,
        severity: "[parameters('severity')]",
        query: "SigninLogs | where ResultType == 50126",
        queryFrequency: "PT1H",
        queryPeriod: "PT1H",
        triggerOperator: "GreaterThan",
        triggerThreshold: 0,
        suppressionEnabled: false,
        suppressionDuration: "PT1H",
      },
    },
  ],
  outputs: { severity: { type: "string", value: "[parameters('severity')]" } },
});

async function fill(page: Page, parameters: object): Promise<void> {
  await page.getByRole("button", { name: "Deploy a template" }).click();
  await page.getByLabel("Template (needed)").fill(TEMPLATE);
  await page.getByLabel("Parameters", { exact: true }).fill(JSON.stringify(parameters));
}

test("14: a template's what-if is shown, then it is deployed, and its operations are told", async ({
  page,
  people,
  server,
}) => {
  await server.call(
    "PUT",
    `/subscriptions/${server.ready.subscription_id}/resourceGroups/${server.ready.resource_group}/providers/Microsoft.Authorization/roleAssignments/7d1f0b5c-2f2f-4c86-8f5e-0a4c0e6f9a11?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${server.ready.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`,
        principalId: people.Contributor.objectId,
        principalType: "User",
      },
    },
  );
  await signIn(page, server, people.Contributor, `/console/w/${server.ready.workspace_name}/deployments`);
  await fill(page, { workspace: server.ready.workspace_name });
  await page.getByRole("button", { name: "What if" }).click();
  const whatIf = page.getByRole("region", { name: "What would change" });
  await expect(whatIf.getByRole("status")).toContainText("1 Create");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Validate" }).click();
  await expect(page.getByText("The template is valid")).toBeVisible();
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  const details = page.getByRole("region", { name: "Details" });
  await expect(details.getByText("Succeeded").first()).toBeVisible();
  await expect(details.getByText("deployed-here", { exact: false }).first()).toBeVisible();
  await expectAccessible(page);
  await fill(page, { workspace: server.ready.workspace_name, severity: "High" });
  await page.getByRole("button", { name: "What if" }).click();
  await expect(whatIf.getByRole("status")).toContainText("1 Modify");
  await expect(whatIf.getByRole("row").filter({ hasText: "severity" })).toContainText(/Low.*High/);
});

test("what is wrong with a template is said where it was sent from", async ({ open, expected }) => {
  expected.push(/status of 40[03]/);
  const page = await open("Contributor", "deployments");
  await fill(page, {});
  await page.getByLabel("Template (needed)").fill("{ no json");
  await page.getByRole("button", { name: "Validate" }).click();
  await expect(page.getByRole("alert")).toContainText("The template is no JSON");
  await page.getByLabel("Template (needed)").fill('{"resources": 3}');
  await page.getByRole("button", { name: "Validate" }).click();
  await expect(page.getByRole("alert")).toContainText(/Invalid|Authorization/);
});
