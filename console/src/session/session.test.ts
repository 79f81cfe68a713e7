import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Config } from "./config";
import { openSession, SignedOut } from "./session";

const ISSUER = "https://vedette.test/t/v2.0";
const CONFIG: Config = {
  authority: ISSUER,
  tenantId: "t",
  clientId: "console",
  audiences: { arm: "arm", logs: "logs", graph: "graph", kusto: "kusto" },
  signIn: "oidc",
  version: "1",
  virtualClock: false,
};
const REFRESH = "vedette.refresh";

class Kept {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

let storage: Kept;
let left: string[];
/** Lets the token endpoint answer. */
let answer: () => void;

beforeEach(() => {
  storage = new Kept();
  storage.setItem(REFRESH, JSON.stringify({ refresh: "r1", idToken: "", profile: { sub: "ana", oid: "ana" } }));
  left = [];
  vi.stubGlobal("sessionStorage", storage);
  vi.stubGlobal("location", {
    origin: "https://vedette.test",
    pathname: "/console/",
    search: "",
    hash: "",
    assign: (to: string) => left.push(to),
  });
  const answered = new Promise<void>((go) => (answer = go));
  vi.stubGlobal("fetch", async (url: string) => {
    if (url.endsWith("openid-configuration")) {
      const metadata = { issuer: ISSUER, token_endpoint: `${ISSUER}/token`, end_session_endpoint: `${ISSUER}/logout` };
      return Response.json(metadata);
    }
    await answered;
    return Response.json({ access_token: "a1", refresh_token: "r2", expires_in: 3600, token_type: "Bearer" });
  });
});

afterEach(() => vi.unstubAllGlobals());

test("a token comes by the refresh token, which is replaced", async () => {
  const session = await openSession(CONFIG);
  answer();
  expect(await session!.token("arm")).toBe("a1");
  expect(storage.getItem(REFRESH)).toContain("r2");
});

test("without a refresh token only signing in again helps", async () => {
  const session = await openSession(CONFIG);
  storage.removeItem(REFRESH);
  await expect(session!.token("arm")).rejects.toBeInstanceOf(SignedOut);
});

test("a refresh that is answered after signing out leaves no refresh token behind", async () => {
  const session = await openSession(CONFIG);
  const settled = vi.fn();
  session!.token("arm").then(settled, settled);
  await session!.signOut();
  answer();
  session!.token("logs").then(settled, settled);
  await new Promise((soon) => setTimeout(soon, 20));
  expect(settled).not.toHaveBeenCalled(); // an error would send the page to the sign-in, and not to the sign-out
  expect(storage.getItem(REFRESH)).toBeNull();
  expect(left[0]).toContain(`${ISSUER}/logout`);
});
