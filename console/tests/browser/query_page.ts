// What the tests of the query page share.
import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

/** The text of the editor, once it can be typed into. */
export async function editor(page: Page) {
  await page.locator(".kql-editor[data-ready]").waitFor();
  return page.getByRole("textbox", { name: "Query" });
}

/** Write a query in the place of what is there. */
export async function write(page: Page, query: string): Promise<void> {
  await (await editor(page)).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(query);
}

/** Write a query and run it; ends when its answer is there. */
export async function ask(page: Page, query: string): Promise<void> {
  await write(page, query);
  const answered = page.waitForResponse(
    (each) =>
      each.url().endsWith("/query") && !!each.request().postData()?.includes(JSON.stringify(query).slice(1, 60)),
  );
  await page.keyboard.press("Control+Enter");
  await answered;
}

/** What the editor holds. */
export async function written(page: Page): Promise<string> {
  const lines = await page.locator(".kql-editor .view-line").all();
  const placed = await Promise.all(
    lines.map(async (line) => ({
      top: await line.evaluate((element) => Number.parseInt((element as HTMLElement).style.top, 10)),
      text: (await line.innerText()).replaceAll("\u00a0", " "),
    })),
  );
  return placed
    .sort((a, b) => a.top - b.top)
    .map((each) => each.text)
    .join("\n");
}

export async function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

export async function allowClipboard(page: Page): Promise<void> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
}

/** A cell of the row with this number, from 0, by its column's name. */
export async function cellText(page: Page, row: number, column: string): Promise<string> {
  const grid = page.getByRole("grid", { name: "Result" });
  const index = await grid.getByRole("columnheader", { name: column, exact: true }).getAttribute("aria-colindex");
  const cell = grid.locator(`[role=row][aria-rowindex="${row + 2}"] [aria-colindex="${index}"]`);
  await expect(cell).toBeVisible();
  return cell.innerText();
}
