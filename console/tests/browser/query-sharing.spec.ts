// The query page: links to others, and what goes wrong.
import { randomUUID } from "node:crypto";
import type { Server } from "../server/server";
import type { Person } from "../server/people";
import { expect, expectAccessible, signIn, test } from "./fixtures";
import { allowClipboard, ask, clipboard, editor, write, written } from "./query_page";

/** Somebody who may ask the workspace, but read one table of it only. */
async function readerOfOneTable(server: Server, table: string): Promise<Person> {
  const userPrincipalName = `tia-${randomUUID().slice(0, 6)}@vedette.local`;
  const password = `Pass-${randomUUID()}`;
  server.command(
    ["identity", "users", "add", userPrincipalName, "--display-name", "Tia", "--password-stdin"],
    password,
  );
  const graph = "https://graph.microsoft.com";
  const { id } = await server.call<{ id: string }>("GET", `/v1.0/users/${userPrincipalName}`, undefined, graph);
  const roles = `${server.workspace}/providers/Microsoft.Authorization`;
  const roleId = randomUUID();
  await server.call("PUT", `${roles}/roleDefinitions/${roleId}?api-version=2022-04-01`, {
    properties: {
      roleName: `Reader of ${table} ${roleId}`,
      type: "CustomRole",
      assignableScopes: [server.workspace],
      permissions: [
        {
          actions: [
            "Microsoft.OperationalInsights/workspaces/read",
            "Microsoft.OperationalInsights/workspaces/query/read",
            `Microsoft.OperationalInsights/workspaces/query/${table}/read`,
            "Microsoft.SecurityInsights/*/read",
          ],
          notActions: [],
        },
      ],
    },
  });
  await server.call("PUT", `${roles}/roleAssignments/${randomUUID()}?api-version=2022-04-01`, {
    properties: {
      roleDefinitionId: `${roles}/roleDefinitions/${roleId}`,
      principalId: id,
      principalType: "User",
    },
  });
  return { name: "Tia", userPrincipalName, password, objectId: id };
}

test("11: a link opens the same query for somebody else, with that person's tables only", async ({
  open,
  server,
  browser,
  expected,
}) => {
  const page = await open("Contributor", "query");
  const query = "DnsEvents | summarize n = count() by Computer\n| top 3 by n";
  await ask(page, query);
  await expect(page.getByRole("columnheader", { name: "Computer" })).toBeVisible();
  await allowClipboard(page);
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("y");
  await expect.poll(() => clipboard(page)).toContain("/query#q=");
  const link = await clipboard(page);
  expect(new URL(link).search).toBe(""); // nothing of the query is sent to a server

  const tia = await readerOfOneTable(server, "SigninLogs");
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const other = await context.newPage();
  await signIn(other, server, tia, link.replace(server.ready.https, ""));
  await editor(other);
  await expect.poll(() => written(other)).toBe(query);
  await (await editor(other)).focus();
  await other.keyboard.press("Control+Enter");
  await expect(other.getByRole("main").getByRole("alert")).toContainText("DnsEvents");
  await write(other, "SigninLogs | count");
  await other.keyboard.press("Control+Enter");
  await expect(other.getByRole("columnheader", { name: "Count" })).toBeVisible();
  await other.getByLabel("Find a table").fill("DnsEvents");
  await expect(other.getByText("No table, function or query has this in its name.")).toBeVisible();
  await context.close();
  expected.push(/400|403/);
});

test("a link that was cut short opens an empty page, and Y copies a call with curl", async ({ open }) => {
  const page = await open("Contributor", "query#q=zzzz");
  await allowClipboard(page);
  await ask(page, "print it = 'x'");
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("Shift+y");
  await expect.poll(() => clipboard(page)).toMatch(/curl -sS -X POST 'https:.*\/v1\/workspaces\/.*\/query'/);
});

test("17: an error of the query, a server that is away, one that is busy, rows that are missing", async ({
  open,
  page,
  expected,
}) => {
  expected.push(/Failed to load resource/);
  await open("Contributor", "query");
  await ask(page, "SigninLogs | where Nothing == 1");
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Nothing");
  await expect(page.getByRole("main").getByRole("alert")).toContainText("request ");
  await expectAccessible(page);

  const fails = async (query: string, status: number, body: object): Promise<void> => {
    await page.route("**/query", (route) =>
      route.fulfill({ status, json: body, headers: { "x-ms-request-id": "r-17", "Retry-After": "1" } }),
    );
    await write(page, query);
    await page.keyboard.press("Control+Enter");
  };
  await fails("print 504", 504, { error: { code: "GatewayTimeout", message: "Too long." } });
  await expect(page.getByRole("main").getByRole("alert")).toContainText("GatewayTimeout Too long.");
  await page.unroute("**/query");
  await fails("print 429", 429, { error: { code: "ThrottledError", message: "Slow down." } });
  await expect(page.getByRole("main").getByRole("alert")).toContainText("ThrottledError Slow down.");
  await page.unroute("**/query");
  await fails("print 200", 200, {
    tables: [{ name: "PrimaryResult", columns: [{ name: "n", type: "long" }], rows: [[1]] }],
    error: {
      code: "PartialError",
      message: "There were some errors when processing your query.",
      details: [{ code: "EngineError", message: "x", innererror: { code: "1", message: "Rows are missing." } }],
    },
  });
  await expect(page.getByRole("main").getByRole("alert")).toContainText("PartialError Rows are missing.");
  await expect(page.getByRole("gridcell", { name: "1" })).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/query");

  await page.route("**/query", (route) => route.abort());
  await write(page, "print away");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("main").getByRole("alert")).toContainText("The server cannot be reached.");
  await page.unroute("**/query");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toContainText("away"); // which is no column
});

test("17: a run can be cancelled", async ({ open, page, expected }) => {
  expected.push(/Failed to load resource/);
  await open("Contributor", "query");
  await page.route("**/query", () => undefined); // never answered
  await write(page, "print 1");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/^Running for/)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Alt+c");
  await expect(page.getByText(/^Cancelled after/)).toBeVisible();
});
