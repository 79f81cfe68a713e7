// Automation: rules as sentences, their order, forms, dry runs; playbooks with runs and steps; roles.
import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures";
import type { Server } from "../server/server";

const LOGIC_APP_CONTRIBUTOR = "87a39d53-fc1b-424a-814c-f7e04687dc9e";
const API = "api-version=2024-01-01-preview";

interface Rule {
  readonly name: string;
  readonly properties: { readonly displayName: string; readonly order: number } & Record<string, unknown>;
}

async function addRule(server: Server, name: string, order: number, more: object = {}): Promise<void> {
  await server.call("PUT", `${server.sentinel}/automationRules/${name}?${API}`, {
    properties: {
      displayName: name,
      order,
      triggeringLogic: {
        isEnabled: false,
        triggersOn: "Incidents",
        triggersWhen: "Created",
        conditions: [
          {
            conditionType: "Property",
            conditionProperties: { propertyName: "IncidentTitle", operator: "Contains", propertyValues: ["Password"] },
          },
        ],
      },
      actions: [
        { order: 1, actionType: "ModifyProperties", actionConfiguration: { labels: [{ labelName: "spray" }] } },
      ],
      ...more,
    },
  });
}

async function rules(server: Server): Promise<Rule[]> {
  const { value } = await server.call<{ value: Rule[] }>("GET", `${server.sentinel}/automationRules?${API}`);
  return value.sort((a, b) => a.properties.order - b.properties.order);
}

async function addPlaybook(server: Server, name: string): Promise<string> {
  const { subscription_id, resource_group } = server.ready;
  const id = `/subscriptions/${subscription_id}/resourceGroups/${resource_group}/providers/Microsoft.Logic/workflows/${name}`;
  await server.call("PUT", `${id}?api-version=2019-05-01`, {
    location: "local",
    properties: {
      state: "Enabled",
      definition: {
        $schema:
          "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        contentVersion: "1.0.0.0",
        parameters: { $connections: { defaultValue: {}, type: "Object" } },
        triggers: {
          Microsoft_Sentinel_incident: {
            type: "ApiConnectionWebhook",
            inputs: {
              body: { callback_url: "@{listCallbackUrl()}" },
              host: { connection: { name: "@parameters('$connections')['azuresentinel']['connectionId']" } },
              path: "/incident-creation",
            },
          },
        },
        actions: {
          Say: { type: "Compose", inputs: "@triggerBody()?['object']?['properties']?['title']", runAfter: {} },
        },
      },
      parameters: {},
    },
  });
  return id;
}

const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const names = (page: Page) =>
  page
    .getByRole("row")
    .filter({ hasText: /^\d/ })
    .evaluateAll((all) => all.map((each) => each.querySelectorAll('[role="gridcell"]')[2]?.textContent ?? ""));

test("14: rules change places by keys and by dragging, and the order is the server's", async ({
  open,
  page,
  server,
}) => {
  for (const [at, name] of ["order-a", "order-b", "order-c"].entries()) await addRule(server, name, 101 + at);
  await open("Contributor", "automation");
  await expect(row(page, "order-a")).toContainText("When an incident is made and incident title contains “Password”");
  await row(page, "order-a").click();
  await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(() => names(page)).toEqual(["order-b", "order-a", "order-c"]);
  await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(() => names(page)).toEqual(["order-b", "order-c", "order-a"]);
  await expect(page.getByText(/put in order/).first()).toBeVisible();
  expect((await rules(server)).map(({ name }) => name)).toEqual(["order-b", "order-c", "order-a"]);
  await row(page, "order-a").dragTo(row(page, "order-b"));
  await expect.poll(() => names(page)).toEqual(["order-a", "order-b", "order-c"]);
  await expect
    .poll(async () => (await rules(server)).map(({ name }) => name))
    .toEqual(["order-a", "order-b", "order-c"]);
  await expectAccessible(page);
  await page.keyboard.press("e");
  await expect(row(page, "order-a")).toContainText("● on");
  await page.keyboard.press("z");
  await expect(row(page, "order-a")).toContainText("○ off");
  for (const name of ["order-a", "order-b", "order-c"]) {
    await row(page, name).click();
    await page.keyboard.press("Delete");
    await expect(row(page, name)).toBeHidden();
  }
  await page.keyboard.press("z");
  await expect(row(page, "order-c")).toBeVisible();
  await server.call("DELETE", `${server.sentinel}/automationRules/order-c?${API}`);
});

test("a rule with conditions of every kind is made by the form, and is what the API keeps", async ({
  open,
  page,
  server,
}) => {
  await open("Contributor", "automation");
  await page.getByRole("heading", { name: "Automation" }).waitFor();
  await page.keyboard.press("n");
  await page.getByLabel(/^Name/).fill("made-by-form");
  await page.getByLabel("When").selectOption("Incidents Updated");
  const add = page.getByLabel("Add to conditions", { exact: true });
  for (const kind of ["Property", "PropertyChanged", "PropertyArrayChanged", "PropertyArray", "Boolean"])
    await add.selectOption(kind);
  await page.getByLabel("Values of Conditions 1", { exact: true }).fill("spray, brute");
  await page.getByLabel("Change of Conditions 2").selectOption("ChangedTo");
  await page.getByRole("group", { name: "Values of Conditions 2" }).getByLabel("Closed").check();
  await page.getByLabel("Values of Conditions 4, each 1").fill("Team");
  await page.getByLabel("Values of Conditions 5, inner 1").fill("x");
  await page.getByLabel("Values of Conditions 5, inner 2").fill("y");
  await page.getByLabel("Add an action").selectOption("AddIncidentTask");
  await page.getByLabel(/^Title of the task/).fill("Call the user");
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  const made = (await rules(server)).find(({ properties }) => properties.displayName === "made-by-form");
  expect(made?.properties).toMatchObject({
    triggeringLogic: {
      triggersOn: "Incidents",
      triggersWhen: "Updated",
      conditions: [
        {
          conditionType: "Property",
          conditionProperties: {
            propertyName: "IncidentTitle",
            operator: "Contains",
            propertyValues: ["spray", "brute"],
          },
        },
        {
          conditionType: "PropertyChanged",
          conditionProperties: { propertyName: "IncidentStatus", changeType: "ChangedTo", propertyValues: ["Closed"] },
        },
        { conditionType: "PropertyArrayChanged", conditionProperties: { arrayType: "Alerts", changeType: "Added" } },
        { conditionType: "PropertyArray", conditionProperties: { arrayType: "CustomDetails" } },
        { conditionType: "Boolean", conditionProperties: { operator: "Or" } },
      ],
    },
    actions: [
      { order: 1, actionType: "ModifyProperties", actionConfiguration: { severity: "High" } },
      { order: 2, actionType: "AddIncidentTask", actionConfiguration: { title: "Call the user" } },
    ],
  });
  await server.call("DELETE", `${server.sentinel}/automationRules/${made?.name}?${API}`);
});

test("a dry run says which conditions hold and what would be done, and changes nothing", async ({
  open,
  page,
  server,
}) => {
  await server.call("PUT", `${server.sentinel}/incidents/dry-one?${API}`, {
    properties: { title: "Password dry run", severity: "Medium", status: "New" },
  });
  await addRule(server, "dry-rule", 200);
  await open("Contributor", "automation?at=dry-rule");
  await expect(row(page, "dry-rule")).toBeVisible();
  await page.keyboard.press("t");
  await page.getByLabel("Search an incident").fill("Password dry run");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The conditions hold: the rule would act.");
  await expect(dialog).toContainText("It has Password dry run.");
  await expect(dialog.getByRole("cell", { name: "spray" })).toBeVisible();
  await expectAccessible(page);
  const incident = await server.call<{ properties: { labels: unknown[] } }>(
    "GET",
    `${server.sentinel}/incidents/dry-one?${API}`,
  );
  expect(incident.properties.labels).toEqual([]);
  await server.call("DELETE", `${server.sentinel}/automationRules/dry-rule?${API}`);
});

test("a playbook is run on an incident, and its run shows its steps", async ({ open, page, server, people }) => {
  await addPlaybook(server, "say-title");
  const { subscription_id, resource_group } = server.ready;
  const group = `/subscriptions/${subscription_id}/resourceGroups/${resource_group}`;
  await server.call(
    "PUT",
    `${group}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${subscription_id}/providers/Microsoft.Authorization/roleDefinitions/${LOGIC_APP_CONTRIBUTOR}`,
        principalId: people.Contributor.objectId,
        principalType: "User",
      },
    },
  );
  await server.call("PUT", `${server.sentinel}/incidents/played-one?${API}`, {
    properties: { title: "Played incident", severity: "Low", status: "New" },
  });
  await open("Contributor", "automation?view=playbooks");
  await expect(row(page, "say-title")).toContainText("incident");
  await expect(page.getByText("It has not run yet.")).toBeVisible();
  await page.keyboard.press("r");
  await page.getByRole("combobox").fill("Played incident");
  await page.keyboard.press("Enter");
  await expect(page.getByText("say-title was started")).toBeVisible();
  await expect(async () => {
    await page.keyboard.press(".");
    await expect(row(page, "say-title")).toContainText("Succeeded", { timeout: 1000 });
  }).toPass();
  await page.getByRole("button", { name: /^Succeeded/ }).click();
  await page.getByText("Outputs of Say").click();
  await expect(page.getByRole("region", { name: "Details" })).toContainText('"Played incident"');
  await expectAccessible(page);
  await page.keyboard.press("e");
  await expect(row(page, "say-title")).toContainText("○ off");
});

test("12: a Reader reads automation, and every write names the action that is missing", async ({
  open,
  page,
  server,
}) => {
  await addRule(server, "read-rule", 300);
  await open("Reader", "automation");
  await expect(row(page, "read-rule")).toBeVisible();
  for (const name of [/^New/, /^Edit/, /^On or off/, /^Move up/, /^Move down/, /^Delete/]) {
    await expect(page.getByRole("button", { name })).toHaveAttribute("title", /automationRules\/(write|delete)/);
  }
  await page.keyboard.press("n");
  await expect(page.getByText("Nothing was changed.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Playbooks" }).click();
  await expect(page.getByRole("button", { name: /^Run on an incident/ })).toHaveAttribute(
    "title",
    /runPlaybook\/action/,
  );
  await expectAccessible(page);
  await server.call("DELETE", `${server.sentinel}/automationRules/read-rule?${API}`);
});
