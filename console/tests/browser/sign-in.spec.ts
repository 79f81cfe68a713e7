import { expect, expectAccessible, test } from "./fixtures";

test("somebody signs in, sees the demo's incidents, and signs out @core", async ({ open, server }) => {
  const page = await open("Contributor");
  await expect(page).toHaveURL(new RegExp(`/console/w/${server.ready.workspace_name}/incidents`));
  await expect(page.getByRole("heading", { name: "Incidents" })).toBeVisible();
  const [count] = (await server.rows("SecurityIncident | summarize dcount(IncidentNumber)"))[0] ?? [];
  expect(Number(count)).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByLabel(/password/i)).toBeVisible();
});

test("a reload needs no new sign-in, and the address is kept @core", async ({ open, page }) => {
  await open("Reader", "incidents?status=New");
  await page.reload();
  await expect(page.getByRole("banner").getByText("Rita")).toBeVisible();
  await expect(page).toHaveURL(/status=New/);
});

test("who signs in next in the same tab sees no query and no draft of who was there", async ({
  open,
  page,
  server,
}) => {
  await open("Contributor", "rules/new?id=22222222-2222-3333-4444-555555555555");
  await page.getByLabel("Name", { exact: true }).fill("Ana's secret rule");
  await page.goto(page.url().replace(/rules.*/, "query"));
  await page.locator(".kql-editor[data-ready] .view-lines").click();
  await page.keyboard.insertText("print secret = 1");
  const kept = (): Promise<string> => page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  await expect.poll(kept).toContain("print secret");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByLabel(/password/i)).toBeVisible();
  expect(await kept()).not.toMatch(/print secret|vedette\.refresh/);
  await open("Reader", "query");
  await page.locator(".kql-editor[data-ready]").waitFor();
  await expect(page.locator(".kql-editor .view-lines")).not.toContainText("secret");
  await page.goto(`${server.ready.https}/console/w/${server.ready.workspace_name}/rules`);
  await expect(page.getByRole("heading", { name: "Rules" }).first()).toBeVisible();
  await expect(page.getByText("Ana's secret rule")).toHaveCount(0);
});

test("the first page is accessible @core", async ({ open }) => {
  const page = await open("Responder", "incidents");
  await expect(page.getByRole("heading", { name: "Incidents" })).toBeVisible();
  await expectAccessible(page);
});

test("the sign-in page is accessible, after a wrong password and at twice the size too", async ({
  page,
  server,
  expected,
}) => {
  expected.push(/400/); // what the page with the error answers
  await page.goto(`${server.ready.https}/console/`);
  await expect(page.getByLabel("User name")).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel("User name").fill("nobody@vedette.local");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/invalid username or password/);
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 256 }); // as 640 x 512 at 200 %
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(beyond).toBeLessThanOrEqual(0);
});
