import { expect, expectAccessible, test } from "./fixtures";

const RULE = {
  displayName: "Many failed sign-ins (drift)",
  enabled: false,
  severity: "Low",
  query: "SigninLogs\n| where ResultType == 50126\n| summarize count() by UserPrincipalName",
  queryFrequency: "PT1H",
  queryPeriod: "PT1H",
  triggerOperator: "GreaterThan",
  triggerThreshold: 0,
  suppressionEnabled: false,
  suppressionDuration: "PT1H",
  entityMappings: [
    { entityType: "Account", fieldMappings: [{ identifier: "FullName", columnName: "UserPrincipalName" }] },
  ],
};

/** Content of a solution: a rule template of this version. */
function content(version: string, more: object): object {
  const { enabled: _, ...template } = { ...RULE, ...more };
  return {
    properties: {
      contentId: "drift-rule",
      contentProductId: "drift-rule-product",
      contentKind: "AnalyticsRule",
      packageId: "drift-solution",
      packageKind: "Solution",
      packageName: "Drift",
      displayName: template.displayName,
      version,
      source: { kind: "Solution", name: "Drift" },
      mainTemplate: {
        $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        contentVersion: version,
        resources: [
          {
            type: "Microsoft.SecurityInsights/AlertRuleTemplates",
            name: "drift-rule",
            apiVersion: "2023-02-01",
            kind: "Scheduled",
            location: "[parameters('workspace-location')]",
            properties: { ...template, version },
          },
        ],
      },
    },
  };
}

test("14: a rule behind its template is shown beside it, with the mapping that would break, and takes it", async ({
  open,
  server,
}) => {
  const api = "?api-version=2024-01-01-preview";
  const template = `${server.sentinel}/contentTemplates/drift-content${api}`;
  const rule = `${server.sentinel}/alertRules/drift-here${api}`;
  await server.call("PUT", template, content("1.0.0", {}));
  await server.call("PUT", rule, {
    kind: "Scheduled",
    properties: { ...RULE, alertRuleTemplateName: "drift-rule", templateVersion: "1.0.0" },
  });
  await server.call(
    "PUT",
    template,
    content("1.1.0", {
      severity: "High",
      query: "SigninLogs\n| where ResultType == 50126\n| summarize count() by IPAddress",
    }),
  );
  const page = await open("Contributor", "drift");
  await expect(page.getByText("1.0.0 → 1.1.0")).toBeVisible();
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("| summarize count() by IPAddress");
  await expect(details.getByText(/After the update: .*UserPrincipalName/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Take the template’s version" }).click();
  await expect(page.getByText("as 1.1.0")).toBeVisible();
  const { properties } = await server.call<{
    properties: { severity: string; templateVersion: string; enabled: boolean };
  }>("GET", rule);
  expect(properties).toMatchObject({ severity: "High", templateVersion: "1.1.0", enabled: false });
});
