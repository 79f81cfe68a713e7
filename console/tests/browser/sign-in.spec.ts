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

test("the first page is accessible @core", async ({ open }) => {
  const page = await open("Responder", "incidents");
  await expect(page.getByRole("heading", { name: "Incidents" })).toBeVisible();
  await expectAccessible(page);
});
