// How the pages look, held against pictures that somebody looked at: SNAPSHOTS=1 npx playwright test snapshots
// Alone, for the server is shared. They are of Debian's Chromium with DejaVu's fonts; with --update-snapshots they are taken anew.
import type { Page } from "@playwright/test";
import { queryAddress } from "../../src/query/address";
import { expect, test } from "./fixtures";

const QUERY = 'SigninLogs | where ResultType != "0" | summarize failed = count() by AppDisplayName | top 5 by failed';

const PLACES: Readonly<Record<string, () => Promise<string> | string>> = {
  incidents: () => "incidents",
  query: () => queryAddress({ query: QUERY, run: true, timespan: "P2D" }),
  rules: () => "rules",
  hunting: () => "hunting",
  bookmarks: () => "bookmarks",
  watchlists: () => "watchlists",
  intelligence: () => "intelligence",
  automation: () => "automation",
  connectors: () => "connectors",
  health: () => "health",
  drift: () => "drift",
  settings: () => "settings?tab=look",
};

test.skip(!process.env["SNAPSHOTS"], "SNAPSHOTS=1 compares with the pictures of Debian's Chromium");

/** What differs from run to run: instants, ages, ids, what took how long. */
function changing(page: Page) {
  return [page.locator("time, .clock, .age, .spark, .mono, .row-statistics, [data-changing]")];
}

for (const [name, place] of Object.entries(PLACES)) {
  test(`the look of ${name}, light and dark`, async ({ open }) => {
    const page = await open("Contributor", await place());
    await page.waitForTimeout(3500);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(400);
      await expect(page).toHaveScreenshot(`${name}-${colorScheme}.png`, { mask: changing(page) });
    }
  });
}
