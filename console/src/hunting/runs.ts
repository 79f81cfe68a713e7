// Running hunting queries, two at a time, and what each found; the last run of each stays in this browser.
import { runQuery } from "~/api/logs";
import { ApiError, messageOf } from "~/api/errors";
import { each } from "~/parts/changes";
import { ownKey } from "~/session/own";
import type { Place } from "~/shell/place";
import type { HuntingQuery } from "./query";

const AT_A_TIME = 2;
const KEPT = "vedette.hunting.";

export interface HuntRun {
  /** When it ran here, and over which time. */
  readonly at: string;
  readonly timespan: string;
  readonly isRunning?: boolean;
  readonly results?: number;
  readonly isTruncated?: boolean;
  /** How many more than in as much time before; of templates it is not asked. */
  readonly delta?: number;
  /** How many more than when it ran last here over a time of the same length. */
  readonly sinceLast?: number;
  readonly seconds?: number;
  readonly error?: string;
}

export type Runs = ReadonlyMap<string, HuntRun>;

interface Outcome {
  readonly status: string;
  readonly resultsCount: number | null;
  readonly isTruncated: boolean;
  readonly resultsDelta: number | null;
  readonly seconds: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What ran before in this browser, by the query's key. */
export function keptRuns(workspaceId: string): Runs {
  const text = localStorage.getItem(ownKey(KEPT + workspaceId));
  if (!text) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, HuntRun>));
  } catch {
    return new Map(); // somebody else wrote there; the next run writes it anew
  }
}

export function keepRuns(workspaceId: string, runs: Runs): void {
  const done = [...runs].filter(([, run]) => !run.isRunning);
  localStorage.setItem(ownKey(KEPT + workspaceId), JSON.stringify(Object.fromEntries(done)));
}

/** Run queries; `told` hears of each as it begins and ends. */
export async function hunt(
  place: Place,
  queries: readonly HuntingQuery[],
  timespan: string,
  before: Runs,
  told: (key: string, run: HuntRun) => void,
  signal: AbortSignal,
): Promise<void> {
  await each(
    queries,
    async (query) => {
      if (signal.aborted) return;
      const last = before.get(query.key);
      const began = { at: new Date().toISOString(), timespan };
      told(query.key, { ...began, isRunning: true, ...(last?.results === undefined ? {} : { results: last.results }) });
      try {
        const found = await (query.saved
          ? runSaved(place, query, timespan, signal)
          : runText(place, query, timespan, signal));
        const isAlike = last?.results !== undefined && last.timespan === timespan;
        const sinceLast = isAlike && found.results !== undefined ? found.results - (last.results ?? 0) : undefined;
        told(query.key, { ...began, ...found, sinceLast });
      } catch (error) {
        const code = error instanceof ApiError ? `${error.code}: ` : "";
        told(query.key, { ...began, error: signal.aborted ? "stopped" : `${code}${messageOf(error)}` });
      }
    },
    AT_A_TIME,
  );
}

async function runSaved(
  { send, workspace }: Place,
  query: HuntingQuery,
  timespan: string,
  signal: AbortSignal,
): Promise<Partial<HuntRun>> {
  const { body } = await send<{ value: readonly Outcome[] }>({
    audience: "logs",
    method: "POST",
    path: `/vedette/workspaces/${workspace.customerId}/hunting/run`,
    body: { queries: [query.name], timespan },
    signal,
    patience: 150_000,
  });
  const outcome = body.value[0];
  if (!outcome) return {};
  return {
    results: outcome.resultsCount ?? undefined,
    isTruncated: outcome.isTruncated,
    delta: outcome.resultsDelta ?? undefined,
    seconds: outcome.seconds,
    ...(outcome.error ? { error: `${outcome.error.code}: ${outcome.error.message}` } : {}),
  };
}

async function runText(
  { send, workspace }: Place,
  query: HuntingQuery,
  timespan: string,
  signal: AbortSignal,
): Promise<Partial<HuntRun>> {
  const began = performance.now();
  const answer = await runQuery(send, workspace.customerId, { query: query.query, timespan, signal, wait: 60 });
  return {
    results: answer.tables[0]?.rows.length ?? 0,
    isTruncated: answer.error !== undefined,
    seconds: Math.round(performance.now() - began) / 1000,
  };
}
