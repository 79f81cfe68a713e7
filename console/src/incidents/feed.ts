// The incidents of the workspaces in sight, kept up to date: a whole list at first and now and then, and every five
// seconds, while the page is seen, what changed since.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Arm } from "~/api/arm";
import { sentinelOf, type Workspace } from "~/api/workspaces";
import { usePlace, type Place } from "~/shell/place";
import { allPending, pendingOf } from "./edits";
import type { Incident } from "./incident";
import { forget, knownOf, knownSince, learn, newest, tellKnown, useKnownVersion } from "./known";
import { withPending } from "./patchQueue";
import { serverFilter, type View } from "./view";

export const POLL = 5000; // milliseconds
const WHOLE_AGAIN = 300_000; // milliseconds: what was deleted shows in a whole list alone
const MOST = 5000; // incidents of one workspace
const OVERLAP = 10_000; // milliseconds: writes may be seen in another order than that of their times
const SETTLED = 15_000; // milliseconds after which nothing earlier can come any more
const LONGEST_POLL = 60_000;
const TICK = 20_000; // milliseconds between two looks at the clock
const SENTINEL = "Microsoft.SecurityInsights";

/** Up to which change a workspace's incidents are known, and since when. */
interface Mark {
  readonly changed: number;
  readonly at: number;
}
const marks = new Map<string, Mark>();

export interface Feed {
  /** Everything that is known of the workspaces, with the edits that are under way. */
  readonly incidents: readonly Incident[];
  /** Whether the whole list has come. */
  readonly isWhole: boolean;
  /** Whether there are more than are listed. */
  readonly isCut: boolean;
  readonly error: unknown;
  /** What goes wrong with asking for changes, while the list itself stands. */
  readonly lag: unknown;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  readonly again: () => void;
}

export function useFeed(workspaces: readonly Workspace[], view: View): Feed {
  const place = usePlace();
  const here = useNow();
  const ids = workspaces.map((each) => each.id);
  const whole = useQuery({
    queryKey: ["incidents", "list", ids, view.status.join(), view.since, view.until],
    queryFn: async ({ signal }) => {
      const clock = serverNow(place, signal);
      const from = view.since ? await clock : 0; // all time needs no clock
      const lists = workspaces.map((each) => listWhole(place.arm, each, view, from, signal));
      const [now, ...cut] = await Promise.all([clock, ...lists]);
      tellKnown();
      return { isCut: cut.some(Boolean), now };
    },
    staleTime: WHOLE_AGAIN,
    refetchInterval: WHOLE_AGAIN,
    gcTime: WHOLE_AGAIN,
  });
  const changes = useQuery({
    queryKey: ["incidents", "changes", ids],
    queryFn: async ({ signal }) => {
      await Promise.all(workspaces.map((each) => listChanges(place, each, signal)));
      return null;
    },
    enabled: whole.isSuccess,
    // Less and less often while it fails.
    refetchInterval: ({ state }) =>
      state.status === "error" ? Math.min(LONGEST_POLL, POLL * 2 ** Math.min(state.errorUpdateCount, 4)) : POLL,
    initialData: null,
    staleTime: POLL,
    refetchOnWindowFocus: true,
  });
  const version = useKnownVersion();
  const joined = ids.join(" ");
  const incidents = useMemo(() => {
    void version;
    const isEdited = allPending().length > 0;
    return joined
      .split(" ")
      .flatMap(knownOf)
      .map((each) => (isEdited ? withPending(each, pendingOf(each.id)) : each));
  }, [joined, version]);
  return {
    incidents,
    isWhole: whole.isSuccess,
    isCut: whole.data?.isCut ?? false,
    error: whole.data ? undefined : (whole.error ?? undefined),
    lag: changes.error ?? whole.error ?? undefined,
    now: place.session.config.virtualClock ? Math.max(whole.data?.now ?? 0, ...ids.map(lastChange)) : here,
    again: () => void whole.refetch(),
  };
}

/** This machine's clock, now and then. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function lastChange(workspaceId: string): number {
  return marks.get(workspaceId)?.changed ?? 0;
}

/** Learn a whole list; true when there are more than are taken. */
async function listWhole(
  arm: Arm,
  workspace: Workspace,
  view: View,
  now: number,
  signal: AbortSignal,
): Promise<boolean> {
  const at = performance.now();
  const filter = serverFilter(view, now);
  const found = await arm.list<Incident>(
    `${sentinelOf(workspace)}/incidents`,
    SENTINEL,
    { $filter: filter, $orderby: "properties/createdTimeUtc desc", $top: 1000 },
    signal,
    MOST,
  );
  learn(found, at);
  // A list of some is no word on the others: what changed there since the mark is still to be asked for.
  if (!filter || !marks.has(workspace.id)) marked(workspace, found);
  if (found.length >= MOST) return true;
  if (!filter) forgetMissing(workspace, found, at);
  return false;
}

/** What a list of all does not have any more was deleted. */
function forgetMissing(workspace: Workspace, found: readonly Incident[], at: number): void {
  const there = new Set(found.map((each) => each.id.toLowerCase()));
  for (const { id } of knownOf(workspace.id)) {
    if (!there.has(id.toLowerCase()) && (knownSince(id) ?? at) < at) forget(id);
  }
}

async function listChanges({ arm, session }: Place, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const mark = marks.get(workspace.id);
  const at = performance.now();
  // Under the virtual clock time stands still, and more may happen at the same instant.
  const isSettled = mark !== undefined && !session.config.virtualClock && at - mark.at > SETTLED;
  const since = mark && new Date(isSettled ? mark.changed : mark.changed - OVERLAP).toISOString();
  const found = await arm.list<Incident>(
    `${sentinelOf(workspace)}/incidents`,
    SENTINEL,
    {
      $filter: since && `properties/lastModifiedTimeUtc ${isSettled ? "gt" : "ge"} ${since}`,
      $orderby: "properties/lastModifiedTimeUtc desc",
      $top: 1000,
    },
    signal,
    MOST,
  );
  learn(found, at);
  marked(workspace, found);
}

function marked(workspace: Workspace, found: readonly Incident[]): void {
  const before = marks.get(workspace.id);
  const changed = found.reduce((most, each) => Math.max(most, Date.parse(each.properties.lastModifiedTimeUtc)), 0);
  if (!before || changed > before.changed) marks.set(workspace.id, { changed, at: performance.now() });
}

/** The server's clock: this machine's, unless the server runs on a virtual one. */
export async function serverNow(
  { send, session }: Pick<Place, "send" | "session">,
  signal: AbortSignal,
): Promise<number> {
  if (!session.config.virtualClock) return Date.now();
  const { body } = await send<{ now: string }>({ audience: "arm", path: "/vedette/clock", signal });
  return Date.parse(body.now);
}

/** What is known of an incident by its name, in any of the workspaces. */
export function named(workspaces: readonly Workspace[], name: string): Incident | undefined {
  for (const each of workspaces) {
    const found = newest(`${sentinelOf(each)}/incidents/${name}`);
    if (found) return found;
  }
  return undefined;
}
