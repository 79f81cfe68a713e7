// A query in an address: deflate and base64url in the fragment, which no server ever sees.
// Other pages go there with `go(await queryAddress({ query }))`.

export interface Shared {
  readonly query: string;
  /** ISO 8601: a duration, or two instants with a slash; all time when it is absent. */
  readonly timespan?: string;
  /** Run it as soon as the page is there. */
  readonly run?: boolean;
  /** What is shown of the result: a grid unless told. */
  readonly view?: "grid" | "chart" | "json";
}

const LONGEST = 200_000; // characters of a query that is read from an address

/** The address of the query page with this query, for `useGo()`. */
export async function queryAddress(shared: Shared): Promise<string> {
  return `query#${await fragment(shared)}`;
}

export async function fragment({ query, timespan, run, view }: Shared): Promise<string> {
  const parts = [
    `q=${base64url(await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(query)))}`,
  ];
  if (timespan) parts.push(`t=${encodeURIComponent(timespan)}`);
  if (view && view !== "grid") parts.push(`v=${view}`);
  if (run) parts.push("run");
  return parts.join("&");
}

/** What a fragment holds; undefined when it holds no query, or a damaged one. */
export async function readFragment(hash: string): Promise<Shared | undefined> {
  const search = new URLSearchParams(hash.replace(/^#/, ""));
  const packed = search.get("q");
  if (!packed || !/^[\w-]+$/.test(packed)) return undefined;
  const view = search.get("v");
  try {
    const bytes = await through(new DecompressionStream("deflate-raw"), bytesOf(packed), LONGEST);
    return {
      query: new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      ...(search.get("t") ? { timespan: search.get("t")! } : {}),
      ...(view === "chart" || view === "json" ? { view } : {}),
      ...(search.has("run") ? { run: true } : {}),
    };
  } catch {
    return undefined; // somebody cut the link short
  }
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  most = Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  written.catch(() => undefined); // reading fails with the same error
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    length += piece.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError("The query of the address is too long.");
    }
  }
  await written;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** The address of the editor of a new rule with this query, which reads it with `readFragment(location.hash)`. */
export async function newRuleAddress(query: string): Promise<string> {
  return `rules/new#${await fragment({ query })}`;
}
