// What was run and what it gave, a tab each, outside components: a result stays while other pages are looked at.
import { useSyncExternalStore } from "react";
import { runQuery, type QueryAnswer } from "~/api/logs";
import type { Place } from "~/shell/place";
import { keep } from "./history";

export interface Run {
  readonly query: string;
  readonly timespan: string;
  readonly startedAt: Date;
  readonly state: "running" | "done" | "failed" | "cancelled";
  /** Milliseconds from asking to having the answer. */
  readonly took?: number;
  readonly answer?: QueryAnswer;
  readonly error?: unknown;
  readonly cancel: () => void;
}

const runs = new Map<string, Run>();
const watchers = new Set<() => void>();

function set(tab: string, run: Run): void {
  runs.set(tab, run);
  for (const watcher of watchers) watcher();
}

/** Run a query for a tab; one that still runs there is cancelled. Gives the answer, when there is one. */
export async function run(
  place: Place,
  tab: string,
  query: string,
  timespan: string,
): Promise<QueryAnswer | undefined> {
  runs.get(tab)?.cancel();
  const controller = new AbortController();
  const startedAt = new Date();
  const from = performance.now();
  const begun: Run = { query, timespan, startedAt, state: "running", cancel: () => controller.abort() };
  set(tab, begun);
  const isCurrent = (): boolean => runs.get(tab) === begun;
  try {
    const answer = await runQuery(place.send, place.workspace.customerId, {
      query,
      timespan,
      signal: controller.signal,
    });
    const took = performance.now() - from;
    performance.mark("query-answered");
    if (isCurrent()) set(tab, { ...begun, state: "done", took, answer });
    void keep(place, { query, timespan, at: startedAt.toISOString(), took, rows: answer.tables[0]?.rows.length ?? 0 });
    return answer;
  } catch (error) {
    const took = performance.now() - from;
    if (controller.signal.aborted) {
      if (isCurrent()) set(tab, { ...begun, state: "cancelled", took });
      return undefined;
    }
    if (isCurrent()) set(tab, { ...begun, state: "failed", took, error });
    void keep(place, { query, timespan, at: startedAt.toISOString(), took });
    return undefined;
  }
}

/** Forget what a tab gave, when it is closed. */
export function forget(tab: string): void {
  runs.get(tab)?.cancel();
  runs.delete(tab);
}

export function runOf(tab: string): Run | undefined {
  return runs.get(tab);
}

export function useRun(tab: string): Run | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => runs.get(tab),
  );
}
