import { afterEach, expect, test, vi } from "vitest";
import type { Session } from "~/session/session";
import { Arm } from "./arm";
import { ApiError } from "./errors";
import { sender } from "./request";

const SESSION = { token: async () => "t", drop: () => undefined } as unknown as Session;
const ASK = { audience: "arm", path: "/x" } as const;

afterEach(() => vi.unstubAllGlobals());

function served(answer: (path: string) => Response): void {
  vi.stubGlobal("location", { origin: "https://vedette.test" });
  vi.stubGlobal("fetch", async (path: string) => answer(path));
}

test("an answer that breaks off in its midst is of a server that is away, and no refusal", async () => {
  served(() => {
    const body = new ReadableStream({ pull: (to) => to.error(new TypeError("terminated")) });
    return new Response(body, { headers: { "Content-Type": "application/json" } });
  });
  const error = await sender(SESSION)(ASK).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 0, code: "Unreachable" });
});

test("an empty answer has no body, and a text that is no JSON is itself", async () => {
  served((path) => (path === "/x" ? new Response(null, { status: 204 }) : new Response("hello")));
  expect((await sender(SESSION)(ASK)).body).toBeUndefined();
  expect((await sender(SESSION)({ ...ASK, path: "/y" })).body).toBe("hello");
});

test("who has given up while the server asks to wait waits no longer", async () => {
  served(() => new Response("{}", { status: 429, headers: { "Retry-After": "10" } }));
  const began = performance.now();
  const control = new AbortController();
  setTimeout(() => control.abort(new Error("given up")), 20);
  await expect(sender(SESSION)({ ...ASK, signal: control.signal })).rejects.toThrow("given up");
  expect(performance.now() - began).toBeLessThan(2000);
});

test("a list whose pages lead in a circle ends with an error", async () => {
  let count = 0;
  served(() =>
    Response.json({ value: [++count], nextLink: "https://vedette.test/list?api-version=2022-12-01&page=2" }),
  );
  await expect(new Arm(sender(SESSION)).list("/list", "Microsoft.Resources")).rejects.toThrow("lead back");
  expect(count).toBe(2);
});
