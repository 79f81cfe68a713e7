// What every browser test starts from: a seeded server on the virtual clock, people, a page that is watched for leaks.
import { test as base, expect, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { Server } from "../server/server";
import { addPerson, type Person, type Role } from "../server/people";

interface Shared {
  /** A server with the demo that the tests of a worker share; they tell their things apart by name. */
  readonly server: Server;
  readonly people: Readonly<Record<Role, Person>>;
}

interface Own {
  /** Sign in as somebody and open a page of the console: `open("Contributor", "incidents")`. */
  readonly open: (who: Role | Person, at?: string, on?: Server) => Promise<Page>;
  /** A server of the test's own. */
  readonly ownServer: (...flags: string[]) => Promise<Server>;
  /** Problems that the test expects, such as the 500 that it provokes; any other fails it. */
  readonly expected: RegExp[];
}

export const test = base.extend<Own, Shared>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's pattern
    async ({}, use) => {
      const server = await Server.start("--demo", "--virtual-clock");
      await server.advance("PT1H"); // the demo's rules run, and find what it is about
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  people: [
    async ({ server }, use) => {
      await use({
        Reader: await addPerson(server, "Rita", "Reader"),
        Responder: await addPerson(server, "Ren", "Responder"),
        Contributor: await addPerson(server, "Ana", "Contributor"),
      });
    },
    { scope: "worker", timeout: 120_000 },
  ],
  // oxlint-disable-next-line no-empty-pattern
  expected: async ({}, use) => use([]),
  // oxlint-disable-next-line no-empty-pattern
  ownServer: async ({}, use) => {
    const started: Server[] = [];
    await use(async (...flags) => {
      const server = await Server.start("--virtual-clock", ...flags);
      started.push(server);
      return server;
    });
    for (const server of started) await server.stop();
  },
  page: async ({ page, expected }, use) => {
    const problems = watch(page);
    await use(page);
    expect(problems.filter((problem) => !expected.some((each) => each.test(problem)))).toEqual([]);
  },
  open: async ({ page, server, people }, use) => {
    await use(async (who, at = "", on = server) => {
      const person = typeof who === "string" ? people[who] : who;
      const place = at === "" ? "/console/" : `/console/w/${on.ready.workspace_name}/${at}`;
      await signIn(page, on, person, place);
      return page;
    });
  },
});

/** Go to an address, through the sign-in page. */
export async function signIn(page: Page, server: Server, person: Person, place = "/console/"): Promise<void> {
  await page.goto(server.ready.https + place);
  await page
    .getByLabel(/user|name/i)
    .first()
    .fill(person.userPrincipalName);
  await page.getByLabel(/password/i).fill(person.password);
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.getByRole("banner").getByText(person.name).waitFor();
}

/** Whatever a page must never do: ask another origin, break the content policy, throw, or log an error. */
export function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["127.0.0.1", "localhost"].includes(url.hostname) && !["data:", "blob:"].includes(url.protocol)) {
      problems.push(`left the origin: ${request.url()}`);
    }
  });
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`thrown: ${error.message}`));
  return problems;
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** No violation of WCAG, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    expect(
      violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map((node) => node.html).join(" | ")}`),
    ).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}

export { expect };
