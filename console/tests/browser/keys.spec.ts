import type { Page } from "@playwright/test";
import { EVERYWHERE, type Scope } from "../../src/keys/bindings";
import { SCOPES } from "../../src/keys/scopes";
import { queryAddress } from "../../src/query/address";
import { expect, test } from "./fixtures";
import type { Person } from "../server/people";
import type { Server } from "../server/server";
import { addAuthor, addWorkbook } from "../workbooks/people";
import { own } from "../workbooks/read";

/** Where a scope's keys hold, and what is made before they are pressed. */
interface Stage {
  readonly at: (server: Server) => Promise<string>;
  /** The accessible name of what shows that the page is there. */
  readonly ready: (page: Page) => Promise<void>;
  /** Who opens it, when a role on the workspace is not enough. */
  readonly who?: (server: Server) => Promise<Person>;
}

const heading = (name: string | RegExp) => async (page: Page) =>
  page.getByRole("heading", { level: 1, name }).first().waitFor();
const row = async (page: Page) => page.getByRole("grid").getByRole("row").nth(1).waitFor();
const at = (place: string) => () => Promise.resolve(place);

async function firstIncident(server: Server): Promise<string> {
  const { value } = await server.call<{ value: { name: string }[] }>(
    "GET",
    `${server.sentinel}/incidents?api-version=2024-01-01-preview&$top=1`,
  );
  return `incidents/${value[0]?.name}`;
}

async function firstRule(server: Server): Promise<string> {
  const { value } = await server.call<{ value: { name: string; kind: string }[] }>(
    "GET",
    `${server.sentinel}/alertRules?api-version=2024-01-01-preview`,
  );
  return `rules/${value.find(({ kind }) => kind === "Scheduled")?.name}`;
}

async function watchlist(server: Server): Promise<string> {
  await server.call("PUT", `${server.sentinel}/watchlists/pressed-hosts?api-version=2024-01-01-preview`, {
    properties: {
      displayName: "pressed-hosts",
      provider: "tests",
      source: "Local file",
      itemsSearchKey: "ip",
      rawContent: "ip,owner\n10.0.0.1,ana\n",
      contentType: "text/csv",
      numberOfLinesToSkip: 0,
    },
  });
  return "watchlists/pressed-hosts";
}

const STAGES: Readonly<Record<string, Stage>> = {
  triage: { at: at("incidents"), ready: row },
  incidents: { at: at("incidents"), ready: row },
  incident: { at: firstIncident, ready: heading(/./) },
  rules: { at: at("rules"), ready: row },
  rule: { at: firstRule, ready: heading(/./) },
  health: { at: at("health"), ready: row },
  hunts: { at: at("hunting?view=hunts"), ready: heading(/./) },
  playbooks: { at: at("automation?view=playbooks"), ready: heading(/./) },
  watchlist: { at: watchlist, ready: row },
  workbook: {
    at: async (server) => `workbooks/${await addWorkbook(server, "Pressed", own("looks"))}`,
    ready: async (page) => {
      await page.locator(".wb-view").waitFor();
      await page.keyboard.press("e"); // its text beside it, which can be saved
    },
    who: (server) => addAuthor(server, "Walda", "Contributor"),
  },
  query: {
    at: () => queryAddress({ query: "SigninLogs | take 3", run: true }),
    ready: async (page) => {
      await row(page);
      await page.getByRole("grid").getByRole("row").nth(1).getByRole("gridcell").first().click();
    },
  },
};

/** Press the keys of a binding one after the other; gives the actions that they made. */
async function pressed(page: Page, keys: string, typing = false): Promise<string[]> {
  await page.evaluate((leave) => {
    if (leave) (document.activeElement as HTMLElement | null)?.blur(); // a grid takes Enter by itself
    const heard: string[] = [];
    Object.assign(window, { heard });
    document.addEventListener(
      "vedette:action",
      (event) => {
        heard.push((event as CustomEvent<string>).detail);
        event.preventDefault();
      },
      { once: true },
    );
  }, !typing);
  for (const key of keys.split(" ")) await page.keyboard.press(key.replace("Ctrl+", "Control+"));
  return page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

/** The page of a scope is at its name, unless said otherwise above. */
function stageOf(scope: Scope): Stage {
  return STAGES[scope.name] ?? { at: at(scope.name), ready: heading(/./) };
}

test("16: the keys that work everywhere work", async ({ open }) => {
  const page = await open("Contributor", "incidents");
  const left = new Map(EVERYWHERE.bindings.map(({ keys, action }) => [keys, action]));
  for (const place of ["incidents", "query"]) {
    await page.goto(page.url().replace(/\/w\/([^/]+)\/.*$/, `/w/$1/${place}`));
    await heading(/./)(page);
    for (const [keys, action] of left) {
      const made = await pressed(page, keys);
      if (made.join() === action) left.delete(keys);
    }
  }
  expect([...left.entries()]).toEqual([]);
});

for (const scope of SCOPES.filter(({ name }) => name !== "everywhere" && !name.startsWith("dialog."))) {
  test(`16: every key of ${scope.title} does what it says, none while typing, and ? lists them`, async ({
    open,
    server,
    expected,
  }) => {
    expected.push(/status of 403/); // what a role does not have is said on the page
    const stage = stageOf(scope);
    const page = await open((await stage.who?.(server)) ?? "Contributor", await stage.at(server));
    await stage.ready(page);
    const wrong: string[] = [];
    for (const { keys, action } of scope.bindings) {
      const made = await pressed(page, keys);
      if (made.join() !== action) wrong.push(`${keys} made [${made.join()}], not ${action}`);
    }
    expect(wrong).toEqual([]);

    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    for (const { keys, label } of [...EVERYWHERE.bindings, ...scope.bindings]) {
      await expect(
        help
          .getByRole("term")
          .filter({ has: page.getByText(keys, { exact: true }) })
          .first(),
      ).toBeAttached();
      await expect(help.getByRole("definition").filter({ hasText: label }).first()).toBeAttached();
    }
    await page.keyboard.press("Escape");

    await page.keyboard.press("Control+k");
    const box = page.getByRole("combobox", { name: "Search or jump" });
    await box.waitFor();
    for (const { keys, action, whileTyping } of scope.bindings) {
      if (whileTyping || !keys.split(" ").every((key) => key.length === 1)) continue;
      expect(await pressed(page, keys, true), `${keys} made ${action} while somebody was typing`).toEqual([]);
    }
  });
}
