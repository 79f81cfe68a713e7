// The queries that are open, outside components and over reloads of this browser tab; a workspace has its own.
import { useSyncExternalStore } from "react";
import { ownKey } from "~/session/own";

export type View = "grid" | "chart" | "json";

export interface QueryTab {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly timespan: string;
  readonly view: View;
}

export interface Tabs {
  readonly tabs: readonly QueryTab[];
  readonly chosen: string;
}

const MOST = 30;
const kept = new Map<string, Tabs>();
const watchers = new Set<() => void>();

export const DEFAULT_TIMESPAN = "P1D";

function blank(tabs: readonly QueryTab[]): QueryTab {
  const numbers = tabs.map((each) => Number(each.name.slice(1))).filter(Number.isInteger);
  const number = Math.max(0, ...numbers) + 1;
  return { id: crypto.randomUUID(), name: `q${number}`, text: "", timespan: DEFAULT_TIMESPAN, view: "grid" };
}

export function tabsOf(workspace: string): Tabs {
  const known = kept.get(workspace);
  if (known) return known;
  const tabs = read(workspace) ?? withOne([]);
  kept.set(workspace, tabs);
  return tabs;
}

function withOne(tabs: readonly QueryTab[]): Tabs {
  const tab = blank(tabs);
  return { tabs: [tab], chosen: tab.id };
}

function read(workspace: string): Tabs | undefined {
  const text = sessionStorage.getItem(ownKey(`vedette.queries.${workspace}`));
  if (!text) return undefined;
  try {
    const tabs = JSON.parse(text) as Tabs;
    return tabs.tabs.length > 0 ? tabs : undefined;
  } catch {
    return undefined; // somebody else wrote there
  }
}

function change(workspace: string, tabs: Tabs): void {
  kept.set(workspace, tabs);
  try {
    sessionStorage.setItem(ownKey(`vedette.queries.${workspace}`), JSON.stringify(tabs));
  } catch {
    // The browser's room is used up: the queries live on in memory.
  }
  for (const watcher of watchers) watcher();
}

export function chosenTab(workspace: string): QueryTab {
  const { tabs, chosen } = tabsOf(workspace);
  return tabs.find((each) => each.id === chosen) ?? tabs[0]!;
}

export function changeTab(workspace: string, id: string, to: Partial<Omit<QueryTab, "id">>): void {
  const { tabs, chosen } = tabsOf(workspace);
  change(workspace, { chosen, tabs: tabs.map((each) => (each.id === id ? { ...each, ...to } : each)) });
}

export function chooseTab(workspace: string, id: string): void {
  change(workspace, { ...tabsOf(workspace), chosen: id });
}

/** Open a query in a tab of its own, or in the present one when that is empty. Gives its id. */
export function openTab(workspace: string, to: Partial<Omit<QueryTab, "id" | "name">> = {}): string {
  const { tabs } = tabsOf(workspace);
  const present = chosenTab(workspace);
  if (to.text && present.text.trim() === "") {
    changeTab(workspace, present.id, to);
    return present.id;
  }
  const tab = { ...blank(tabs), ...to };
  change(workspace, { tabs: [...tabs.slice(-(MOST - 1)), tab], chosen: tab.id });
  return tab.id;
}

/** Close a tab; gives it, so that it can be put back. */
export function closeTab(workspace: string, id: string): QueryTab | undefined {
  const { tabs, chosen } = tabsOf(workspace);
  const at = tabs.findIndex((each) => each.id === id);
  if (at < 0) return undefined;
  const left = tabs.filter((each) => each.id !== id);
  const next = left.length === 0 ? withOne([]) : { tabs: left, chosen };
  const neighbour = next.tabs[Math.min(at, next.tabs.length - 1)]!;
  change(workspace, { ...next, chosen: chosen === id ? neighbour.id : next.chosen });
  return tabs[at];
}

export function restoreTab(workspace: string, tab: QueryTab): void {
  const { tabs } = tabsOf(workspace);
  change(workspace, { tabs: [...tabs, tab], chosen: tab.id });
}

export function useTabs(workspace: string): Tabs {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => tabsOf(workspace),
  );
}
