import { expect, test } from "vitest";
import { events } from "./stream";

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
