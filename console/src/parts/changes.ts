// Writes of several things: a few at a time, what failed told beside what was done, with a way back.
import { ApiError } from "~/api/errors";
import { done, failed } from "./toast";

const AT_A_TIME = 4;

export interface Outcome<T, R> {
  readonly done: { readonly item: T; readonly value: R }[];
  readonly failures: { readonly item: T; readonly error: unknown }[];
}

/** Do the work of each item, `atATime` at once; what fails keeps no other from being done. */
export async function each<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atATime = AT_A_TIME,
  progress?: (count: number) => void,
): Promise<Outcome<T, R>> {
  const outcome: Outcome<T, R> = { done: [], failures: [] };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++] as T;
      try {
        outcome.done.push({ item, value: await work(item) });
      } catch (error) {
        outcome.failures.push({ item, error });
      }
      progress?.(outcome.done.length + outcome.failures.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return outcome;
}

/** `2 bookmarks` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Say what was done of some writes and what not; `undo` takes back what was done. */
export function tell(
  noun: string,
  verb: string,
  outcome: Outcome<unknown, unknown>,
  undo?: () => Promise<Outcome<unknown, unknown>>,
): void {
  const first = outcome.failures[0];
  if (first) {
    failed(`${counted(outcome.failures.length, noun)} could not be ${verb}.${staleText(first.error)}`, first.error);
  }
  if (outcome.done.length === 0) return;
  const back = async (): Promise<void> => {
    const again = await undo?.();
    if (again?.failures[0]) failed("It could not be taken back.", again.failures[0].error);
  };
  done(`${counted(outcome.done.length, noun)} ${verb}`, undo && (() => void back()));
}

function staleText(error: unknown): string {
  const isStale = error instanceof ApiError && (error.status === 409 || error.status === 412);
  return isStale ? " Somebody changed it meanwhile; look again." : "";
}
