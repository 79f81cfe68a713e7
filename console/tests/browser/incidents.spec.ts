// The queue of incidents: triage by keys, edits that meet others' and absences, rows that stay.
import type { Locator, Page } from "@playwright/test";
import { addPerson } from "../server/people";
import { getIncident, putIncident, seedIncidents, VERSION } from "../server/incidents";
import { expect, expectAccessible, signIn, test } from "./fixtures";

const PUT = /\/incidents\/[^/?]+\?/;

function row(page: Page, title: string): Locator {
  return page.getByRole("row").filter({ hasText: title });
}

/** The title of the row with the cursor. */
function cursor(page: Page): Locator {
  return page.locator(".queue [role=row].at");
}

async function puts(page: Page): Promise<{ sent: string[] }> {
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "PUT" && PUT.test(request.url())) sent.push(request.postData() ?? "");
  });
  return { sent };
}

test("scenario 1: from a fresh server to the first incident in a minute", async ({ page, ownServer }) => {
  test.setTimeout(120_000);
  const begun = Date.now();
  const server = await ownServer("--demo");
  const person = await addPerson(server, "Fay", "Responder");
  await server.advance("PT1H");
  await signIn(page, server, person);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(60_000);
  await page.goto("about:blank"); // it asks no more when the server stops
});

test("scenario 2: twenty incidents are closed by the keyboard alone @core", async ({ open, server, page }) => {
  const made = await seedIncidents(server, 20, "by-keys");
  await server.advance("PT1S"); // what is changed comes after what was made
  await open("Responder", "incidents?tag=by-keys&order=oldest");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "21");
  await page.evaluate(() => {
    const seen = globalThis as unknown as { mouse: number };
    seen.mouse = 0;
    for (const kind of ["mousedown", "click", "pointerdown"]) addEventListener(kind, () => seen.mouse++, true);
  });
  const ways = ["t", "b", "f", "d", "u"];
  for (let n = 0; n < 20; n++) {
    await expect(cursor(page)).toBeVisible();
    await page.keyboard.press("c");
    await page.keyboard.press(ways[n % 5]!);
  }
  await expect(page.getByRole("button", { name: /20 no longer here/ })).toBeVisible();
  await expect
    .poll(async () =>
      (await Promise.all(made.map(({ name }) => getIncident(server, name)))).map((e) => e.properties.status),
    )
    .toEqual(Array(20).fill("Closed"));
  expect(await page.evaluate(() => (globalThis as unknown as { mouse: number }).mouse)).toBe(0);
  const rows = await server.rows(
    "SecurityIncident | where Labels has 'by-keys' | summarize arg_max(TimeGenerated, *) by IncidentName" +
      " | summarize count() by Status, Classification, ClassificationReason | sort by Classification asc, ClassificationReason asc",
  );
  expect(rows).toEqual([
    ["Closed", "BenignPositive", "SuspiciousButExpected", 4],
    ["Closed", "FalsePositive", "InaccurateData", 4],
    ["Closed", "FalsePositive", "IncorrectAlertLogic", 4],
    ["Closed", "TruePositive", "SuspiciousActivity", 4],
    ["Closed", "Undetermined", "", 4],
  ]);
  await page.keyboard.press(".");
  await expect(page.getByText("No incident is in this view.", { exact: false })).toBeVisible();
  await expectAccessible(page);
});

test("scenario 3: a burst on a slow server keeps every edit, and another's edit in between is merged", async ({
  open,
  server,
  page,
  expected,
}) => {
  expected.push(/412/);
  const [one] = await seedIncidents(server, 1, "burst");
  await open("Responder", "incidents?tag=burst");
  await expect(cursor(page)).toContainText("burst 0");
  await page.route(PUT, async (route) => {
    await new Promise((wait) => setTimeout(wait, 200));
    await route.continue();
  });
  const { sent } = await puts(page);
  for (const key of ["a", "s", "a", "c", "f"]) await page.keyboard.press(key);
  await expect
    .poll(async () => (await getIncident(server, one!.name)).properties)
    .toMatchObject({
      status: "Closed",
      classification: "FalsePositive",
      classificationReason: "IncorrectAlertLogic",
      owner: { assignedTo: "Ren" },
    });
  expect(sent).toHaveLength(2);

  // Somebody else changes it after ours was sent off and before it arrives.
  const theirs = await getIncident(server, one!.name);
  let isFirst = true;
  await page.unroute(PUT);
  await page.route(PUT, async (route) => {
    if (route.request().method() === "PUT" && isFirst) {
      isFirst = false;
      await putIncident(server, one!.name, {
        ...theirs.properties,
        title: "burst, renamed by another",
        labels: [{ labelName: "burst" }, { labelName: "theirs" }],
      });
    }
    await route.continue();
  });
  await page.keyboard.press("v");
  await page.keyboard.press("3");
  await expect
    .poll(async () => (await getIncident(server, one!.name)).properties)
    .toMatchObject({
      title: "burst, renamed by another",
      severity: "Low",
      status: "Closed",
      owner: { assignedTo: "Ren" },
      labels: [{ labelName: "burst" }, { labelName: "theirs" }],
    });
  await expect(page.getByRole("region", { name: "The chosen incident" })).toContainText("burst, renamed by another");
});

test("when others keep changing the same, both values are shown", async ({ open, server, page, expected }) => {
  expected.push(/412/);
  const [one] = await seedIncidents(server, 1, "contested");
  await open("Responder", "incidents?tag=contested");
  await expect(cursor(page)).toContainText("contested 0");
  let count = 0;
  await page.route(PUT, async (route) => {
    if (route.request().method() === "PUT" && count < 4) {
      const { properties } = await getIncident(server, one!.name);
      await putIncident(server, one!.name, { ...properties, severity: ["Low", "Medium"][count % 2] });
      count++;
    }
    await route.continue();
  });
  await page.keyboard.press("v");
  await page.keyboard.press("4");
  const dialog = page.getByRole("dialog", { name: /others keep changing it/ });
  await expect(dialog.getByRole("row", { name: "severity Informational Medium" })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Keep yours" }).click();
  await expect.poll(async () => (await getIncident(server, one!.name)).properties.severity).toBe("Informational");
});

test("scenario 4: what is new waits, and the cursor does not move", async ({ open, server, page }) => {
  await seedIncidents(server, 8, "stay");
  await open("Reader", "incidents?tag=stay&order=oldest");
  await expect(cursor(page)).toBeVisible();
  for (let n = 0; n < 4; n++) await page.keyboard.press("j");
  const title = await cursor(page).innerText();
  const place = await cursor(page).boundingBox();
  await seedIncidents(server, 1, "stay", () => ({ title: "stay, just in" }));
  await expect(page.getByRole("button", { name: /1 new/ })).toBeVisible({ timeout: 12_000 });
  expect(await cursor(page).innerText()).toBe(title);
  expect(await cursor(page).boundingBox()).toEqual(place);
  await expect(row(page, "stay, just in")).toHaveCount(0);
  await page.keyboard.press(".");
  await expect(row(page, "stay, just in")).toHaveCount(1);
  expect(await cursor(page).innerText()).toBe(title);
});

test("scenario 6: edits of two tabs wait while the server is away, and are sent once", async ({
  open,
  server,
  page,
  expected,
}) => {
  test.setTimeout(120_000);
  expected.push(/ERR_INTERNET_DISCONNECTED/, /412/);
  const [one] = await seedIncidents(server, 1, "away");
  await open("Responder", "incidents?tag=away");
  const other = await page.context().newPage();
  await other.goto(page.url()); // the same person's browser is signed in
  for (const each of [page, other]) await expect(cursor(each)).toContainText("away 0");
  const [ours, theirs] = [await puts(page), await puts(other)];
  await page.context().setOffline(true);
  for (const key of ["a", "v", "4"]) await page.keyboard.press(key);
  await other.keyboard.press("s");
  await other.keyboard.press("a");
  await expect(page.getByText("The server cannot be reached: edits of 1 incident wait")).toBeVisible();
  await page.waitForTimeout(10_000);
  await expectAccessible(page);
  const before = [ours.sent.length, theirs.sent.length];
  await page.context().setOffline(false);
  await expect
    .poll(async () => (await getIncident(server, one!.name)).properties, { timeout: 30_000 })
    .toMatchObject({ severity: "Informational", status: "Active", owner: { assignedTo: "Ren" } });
  const rows = await server.rows(
    "SecurityIncident | where Labels has 'away' | summarize Rows = count(), Owned = countif(Owner has 'Ren')",
  );
  // One row when it was made, and one for each tab: nothing was sent twice.
  expect(rows[0]?.[0]).toBe(3);
  expect(before.every((count) => count > 0)).toBe(true);
  await expect(page.getByText("The server cannot be reached")).toBeHidden();
});

test("scenario 6: a token that has ended is replaced unseen, and what was typed is kept", async ({
  open,
  server,
  page,
  expected,
}) => {
  expected.push(/401/);
  const [one] = await seedIncidents(server, 1, "expiry");
  await open("Responder", "incidents?tag=expiry");
  await expect(cursor(page)).toContainText("expiry 0");
  let count = 0;
  await page.route(PUT, async (route) => {
    if (route.request().method() !== "PUT" || count++ > 0) return route.continue();
    return route.fulfill({ status: 401, json: { error: { code: "ExpiredAuthenticationToken", message: "expired" } } });
  });
  await page.keyboard.press("s");
  await page.keyboard.press("a");
  await expect.poll(async () => (await getIncident(server, one!.name)).properties.status).toBe("Active");
  await page.keyboard.press("m");
  await page.getByRole("textbox", { name: /Comment/ }).fill("Half a sentence");
  await page.reload();
  await expect(cursor(page)).toContainText("expiry 0");
  await page.keyboard.press("m");
  const box = page.getByRole("textbox", { name: /Comment/ });
  await expect(box).toHaveValue("Half a sentence");
  await box.press("Control+Enter");
  await expect(page.getByText(/comment added/)).toBeVisible();
  const { value } = await server.call<{ value: { properties: { message: string } }[] }>(
    "GET",
    `${one!.id}/comments?${VERSION}`,
  );
  expect(value.map((each) => each.properties.message)).toEqual(["Half a sentence"]);
});

test("edits that a reload interrupts are sent after it", async ({ open, server, page, expected }) => {
  expected.push(/ERR_FAILED/, /412/);
  const [one] = await seedIncidents(server, 1, "reload");
  await open("Responder", "incidents?tag=reload");
  await expect(cursor(page)).toContainText("reload 0");
  await page.route(PUT, (route) => (route.request().method() === "PUT" ? route.abort() : route.continue()));
  await page.keyboard.press("v");
  await page.keyboard.press("4");
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  await page.unroute(PUT);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await expect.poll(async () => (await getIncident(server, one!.name)).properties.severity).toBe("Informational");
});

test("a choice of rows is worked as one, and taken back as one", async ({ open, server, page }) => {
  const made = await seedIncidents(server, 5, "many");
  await open("Contributor", "incidents?tag=many&order=oldest");
  await expect(cursor(page)).toBeVisible();
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Shift+J");
  await expect(page.getByText("3 chosen")).toBeVisible();
  await page.keyboard.press("l");
  await page.getByRole("combobox").fill("wave-7");
  await page.keyboard.press("Enter");
  const labelled = async (): Promise<number> => {
    const all = await Promise.all(made.map(({ name }) => getIncident(server, name)));
    return all.filter((each) => JSON.stringify(each.properties["labels"]).includes("wave-7")).length;
  };
  await expect.poll(labelled).toBe(3);
  await page.keyboard.press("z");
  await expect.poll(labelled).toBe(0);
  await page.keyboard.press("Escape");
  await expect(page.getByText("3 chosen")).toBeHidden();

  await page.keyboard.press("Shift+A");
  await page.getByRole("combobox").fill("ren");
  await expect(page.getByRole("option", { name: /Ren ren@vedette.local/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  const owned = async (): Promise<number> => {
    const all = await Promise.all(made.map(({ name }) => getIncident(server, name)));
    return all.filter((each) => JSON.stringify(each.properties["owner"]).includes("Ren")).length;
  };
  await expect.poll(owned).toBe(1);

  await page.keyboard.press("c");
  await page.keyboard.press("Tab");
  await page.getByRole("radio", { name: /inaccurate data/ }).check();
  await page.getByRole("textbox", { name: /Comment/ }).fill("The sensor was off.");
  await expectAccessible(page);
  await page.getByRole("textbox", { name: /Comment/ }).press("Control+Enter");
  const closed = async (): Promise<unknown> => {
    const all = await Promise.all(made.map(({ name }) => getIncident(server, name)));
    return all.find((each) => each.properties.status === "Closed")?.properties;
  };
  await expect
    .poll(closed)
    .toMatchObject({ classificationReason: "InaccurateData", classificationComment: "The sensor was off." });
});

test("filters, search and views are in the address", async ({ open, server, page }) => {
  await seedIncidents(server, 4, "found");
  await open("Reader", "incidents?tag=found");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "5");
  await page.keyboard.press("f");
  await page.getByRole("combobox").fill("severity high");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/severity=High/);
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "2");
  await page.keyboard.press("Shift+S");
  await page.getByRole("textbox", { name: "Name" }).fill("Found and high");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+F");
  await expect(page).not.toHaveURL(/severity=/);
  await page.keyboard.press("w");
  await page.getByRole("combobox").fill("found and high");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/severity=High/);
  await expect(page).toHaveURL(/tag=found/);
  await page.keyboard.press("/");
  await page.keyboard.type("found 99");
  await expect(page.getByText("No incident is in this view.", { exact: false })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("found 99");
});

test("the preview says what it is about, why it fired and with which rows @core", async ({ open, page }) => {
  await open("Reader", "incidents?order=oldest");
  const preview = page.getByRole("region", { name: "The chosen incident" });
  await expect(preview).toContainText(/\d+ results? > \d+ in/);
  await expect(preview.locator(".entities .chip").first()).toBeVisible();
  await expect(preview.getByRole("region", { name: "Evidence" }).getByRole("row").nth(1)).toBeVisible();
  await expect(preview).toContainText(/alike/);
  await expect(preview.getByRole("button", { name: /Assign to me/ })).toHaveAttribute("aria-disabled", "true");
  await expect(preview.getByRole("button", { name: /Assign to me/ })).toHaveAttribute(
    "title",
    /Microsoft.SecurityInsights\/incidents\/write/,
  );
  await page.keyboard.press("a");
  await expect(page.getByText(/do not have Microsoft.SecurityInsights\/incidents\/write/).first()).toBeVisible();
  await expectAccessible(page);
});

test("on a narrow screen a row opens the preview, and its buttons work", async ({ open, server, page }) => {
  const [one] = await seedIncidents(server, 3, "narrow");
  await page.setViewportSize({ width: 390, height: 844 });
  await open("Responder", "incidents?tag=narrow&order=oldest");
  const wide = (): Promise<number> => page.evaluate(() => document.querySelector("main")!.scrollWidth - innerWidth);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(0);
  const preview = page.getByRole("region", { name: "The chosen incident" });
  await expect(preview).toBeHidden();
  await expectAccessible(page);
  await row(page, one!.properties.title).click();
  await expect(preview).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(0);
  await preview.getByRole("button", { name: /Assign to me/ }).click();
  await expect.poll(async () => JSON.stringify((await getIncident(server, one!.name)).properties)).toContain("Ren");
  await expectAccessible(page);
  await preview.getByRole("button", { name: "Queue" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("one queue over all workspaces; an edit goes to its own", async ({ ownServer, page }) => {
  test.setTimeout(120_000);
  const server = await ownServer();
  const group = `/subscriptions/${server.ready.subscription_id}/resourceGroups/${server.ready.resource_group}`;
  const second = `${group}/providers/Microsoft.OperationalInsights/workspaces/second-one`;
  await server.call("PUT", `${second}?api-version=2023-09-01`, { location: "westeurope", properties: {} });
  const sentinel = `${second}/providers/Microsoft.SecurityInsights`;
  await server.call("PUT", `${sentinel}/onboardingStates/default?${VERSION}`, { properties: {} });
  await seedIncidents(server, 2, "first-place");
  await server.call("PUT", `${sentinel}/incidents/there?${VERSION}`, {
    properties: { title: "second-place 0", severity: "High", status: "New" },
  });
  const person = await addPerson(server, "Ola", "Contributor");
  for (const role of ["3e150937-b8fe-4cfb-8069-0eaf05ecd056", "73c42c96-874c-492b-b04d-ab87d138a893"]) {
    await server.call(
      "PUT",
      `${second}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
      {
        properties: {
          roleDefinitionId: `/subscriptions/${server.ready.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
          principalId: person.objectId,
          principalType: "User",
        },
      },
    );
  }
  await signIn(page, server, person, "/console/w/all/incidents");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "4");
  await expect(page.getByRole("columnheader", { name: "Workspace" })).toBeVisible();
  await row(page, "second-place 0").click();
  await page.keyboard.press("v");
  await page.keyboard.press("4");
  await expect
    .poll(async () => {
      const { properties } = await server.call<{ properties: { severity: string } }>(
        "GET",
        `${sentinel}/incidents/there?${VERSION}`,
      );
      return properties.severity;
    })
    .toBe("Informational");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/w\/second-one\/incidents\/there/);
  await page.goBack();
  await expect(page.locator(".queue [role=row].at")).toContainText("second-place 0");
  await page.goto("about:blank");
});

test("many incidents are edited at once, and a click on a head orders them", async ({ open, server, page }) => {
  const made = await seedIncidents(server, 60, "wave");
  await open("Contributor", "incidents?tag=wave");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "61");
  await page.getByRole("button", { name: "Number" }).click();
  await expect(page).toHaveURL(/order=number/);
  await page.keyboard.press("Control+a");
  await expect(page.getByText("60 chosen")).toBeVisible();
  for (const key of ["c", "b"]) await page.keyboard.press(key);
  await expect(page.getByText("60 incidents: closed", { exact: false })).toBeVisible();
  const closed = async (): Promise<number> => {
    const all = await Promise.all(made.map(({ name }) => getIncident(server, name)));
    return all.filter((each) => each.properties["classification"] === "BenignPositive").length;
  };
  await expect.poll(closed, { timeout: 30_000 }).toBe(60);
});
