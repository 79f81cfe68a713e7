import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// Debian's Chromium; another one can be named. Nothing is downloaded.
const chromium = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
if (!chromium)
  throw new Error("The browser tests need Chromium; on Debian: apt-get install chromium fonts-dejavu-core");

export default defineConfig({
  testDir: "tests/browser",
  outputDir: "build/browser",
  timeout: 60_000,
  expect: { timeout: 10_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: "disabled" } },
  snapshotPathTemplate: "tests/snapshots/{arg}{ext}",
  workers: Number(process.env["BROWSER_WORKERS"] ?? 2),
  forbidOnly: process.env["CI"] !== undefined,
  reporter: [["list"]],
  use: {
    ignoreHTTPSErrors: true, // the server's own authority is not the system's
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--font-render-hinting=none",
      ],
    },
  },
});
