// The newest that the server said of each incident, whoever asked: the list, a page, the patch queue. An answer counts
// by when it was asked for, so that a list which was under way during a write does not bring back what was before it.
import { useCallback, useSyncExternalStore } from "react";
import type { Incident } from "./incident";

interface Known {
  readonly incident: Incident;
  /** When it was asked for, or when a write was answered; milliseconds of performance.now(). */
  readonly at: number;
}

const known = new Map<string, Known>();
const watchers = new Set<() => void>();
let version = 0;

/** Take in incidents that were asked for at an instant of performance.now(). */
export function learn(incidents: readonly Incident[], at: number): void {
  let isNew = false;
  for (const incident of incidents) {
    const id = incident.id.toLowerCase();
    const before = known.get(id);
    if (before && (before.at > at || before.incident.etag === incident.etag)) continue;
    known.set(id, { incident, at });
    isNew = true;
  }
  if (isNew) knownChanged();
}

/** Forget an incident that is no more. */
export function forget(id: string): void {
  if (known.delete(id.toLowerCase())) knownChanged();
}

export function newest(id: string): Incident | undefined {
  return known.get(id.toLowerCase())?.incident;
}

/** Everything that is known of the incidents of a workspace, by its resource id. */
export function knownOf(workspaceId: string): Incident[] {
  const prefix = `${workspaceId.toLowerCase()}/`;
  const found: Incident[] = [];
  for (const [id, { incident }] of known) if (id.startsWith(prefix)) found.push(incident);
  return found;
}

/** When what is known of an incident was asked for. */
export function knownSince(id: string): number | undefined {
  return known.get(id.toLowerCase())?.at;
}

const PAUSE = 50; // milliseconds between two tellings; the first comes at once
let told = -Infinity;
let isToTell = false;

/** Tell whoever watches: soon, and once for all that changes together, for a hundred incidents may be edited by a key. */
export function knownChanged(): void {
  if (isToTell) return;
  isToTell = true;
  if (performance.now() - told > PAUSE) queueMicrotask(tell);
  else setTimeout(tell, PAUSE);
}

/** Tell now what is still to be told: a list is whole only once all of it is seen. */
export function tellKnown(): void {
  if (isToTell) tell();
}

function tell(): void {
  if (!isToTell) return; // it was told before its time
  isToTell = false;
  told = performance.now();
  version++;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** A number that grows whenever anything is known anew, or the edits under way change. */
export function useKnownVersion(): number {
  return useSyncExternalStore(watch, () => version);
}

/** A value of what is known that is told anew when it is another. */
export function useKnown<T>(read: () => T): T {
  return useSyncExternalStore(
    watch,
    useCallback(() => read(), [read]),
  );
}
