// JSON of an answer; a large one is parsed in a worker, so that the page stays quick meanwhile.

const LARGE = 1_000_000; // characters

/** The value of an answer's text; undefined when it is empty, and the text itself when it is no JSON. */
export async function parseJson(text: string): Promise<unknown> {
  if (text === "") return undefined;
  try {
    return text.length > LARGE ? await parsedApart(text) : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function parsedApart(text: string): Promise<unknown> {
  const worker = new Worker(new URL("./json.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<{ value?: unknown; error?: string }>) => {
      worker.terminate();
      if (event.data.error === undefined) resolve(event.data.value);
      else reject(new SyntaxError(event.data.error));
    };
    worker.onerror = (event) => {
      worker.terminate();
      reject(new Error(event.message));
    };
    worker.postMessage(text);
  });
}
