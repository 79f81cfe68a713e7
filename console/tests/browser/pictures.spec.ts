// The pictures of the README and docs, made from the demo: PICTURES=1 npx playwright test pictures
import { resolve } from "node:path";
import { queryAddress } from "../../src/query/address";
import { expect, test } from "./fixtures";

const FOLDER = resolve(import.meta.dirname, "../../../docs/pictures");

test.skip(!process.env["PICTURES"], "PICTURES=1 makes the pictures anew");
test.use({ viewport: { width: 1280, height: 800 } });

const QUERY = `SigninLogs
| summarize failed = countif(ResultType != "0"), ok = countif(ResultType == "0") by bin(TimeGenerated, 1h)
| order by TimeGenerated asc
| render timechart`;

test("the queue, an incident, a query with its chart, a rule with its backtest", async ({ open, page, server }) => {
  test.setTimeout(180_000);
  const go = (place: string) => page.goto(`${server.ready.https}/console/w/${server.ready.workspace_name}/${place}`);
  await open("Contributor", "incidents");
  const queue = page.getByRole("grid", { name: "Incidents" });
  await expect(queue.getByRole("row").nth(1)).toBeVisible();
  await page.keyboard.press("j");
  await page.waitForTimeout(2500);
  await page.screenshot({ path: `${FOLDER}/incidents.png` });

  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/incidents\/[^/?]+/);
  await page.setViewportSize({ width: 1280, height: 1100 });
  await page.waitForTimeout(4500);
  await page.screenshot({ path: `${FOLDER}/incident.png` });
  await page.setViewportSize({ width: 1280, height: 800 });

  await go(await queryAddress({ query: QUERY, run: true, timespan: "P2D" }));
  await expect(page.locator("svg, canvas").last()).toBeVisible();
  await page.waitForTimeout(3000);
  await page.screenshot({ path: `${FOLDER}/query.png` });

  const { value } = await server.call<{ value: { name: string; properties: { displayName: string } }[] }>(
    "GET",
    `${server.sentinel}/alertRules?api-version=2024-01-01-preview`,
  );
  const rule = value.find(({ properties }) => /spray/i.test(properties.displayName)) ?? value[0];
  await go(`rules/${rule?.name}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.waitForTimeout(2500);
  await page.keyboard.press("Control+b");
  await page.waitForTimeout(6000);
  await page.screenshot({ path: `${FOLDER}/rule.png` });
});
