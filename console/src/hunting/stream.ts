// A query that is followed: rows as they arrive, over server-sent events; after an end that allows it, it goes on where it was.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { errorOf } from "~/api/errors";
import type { Column } from "~/api/logs";
import type { Session } from "~/session/session";

export interface Arrived {
  readonly from: string;
  readonly to: string;
  readonly truncated: boolean;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Ended {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
}

export interface StreamEvent {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

const PAUSE = 2000; // milliseconds before it is tried again

/** Follow until `signal`; raises ApiError for a query that is refused, and gives the end that is final. */
export async function follow(
  session: Session,
  workspaceId: string,
  query: string,
  signal: AbortSignal,
  told: { rows: (arrived: Arrived) => void; state: (text: string) => void },
): Promise<Ended | undefined> {
  let last = "";
  let isKnown = false; // a token that was good once is only too old when it is refused
  while (!signal.aborted) {
    const token = await session.token("logs");
    const response = await fetch(`/vedette/workspaces/${workspaceId}/hunting/live`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "text/event-stream",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(last ? { "Last-Event-ID": last } : {}),
      },
      body: JSON.stringify({ query }),
      signal,
    });
    if (response.status === 401 && isKnown) {
      isKnown = false;
      session.drop("logs");
      continue;
    }
    if (!response.ok || !response.body) throw errorOf(response.status, await response.json(), response.headers);
    isKnown = true;
    told.state("following");
    let ended: Ended | undefined;
    for await (const event of events(response.body)) {
      if (event.id) last = event.id;
      if (event.name === "rows") told.rows(JSON.parse(event.data) as Arrived);
      if (event.name === "end") ended = JSON.parse(event.data) as Ended;
    }
    if (ended && !ended.retry) return ended;
    told.state("coming back");
    await new Promise((wait) => setTimeout(wait, PAUSE));
  }
  return undefined;
}

/** The events of a stream of text. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += piece.value;
      const whole = rest.split("\n\n");
      rest = whole.pop() ?? "";
      for (const text of whole) yield parsed(text);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it broke off by itself, and that is thrown already
  }
}

function parsed(text: string): StreamEvent {
  const found = { name: "", id: "", data: "" };
  for (const line of text.split("\n")) {
    const at = line.indexOf(":");
    const [field, value] = [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
    if (field === "event") found.name = value;
    else if (field === "id") found.id = value;
    else if (field === "data") found.data += found.data ? `\n${value}` : value;
  }
  return found;
}
