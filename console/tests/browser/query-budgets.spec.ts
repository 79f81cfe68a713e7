// The query page's part of the budgets: what loads, how long things take, measured as a person would feel it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { ask, editor, write } from "./query_page";

const ASSETS = join(import.meta.dirname, "../../dist/assets");
const RUNS = 5;

/** The size of a file of the build, compressed, in kB. */
function kilobytes(name: RegExp): number {
  const files = readdirSync(ASSETS).filter((each) => name.test(each) && !each.endsWith(".gz"));
  expect(files).toHaveLength(1);
  return gzipSync(readFileSync(join(ASSETS, files[0]!)), { level: 9 }).length / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function share(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
}

function within(what: string, value: number, limit: number, unit: string): void {
  console.log(`budget: ${what}: ${value.toFixed(unit === "ms" ? 0 : 1)} ${unit} (at most ${limit})`);
  expect(value, what).toBeLessThanOrEqual(limit);
}

test("sizes of the editor, its worker and the charts", () => {
  within("editor main", kilobytes(/^KqlEditor-.*\.js$/), 800, "kB");
  within("editor worker", kilobytes(/^kusto\.worker-.*\.js$/), 760, "kB");
  within("charts", kilobytes(/^echarts-.*\.js$/) + kilobytes(/^Chart-.*\.js$/), 280, "kB");
});

test("the editor is typed into, the schema is told, words are proposed", async ({ open, page }) => {
  test.setTimeout(180_000);
  await open("Contributor", "query");
  const cold: number[] = [];
  const schema: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const session = await page.context().newCDPSession(page);
    await session.send("Network.clearBrowserCache");
    await page.reload({ waitUntil: "commit" });
    await page.getByRole("textbox", { name: "Query" }).focus();
    await page.keyboard.type("S");
    await expect(page.locator(".view-line").first()).toContainText("S");
    cold.push(await page.evaluate(() => performance.now()));
    schema.push(await measured(page, "kql-schema"));
    await write(page, "");
    await session.detach();
  }
  within("editor typed into, cold", median(cold), 2000, "ms");
  within("schema told", median(schema), 400, "ms");
  const times: number[] = [];
  for (const text of ["Sign", "SigninLogs | wh", "SigninLogs | where User", "SigninLogs | summarize cou"]) {
    for (let run = 0; run < RUNS; run++) {
      await write(page, text.slice(0, -1));
      await page.keyboard.press("Escape");
      await page.waitForTimeout(400); // the service has read the text
      const from = performance.now();
      await page.keyboard.type(text.slice(-1));
      await page.locator(".suggest-widget .monaco-list-row").first().waitFor();
      times.push(performance.now() - from);
      await page.keyboard.press("Escape");
    }
  }
  within("warm completion p95", share(times.slice(1), 0.95), 150, "ms");
});

test("a chart of 50,000 points", async ({ open, page }) => {
  await open("Contributor", "query");
  await editor(page);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await ask(
      page,
      `range i from 1 to 50000 step 1 | project at = datetime(2026-01-01) + i * 1s, n = (i * 7919) % 1000 + ${run} | render timechart`,
    );
    await expect(page.getByRole("img", { name: /50000 points/ })).toHaveAttribute("data-drawn", "");
    times.push(await measured(page, "chart"));
  }
  within("chart of 50,000 points", median(times), 300, "ms");
});

test("100,000 × 20 rows: first rows, scrolling, memory", async ({ open, page }) => {
  test.setTimeout(180_000);
  await open("Contributor", "query");
  await editor(page);
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  await page.evaluate(() => performance.setResourceTimingBufferSize(5000));
  const before = await heap();
  const columns = Array.from({ length: 19 }, (_, at) => `c${at} = strcat("value ", i % ${at + 7}, " of ${at}")`);
  const query = `range i from 1 to 100000 step 1 | extend ${columns.join(", ")}`;
  const first: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await write(page, `${query}, run = ${run} | project-away run`);
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction((count) => performance.getEntriesByName("result-drawn").length > count, run, {
      timeout: 30_000,
    });
    first.push(
      await page.evaluate(() => {
        const drawn = performance.getEntriesByName("result-drawn").at(-1)!.startTime;
        // From the last byte of the answer to the first rows.
        const answered = (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
          .filter((each) => each.name.endsWith("/query"))
          .at(-1)!.responseEnd;
        return drawn - answered;
      }),
    );
  }
  within("answer to first rows", median(first), 500, "ms");
  const grid = page.getByRole("grid", { name: "Result" });
  const frames = await grid.evaluate(
    (element) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        let last = performance.now();
        const step = (): void => {
          const now = performance.now();
          times.push(now - last);
          last = now;
          element.scrollTop += 400;
          if (times.length < 240) requestAnimationFrame(step);
          else resolve(times.slice(5));
        };
        requestAnimationFrame(step);
      }),
  );
  within("frame while scrolling, p95", share(frames, 0.95), 33, "ms");
  within("heap of the result", (await heap()) - before, 120, "MB");
});

/** The newest measure of this name, in milliseconds; waits until there is one. */
async function measured(page: Page, name: string): Promise<number> {
  await page.waitForFunction((each) => performance.getEntriesByName(each, "measure").length > 0, name);
  return page.evaluate((each) => performance.getEntriesByName(each, "measure").at(-1)!.duration, name);
}
