// What the items of a shown workbook have around them: clients, the time, the scope of parameters, the items beside them.
import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import type { Workspace } from "~/api/workspaces";
import type { Clients } from "./data/fetchTable";
import type { Around } from "./data/resolve";
import type { QueryItem } from "./model/item";
import type { Scope } from "./model/scope";

export interface Shown {
  readonly clients: Clients;
  /** Milliseconds since 1970, the server's. */
  readonly now: number;
  /** Counts up when everything is asked anew. */
  readonly round: number;
  readonly workspace: Workspace;
  readonly workspaces: readonly Workspace[];
  readonly fallback: readonly string[];
  /** What was chosen before, by the parameter's key; it comes from the address. */
  readonly chosen: (key: string) => unknown;
  /** Keep a choice in the address; undefined forgets it. */
  readonly keep: (key: string, raw: unknown) => void;
}

export const ShownContext = createContext<Shown | undefined>(undefined);

export function useShown(): Shown {
  const shown = useContext(ShownContext);
  if (!shown) throw new Error("useShown outside of a workbook");
  return shown;
}

export interface Place {
  readonly scope: Scope;
  readonly named: (name: string) => QueryItem | undefined;
}

export const PlaceContext = createContext<Place | undefined>(undefined);

export function useItemPlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error("useItemPlace outside of a workbook");
  return place;
}

/** What is around a query here. */
export function useAround(): Around {
  const { now, workspace, workspaces, fallback } = useShown();
  const { scope, named } = useItemPlace();
  return useMemo(
    () => ({ scope, named, now, workspace, workspaces, fallback }),
    [scope, named, now, workspace, workspaces, fallback],
  );
}

/** What the named parameters have, as one text that changes when one of them does and only then. */
export function useCells(scope: Scope, names: readonly string[]): string {
  const joined = names.join(" ");
  const watch = useCallback(
    (watcher: () => void) => scope.watch(joined.split(" ").filter(Boolean), watcher),
    [scope, joined],
  );
  const read = useCallback(
    () => JSON.stringify(joined.split(" ").map((name) => scope.cell(name) ?? null)),
    [scope, joined],
  );
  return useSyncExternalStore(watch, read);
}
