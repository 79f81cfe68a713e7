// The query page.
import { expect, expectAccessible, test } from "./fixtures";

test("7: an error is marked by the server's own compiler, a query runs, its chart is drawn @core", async ({ open }) => {
  const page = await open("Contributor", "query");
  await page.locator(".kql-editor[data-ready]").waitFor();
  const text = page.getByRole("textbox", { name: "Query" });
  await text.focus();
  await page.keyboard.insertText("SigninLogs | summarize n=count() by AppDisplayNam");
  await expect(page.locator(".squiggly-error")).toBeVisible();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("SigninLogs | summarize n=count() by AppDisplayName | render columnchart");
  await expect(page.locator(".squiggly-error")).toHaveCount(0);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("img", { name: /^Result: column chart/ })).toHaveAttribute("data-drawn", "");
  await expectAccessible(page);
});
