// Views of the queue by name: some that everybody has, and those that a person saved in this browser. A view is the query
// of an address, so a link to it shows the same to anybody.
import { useSyncExternalStore } from "react";
import { ownKey } from "~/session/own";
import { searchOf, DEFAULT, type View } from "./view";

export interface SavedView {
  readonly name: string;
  /** `status=Closed&since=24h` */
  readonly search: string;
}

/** Where a person's are kept: `ownKey(VIEWS)`. */
export const VIEWS = "vedette.views";
const MOST = 100;

export const BUILT_IN: readonly SavedView[] = [
  ["Open", {}],
  ["Open, assigned to me", { owner: ["me"] }],
  ["Open, nobody's", { owner: ["none"] }],
  ["Open, the gravest first", { order: "severity" }],
  ["High and open", { severity: ["High"] }],
  ["Closed in 24 h", { status: ["Closed"], since: "24h", order: "modified" }],
  ["All of 7 days", { status: [], since: "7d" }],
].map(([name, change]) => ({
  name: name as string,
  search: searchOf({ ...DEFAULT, ...(change as Partial<View>) }),
}));

let read: { readonly text: string; readonly views: readonly SavedView[] } = { text: "", views: [] };
const watchers = new Set<() => void>();

/** As they are kept now: another tab, or an import of settings, may have written them. */
function savedNow(): readonly SavedView[] {
  const text = localStorage.getItem(ownKey(VIEWS)) ?? "";
  if (text !== read.text) read = { text, views: viewsIn(text) };
  return read.views;
}

function viewsIn(text: string): readonly SavedView[] {
  if (!text) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView).slice(0, MOST) : [];
  } catch {
    return []; // somebody else wrote there; the next view that is saved writes it anew
  }
}

function isView(value: unknown): value is SavedView {
  const { name, search } = (value ?? {}) as Partial<SavedView>;
  return typeof name === "string" && typeof search === "string";
}

function write(next: readonly SavedView[]): void {
  localStorage.setItem(ownKey(VIEWS), JSON.stringify(next.slice(0, MOST)));
  for (const watcher of watchers) watcher();
}

/** Save a view; one of the same name is replaced. */
export function saveView(name: string, view: View): void {
  write([{ name, search: searchOf(view) }, ...savedNow().filter((each) => each.name !== name)]);
}

export function removeView(name: string): void {
  write(savedNow().filter((each) => each.name !== name));
}

export function useSavedViews(): readonly SavedView[] {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, savedNow);
}
