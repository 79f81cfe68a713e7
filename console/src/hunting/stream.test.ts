import { expect, test, vi } from "vitest";
import type { Session } from "~/session/session";
import { events, follow } from "./stream";

test("events are read whole, wherever the pieces are cut", async () => {
  const text = 'id: 1\nretry: 2000\n\nid: 2\nevent: rows\ndata: {"a":"ü"}\n\nevent: end\ndata: {"retry":true}\n\n';
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  const found = [];
  for await (const event of events(body)) found.push(event);
  expect(found).toEqual([
    { name: "", id: "1", data: "" },
    { name: "rows", id: "2", data: '{"a":"ü"}' },
    { name: "end", id: "", data: '{"retry":true}' },
  ]);
});

test("a token that has grown old while it was followed is replaced, one that never was good is told", async () => {
  const end = 'event: end\ndata: {"retry":true}\n\n';
  const final = 'event: end\ndata: {"code":"Done","message":"","retry":false}\n\n';
  const answers = [new Response(end), new Response("{}", { status: 401 }), new Response(final)];
  vi.stubGlobal("fetch", async () => answers.shift() ?? new Response("{}", { status: 401 }));
  const dropped: string[] = [];
  const session = { token: async () => "t", drop: (of: string) => dropped.push(of) } as unknown as Session;
  const told = { rows: () => undefined, state: () => undefined };
  expect(await follow(session, "w", "T", new AbortController().signal, told)).toMatchObject({ code: "Done" });
  expect(dropped).toEqual(["logs"]);
  await expect(follow(session, "w", "T", new AbortController().signal, told)).rejects.toMatchObject({ status: 401 });
  vi.unstubAllGlobals();
});
