// The state of a list with details beside it: what passes the search, how it is ordered, where the focus is, what is selected.
import { useMemo, useState } from "react";
import { useParams } from "wouter";
import { changeParameters, useParameter } from "~/shell/address";
import type { ReactNode } from "react";
import type { GridColumn } from "./Grid";

export interface ListColumn<T> extends GridColumn {
  readonly cell: (item: T) => ReactNode;
  /** What the column is ordered by; a column without it is not. */
  readonly sort?: (item: T) => string | number;
}

export interface ListOf<T> {
  readonly items: readonly T[] | undefined;
  readonly keyOf: (item: T) => string;
  /** What the search looks in. */
  readonly textOf: (item: T) => string;
  readonly columns: readonly ListColumn<T>[];
  readonly passes?: ((item: T) => boolean) | undefined;
  /** The column that it is ordered by unless told, with a minus for the greatest first; else as it comes. */
  readonly order?: string;
}

export interface List<T> extends ListOf<T> {
  readonly shown: readonly T[];
  readonly at: number;
  readonly setAt: (index: number) => void;
  readonly current: T | undefined;
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (item: T | undefined) => void;
  readonly clear: () => void;
  /** What an action is for: the selected items, or the one that has the focus. */
  readonly acted: readonly T[];
  readonly sort: string;
  readonly search: string;
}

/** The place in the list and the search are in the address: `bookmarks/<name>` or `?at=<name>&q=…&sort=-created`. */
export function useList<T>(of: ListOf<T>): List<T> {
  const { items, keyOf, textOf, columns, passes } = of;
  const rest = useParams()["*"];
  const [atKey] = useParameter("at", rest ? decodeURIComponent(rest) : "");
  const [search] = useParameter("q");
  const [sort] = useParameter("sort", of.order ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (items ?? []).filter((item) => {
      if (passes && !passes(item)) return false;
      if (words.length === 0) return true;
      const text = textOf(item).toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return ordered(found, columns, sort);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- textOf says the same for the same item
  }, [items, search, sort, passes, columns]);
  const found = shown.findIndex((item) => keyOf(item) === atKey);
  const at = found >= 0 ? found : shown.length > 0 ? 0 : -1;
  const selected = shown.filter((item) => chosen.has(keyOf(item)));
  return {
    ...of,
    shown,
    at,
    current: shown[at],
    setAt: (index) => {
      const item = shown[index];
      if (item) changeParameters({ at: keyOf(item) });
    },
    chosen,
    toggle: (item) => {
      if (!item) return;
      setChosen((before) => {
        const after = new Set(before);
        if (!after.delete(keyOf(item))) after.add(keyOf(item));
        return after;
      });
    },
    clear: () => setChosen(new Set()),
    acted: selected.length > 0 ? selected : shown.slice(Math.max(0, at), at + 1),
    sort,
    search,
  };
}

/** Items by one of the columns; those that are alike stay in their order. */
export function ordered<T>(items: readonly T[], columns: readonly ListColumn<T>[], sort: string): readonly T[] {
  const isDown = sort.startsWith("-");
  const by = columns.find(({ key }) => key === sort.replace(/^-/, ""))?.sort;
  if (!by) return items;
  return [...items].sort((a, b) => {
    const [one, two] = [by(a), by(b)];
    const order =
      typeof one === "number" && typeof two === "number" ? one - two : String(one).localeCompare(String(two));
    return isDown ? -order : order;
  });
}
