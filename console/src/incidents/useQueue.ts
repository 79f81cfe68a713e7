// The rows of the queue with its cursor and what is chosen. Rows stay where they are until they are asked to be laid out
// anew; the cursor stays on its incident.
import { useCallback, useEffect, useMemo, useReducer, useState } from "react";
import { useSearch } from "wouter";
import type { Workspace } from "~/api/workspaces";
import { changeParameters } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { useFeed, type Feed } from "./feed";
import { isOpen, type Incident } from "./incident";
import { keepLayout, keptLayout, laid, nextOpen } from "./layout";
import { isShown, ordered, readView, searchOf, type View } from "./view";

const SETTLE = 400; // milliseconds after the last move until the address has the cursor: browsers limit such writes
const MINUTE = 60_000;

export interface Queue {
  readonly feed: Feed;
  readonly view: View;
  /** By the server's clock, to the minute. */
  readonly now: number;
  readonly belonging: readonly Incident[];
  readonly rows: readonly Incident[];
  readonly at: number;
  readonly setAt: (row: number) => void;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: ReadonlySet<string>) => void;
  readonly toggle: (id: string) => void;
  /** What the keys are for: the chosen rows, else the one with the cursor. */
  readonly targets: () => readonly Incident[];
  /** Go to the next open row after these were closed. */
  readonly passOver: (closed: readonly Incident[]) => void;
  readonly fresh: number;
  readonly gone: number;
  readonly layOut: () => void;
  /** Write the cursor into the address now, before the page is left. */
  readonly keepAt: () => void;
}

const NONE: ReadonlySet<string> = new Set();

export function useQueue(scope: readonly Workspace[]): Queue {
  const { session } = usePlace();
  const search = useSearch();
  const written = searchOf(readView(search));
  const view = useMemo(() => readView(written), [written]);
  const feed = useFeed(scope, view);
  const now = Math.floor(feed.now / MINUTE) * MINUTE;
  const belonging = useMemo(() => {
    const circumstances = { person: session.person, now };
    return ordered(
      feed.incidents.filter((each) => isShown(view, each, circumstances)),
      view.order,
    );
  }, [feed.incidents, view, now, session.person]);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const key = `${scope.map((each) => each.id).join(" ")} ${written}`;
  const { layout, fresh, gone } = laid(
    keptLayout(),
    key,
    belonging.map((each) => each.id),
    feed.isWhole,
  );
  useEffect(() => keepLayout(layout), [layout]);
  const rows = useMemo(() => {
    const byId = new Map(feed.incidents.map((each) => [each.id, each]));
    return layout.ids.flatMap((id) => byId.get(id) ?? []);
  }, [layout.ids, feed.incidents]);

  const [cursor, setCursor] = useState(() => ({ name: new URLSearchParams(search).get("at") ?? "", row: 0 }));
  const [chosen, choose] = useState<ReadonlySet<string>>(NONE);
  const found = rows.findIndex((each) => each.name === cursor.name);
  const at = found >= 0 ? found : Math.min(cursor.row, rows.length - 1);
  const name = rows[at]?.name ?? "";
  const keepAt = useCallback(() => changeParameters({ at: name }), [name]);
  useEffect(() => {
    if (!name) return;
    const timer = setTimeout(keepAt, SETTLE);
    return () => clearTimeout(timer);
  }, [name, keepAt]);
  const setAt = (row: number): void => {
    const next = rows[row];
    if (next) setCursor({ name: next.name, row });
  };
  const targets = (): readonly Incident[] => {
    const many = rows.filter((each) => chosen.has(each.id));
    const one = rows[at];
    return many.length > 0 ? many : one ? [one] : [];
  };
  const passOver = (closed: readonly Incident[]): void => {
    const ids = new Set(closed.map((each) => each.id));
    const last = rows.findLastIndex((each) => ids.has(each.id));
    const stays = (row: number): boolean => {
      const each = rows[row];
      return each !== undefined && isOpen(each) && !ids.has(each.id);
    };
    setAt(nextOpen(rows.length, last < 0 ? at : last, stays));
    choose(NONE);
  };
  return {
    feed,
    view,
    now,
    belonging,
    rows,
    at,
    setAt,
    chosen,
    choose,
    toggle: (id) => {
      const next = new Set(chosen);
      if (!next.delete(id)) next.add(id);
      choose(next);
    },
    targets,
    passOver,
    fresh,
    gone,
    layOut: () => {
      keepLayout(undefined);
      again();
    },
    keepAt,
  };
}
