// At most four queries of the page run at once: the server runs five of one person, and asks the sixth to wait.
const AT_ONCE = 4;

let running = 0;
const waiting: (() => void)[] = [];

/** Do some work when it is its turn; not at all when it was called off meanwhile. */
export async function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((begin) => waiting.push(begin));
  else running += 1;
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
