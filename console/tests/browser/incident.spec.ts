import { cpus, loadavg } from "node:os";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, signIn, test } from "./fixtures";
import type { Server } from "../server/server";

const VERSION = "api-version=2024-01-01-preview";

interface Found {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly properties: { readonly title: string; readonly additionalData: Readonly<Record<string, string>> };
}

async function demoIncident(server: Server, title = "Encoded PowerShell"): Promise<Found> {
  const { value } = await server.call<{ value: Found[] }>("GET", `${server.sentinel}/incidents?${VERSION}`);
  return value.find((each) => each.properties.title.startsWith(title))!;
}

async function makeIncident(server: Server, title: string, more: object = {}): Promise<Found> {
  const id = `${server.sentinel}/incidents/${crypto.randomUUID()}`;
  const properties = { title, severity: "Medium", status: "New", ...more };
  return server.call<Found>("PUT", `${id}?${VERSION}`, { properties });
}

const comment = (server: Server, incident: Found, message: string) =>
  server.call("PUT", `${incident.id}/comments/${crypto.randomUUID()}?${VERSION}`, { properties: { message } });

const isShown = (page: Page, incident: Found) =>
  expect(page.getByRole("heading", { level: 1 })).toContainText(incident.properties.title.slice(0, 40));

test("5: evidence is what the query API gives; the graph and its table hold the same @core", async ({
  open,
  server,
}) => {
  const incident = await demoIncident(server);
  const page = await open("Responder", `incidents/${incident.name}`);
  await isShown(page, incident);
  const { value: alerts } = await server.call<{ value: Found[] }>("POST", `${incident.id}/alerts?${VERSION}`, {});
  const told = alerts[0]!.properties.additionalData;
  const expected = await server.rows(told["Query"]!);
  const grid = page.getByRole("grid", { name: "Evidence rows" });
  await expect(grid).toHaveAttribute("aria-rowcount", `${expected.length + 1}`);
  await expect(grid.getByRole("columnheader").first()).toHaveText("TimeGenerated");
  await expect(grid.getByRole("columnheader", { name: "DeviceName" })).toContainText("◆");
  for (const text of ["hl-lt-034.harbourline.example", "mara.lindqvist@harbourline.example"])
    await expect(grid.getByRole("gridcell", { name: text, exact: true })).toBeVisible();

  const { entities } = await server.call<{ entities: Found[] }>("POST", `${incident.id}/entities?${VERSION}`, {});
  const nodes = page.locator(".graph [data-node]");
  await expect(nodes).toHaveCount(entities.length + alerts.length);
  const inGraph = await nodes.evaluateAll((all) => all.map((node) => node.getAttribute("data-node")));
  expect(inGraph.sort()).toEqual([...entities, ...alerts].map(({ id }) => id).sort());
  await page.getByRole("tab", { name: "Table" }).click();
  await expect(page.getByRole("tabpanel").getByRole("row")).toHaveCount(inGraph.length + 1);
  await expect(page).toHaveURL(/view=table/);
});

test("5: a comment, a task and a bookmark are there after a reload, and in the row of each change", async ({
  open,
  server,
}) => {
  const incident = await demoIncident(server, "Password spray");
  const page = await open("Contributor", `incidents/${incident.name}`);
  await page.getByLabel("Comment", { exact: true }).fill("Reset **the password**");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".comment strong", { hasText: "the password" })).toBeVisible();
  await page.getByLabel("A new task").fill("Call Mara");
  await page.keyboard.press("Enter");
  await page.getByRole("checkbox", { name: "Call Mara" }).check();
  await expect(page.getByText("1 of 1 done")).toBeVisible();
  await page.getByRole("button", { name: "Bookmark the row" }).click();
  await page.getByLabel("Name", { exact: true }).fill("The sign-in");
  await page.getByRole("button", { name: "Bookmark it" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.reload();
  await expect(page.locator(".comment strong", { hasText: "the password" })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Call Mara" })).toBeChecked();
  await expect(page.locator("#section-related")).toContainText("The sign-in");
  const timeline = page.getByRole("region", { name: "Timeline" });
  for (const text of [/\+1 comment.* · Ana/, /\+1 task.* · Ana/, /\+1 bookmark.* · Ana/])
    await expect(timeline.getByText(text).first()).toBeVisible();
  await page.keyboard.press("6");
  await expect(timeline.getByText("+1 comment")).toHaveCount(0);
  await expect(page).toHaveURL(/hide=6/);

  await page.locator(".comment").getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Change the comment").fill("Reset it *now*");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".comment em")).toHaveText("now");
  await page.locator(".comment").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await expect(page.locator(".comment")).toHaveCount(0);
});

test("why it fired, what is alike, an entity's drawer, all by the keyboard", async ({ open, server }) => {
  const incident = await demoIncident(server);
  const page = await open("Reader", `incidents/${incident.name}`);
  const why = page.locator("#section-why");
  await expect(why).toContainText("1 row, and the rule fires at > 0");
  await expect(why).toContainText("3 mapped, none dropped");
  await expect(why).toContainText(/query [\d.]+ m?s/);
  await expect(page.locator("#section-alike")).toContainText(/\d alike: .*open/);

  await page.keyboard.press("f");
  await expect(page.locator(".graph [data-node]:focus")).toHaveAttribute("aria-label", /^Alert Encoded/);
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator(".graph [data-node]:focus")).not.toHaveAttribute("aria-label", /^Alert/);
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: /Entity/ });
  await expect(drawer).toContainText("first seen", { timeout: 40_000 });
  await expect(drawer).toContainText("Other incidents");
  await expect(drawer).toContainText("No watchlist has it.");
  await expectAccessible(page);
  await page.getByRole("heading", { level: 2 }).first().focus();
  await drawer.getByRole("heading", { level: 2 }).focus();
  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
});

test("an indicator and a watchlist that have an entity are told in its drawer", async ({ open, server }) => {
  const address = "203.0.113.66";
  await server.call("POST", `${server.sentinel}/threatIntelligence/main/createIndicator?${VERSION}`, {
    kind: "indicator",
    properties: {
      displayName: "Sprayer",
      source: "tests",
      confidence: 80,
      patternType: "ipv4-addr",
      pattern: `[ipv4-addr:value = '${address}']`,
      threatTypes: ["malicious-activity"],
      validFrom: "2020-01-01T00:00:00Z",
    },
  });
  await server.call("PUT", `${server.sentinel}/watchlists/bad-hosts?${VERSION}`, {
    properties: {
      displayName: "Bad hosts",
      provider: "tests",
      source: "Local file",
      itemsSearchKey: "ip",
      rawContent: `ip,why\n${address},sprayed`,
      contentType: "text/csv",
    },
  });
  const incident = await demoIncident(server, "Password spray");
  const page = await open("Responder", `incidents/${incident.name}`);
  await page.getByRole("button", { name: address, exact: true }).first().click();
  const drawer = page.getByRole("complementary", { name: /Entity/ });
  await expect(drawer).toContainText("confidence 80");
  await expect(drawer).toContainText("sprayed");
  await expect(drawer.getByRole("button", { name: /rows of SigninLogs/ })).toBeVisible({ timeout: 40_000 });
  await drawer.getByRole("button", { name: /rows of SigninLogs/ }).click();
  await expect(page).toHaveURL(/\/query#q=/);
});

test("rows that came late are told apart from the row that the alert kept", async ({ open, server }) => {
  const put = (rawContent: string) =>
    server.call("PUT", `${server.sentinel}/watchlists/late?${VERSION}`, {
      properties: {
        displayName: "Late",
        provider: "tests",
        source: "Local file",
        itemsSearchKey: "User",
        rawContent,
        contentType: "text/csv",
      },
    });
  await put("User\nana");
  await server.call("PUT", `${server.sentinel}/alertRules/late-rows?${VERSION}`, {
    kind: "Scheduled",
    properties: {
      displayName: "Late rows",
      enabled: true,
      severity: "Low",
      query: "_GetWatchlist('late') | project User",
      queryFrequency: "PT1H",
      queryPeriod: "PT1H",
      triggerOperator: "GreaterThan",
      triggerThreshold: 0,
      suppressionEnabled: false,
      suppressionDuration: "PT5H",
      eventGroupingSettings: { aggregationKind: "AlertPerResult" },
      entityMappings: [{ entityType: "Account", fieldMappings: [{ identifier: "Name", columnName: "User" }] }],
    },
  });
  await server.advance("PT61M");
  await put("User\nana\nben");
  const incident = await demoIncident(server, "Late rows");
  const page = await open("Responder", `incidents/${incident.name}`);
  const evidence = page.locator("#section-evidence");
  await expect(evidence).toContainText("2 now");
  await expect(evidence).toContainText("some came late");
  const grid = page.getByRole("grid", { name: "Evidence rows" });
  await expect(grid).toHaveAttribute("aria-rowcount", "2");
  await expect(grid.getByRole("gridcell", { name: "ana" })).toBeVisible();
  await page.getByRole("button", { name: "Rows now" }).click();
  await expect(grid).toHaveAttribute("aria-rowcount", "3");
  await expect(page.locator("#section-why")).toContainText("today the same window holds 2");
});

test("15: hostile titles, comments, tasks and labels are inert", async ({ open, server }) => {
  const image = "<img src=x onerror=alert(1)>";
  const incident = await makeIncident(server, `${image}\u202Egnp.exe "'</script>`, {
    description: `<svg onload=alert(1)>${"A".repeat(3000)}`,
    labels: [{ labelName: "<b onclick=alert(1)>x</b>" }],
  });
  for (const message of [
    `${image}<script>alert(1)</script><iframe src="https://evil.example"></iframe><form action="https://evil.example"><input name=password></form>`,
    "[click](javascript:alert(1)) [data](data:text/html,<script>alert(1)</script>) [ok](https://example.org/) [vb](vbscript:x) <a href=' javascript:alert(1)'>a</a>",
    "![pixel](https://evil.example/pixel.png) <style>body{display:none}</style><p style='position:fixed;inset:0'>over</p>",
    "\u202Eright to left\u202C <math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ">".repeat(30_000),
    `${"long ".repeat(5999)}word`,
  ])
    await comment(server, incident, message);
  await server.call("PUT", `${incident.id}/tasks/t1?${VERSION}`, { properties: { title: image, status: "New" } });
  const page = await open("Contributor", `incidents/${incident.name}`);
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await expect(page.locator("article.comment")).toHaveCount(6);
  await expect(page.locator(".markdown a[href]").first()).toBeVisible();
  const bad = "script, iframe, form, style, svg, math, input, [style], [onerror], [onclick], [id], [class^=x]";
  await expect(page.locator(".markdown").locator(bad)).toHaveCount(0);
  const links = await page
    .locator(".markdown a[href]")
    .evaluateAll((all) =>
      all.map((each) => [each.getAttribute("href"), each.getAttribute("rel"), each.getAttribute("target")].join(" ")),
    );
  expect(links.sort()).toEqual([
    "https://evil.example/pixel.png noopener noreferrer _blank",
    "https://example.org/ noopener noreferrer _blank",
  ]);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`${image}⟨U+202E⟩gnp.exe`);
  await page.keyboard.press("Shift+r");
  await page.getByRole("button", { name: "incident", exact: true }).click();
  await expectAccessible(page);
  expect(dialogs).toEqual([]);
});

test("a draft survives a reload, a silent refresh of the token, and a session that has ended", async ({
  open,
  server,
  people,
  expected,
}) => {
  expected.push(/401/);
  const incident = await makeIncident(server, "Drafts");
  const page = await open("Contributor", `incidents/${incident.name}`);
  const box = page.getByLabel("Comment", { exact: true });
  await box.fill("Half a thought");
  await page.reload();
  await expect(box).toHaveValue("Half a thought");

  let refusals = 1;
  await page.route("**/comments/**", async (route) =>
    route.request().method() === "PUT" && refusals-- > 0
      ? route.fulfill({ status: 401, body: "{}" })
      : route.continue(),
  );
  await box.press("Control+Enter");
  await expect(page.locator("article.comment")).toContainText("Half a thought");
  await expect(box).toHaveValue("");

  await box.fill("Another thought");
  refusals = 1;
  await page.evaluate(() => sessionStorage.removeItem("vedette.refresh"));
  await page.context().clearCookies();
  await box.press("Control+Enter");
  const away = page.getByLabel(/password/i);
  await expect(away).toBeVisible();
  await signIn(
    page,
    server,
    people.Contributor,
    `/console/w/${server.ready.workspace_name}/incidents/${incident.name}`,
  );
  await expect(box).toHaveValue("Another thought");
  await box.press("Control+Enter");
  await expect(page.locator("article.comment")).toHaveCount(2);
});

test("the keys of triage, and of the queue's order, hold on the page", async ({ open, server }) => {
  const one = await makeIncident(server, "Triage on the page, first");
  const other = await makeIncident(server, "Triage on the page, second");
  const page = await open("Contributor", "incidents");
  await page.getByRole("grid").getByText("Triage on the page, first").click();
  await page.keyboard.press("Enter");
  await isShown(page, one);
  for (const keys of ["a", "s", "a", "v", "1"]) await page.keyboard.press(keys);
  const head = page.locator(".incident-head");
  await expect(head.getByRole("button", { name: "Owner Ana" })).toBeVisible();
  await expect(head.getByRole("button", { name: "Status Active" })).toBeVisible();
  await expect(head.getByRole("button", { name: "Severity High" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Timeline" }).getByText(/status New → Active/)).toBeVisible();
  await head.getByRole("button", { name: /^Severity/ }).click();
  await expectAccessible(page);
  await page.keyboard.type("low");
  await page.keyboard.press("Enter");
  await expect(head.getByRole("button", { name: "Severity Low" })).toBeVisible();
  await expect
    .poll(async () => {
      const { properties } = await server.call<{ properties: object }>("GET", `${one.id}?${VERSION}`);
      return properties;
    })
    .toMatchObject({ status: "Active", severity: "Low", owner: { assignedTo: "Ana" } });

  const way = (await page
    .getByText(/^\d+ of \d+$/)
    .first()
    .textContent())!;
  await page.keyboard.press(way.startsWith("1 of") ? "j" : "k");
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText("first");
  await page.keyboard.press(way.startsWith("1 of") ? "k" : "j");
  await isShown(page, one);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("grid").locator(".at")).toContainText("Triage on the page, first");
  expect(other.name).not.toBe(one.name);
});

test("a reader sees everything, and is told what is missing", async ({ open, server }) => {
  const incident = await demoIncident(server);
  const page = await open("Reader", `incidents/${incident.name}`);
  const send = page.getByRole("button", { name: "Send" });
  await expect(send).toHaveAttribute("title", /incidents\/comments\/write/);
  await expect(page.getByRole("button", { name: /Severity/ })).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByRole("button", { name: "Bookmark the row" })).toHaveAttribute("title", /bookmarks\/write/);
});

test("empty, missing and light and dark are accessible", async ({ open, server, page, expected }) => {
  expected.push(/404/);
  const incident = await makeIncident(server, "Made by hand");
  await open("Contributor", `incidents/${incident.name}`);
  await expect(page.getByText("No alert is in the incident")).toBeVisible();
  await expectAccessible(page);
  await page.goto(page.url().replace(incident.name, "nothing"));
  await expect(page.getByText("There is no such incident")).toBeVisible();
  await expectAccessible(page);
});

test("the page and its parts are accessible", async ({ open, server }) => {
  const incident = await demoIncident(server);
  await comment(
    server,
    incident,
    "| a | b |\n|-|-|\n| 1 | 2 |\n\n- [ ] todo\n\n`code`\n\n> quoted [link](https://example.org)",
  );
  const page = await open("Contributor", `incidents/${incident.name}`);
  await expect(page.locator(".graph [data-node]").first()).toBeVisible();
  await expect(page.locator("article.comment")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("tab", { name: "Table" }).click();
  await page.keyboard.press("b");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page);
});

test("budgets: the page stands within a second; a graph of 200 nodes within 300 ms", async ({
  open,
  server,
  expected,
}) => {
  expected.push(/404/); // the rule is gone
  await server.call("PUT", `${server.sentinel}/alertRules/many-entities?${VERSION}`, {
    kind: "Scheduled",
    properties: {
      displayName: "Many entities",
      enabled: true,
      severity: "Low",
      query:
        'range n from 1 to 260 step 1 | project TimeGenerated = now(), Ip = strcat("10.9.", n / 200, ".", n % 200), Host = strcat("host-", n % 40)',
      queryFrequency: "PT5M",
      queryPeriod: "PT5M",
      triggerOperator: "GreaterThan",
      triggerThreshold: 0,
      suppressionEnabled: false,
      suppressionDuration: "PT5H",
      entityMappings: [
        { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Ip" }] },
        { entityType: "Host", fieldMappings: [{ identifier: "HostName", columnName: "Host" }] },
      ],
    },
  });
  await server.advance("PT6M");
  await server.call("DELETE", `${server.sentinel}/alertRules/many-entities?${VERSION}`);
  const many = await demoIncident(server, "Many entities");
  const incident = await demoIncident(server);
  const page = await open("Responder", `incidents/${many.name}`);
  await expect(page.locator(".graph [data-node]").first()).toBeVisible();
  const nodes = await page.locator(".graph [data-node]").count();
  expect(nodes).toBeGreaterThan(150);
  expect(nodes).toBeLessThanOrEqual(200);
  const table = page.getByRole("tab", { name: "Table" });
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    await table.click();
    times.push(
      await page.getByRole("tab", { name: "Graph" }).evaluate(async (tab, count) => {
        const began = performance.now();
        (tab as HTMLElement).click();
        while (document.querySelectorAll(".graph [data-node]").length < count)
          await new Promise((next) => requestAnimationFrame(next));
        return performance.now() - began;
      }, nodes),
    );
  }
  const graph = median(times);
  const loads: number[] = [];
  for (let run = 0; run < 5; run++) {
    await page.goto(page.url().replace(/incidents\/[^?]*.*$/, `incidents/${incident.name}`));
    await page.getByRole("grid", { name: "Evidence rows" }).getByRole("gridcell").first().waitFor();
    loads.push(await page.evaluate(() => performance.now()));
  }
  const load = median(loads);
  test.info().annotations.push({ type: "budget", description: `graph of ${nodes}: ${graph} ms; page: ${load} ms` });
  console.log(`graph of ${nodes} nodes ${Math.round(graph)} ms, incident page with evidence ${Math.round(load)} ms`);
  if (loadavg()[0]! > cpus().length) return; // others keep the machine busy: the figures are told, not judged
  expect(graph).toBeLessThan(300);
  expect(load).toBeLessThan(1000);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
