// Which row and cell has the focus, and which rows are chosen. Places are places in the order that is shown.
import { useCallback, useState } from "react";

export interface Selection {
  readonly at: number;
  readonly atColumn: number;
  /** Numbers of rows in the answer, which a new order does not change. */
  readonly chosen: ReadonlySet<number>;
  readonly setAt: (place: number) => void;
  readonly setAtColumn: (column: number) => void;
  readonly choose: (place: number, how: "range" | "toggle") => void;
  /** Move by a step; with `adding`, the row that is left and the one that is come to are chosen. */
  readonly step: (by: number, adding: boolean) => void;
  readonly clear: () => void;
}

export function useSelection(rows: Uint32Array): Selection {
  const [at, setAt] = useState(0);
  const [atColumn, setAtColumn] = useState(0);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const choose = useCallback(
    (place: number, how: "range" | "toggle") =>
      setChosen((before) => {
        const next = new Set(before);
        if (how === "range") {
          for (let each = Math.min(at, place); each <= Math.max(at, place); each++) next.add(rows[each]!);
        } else if (!next.delete(rows[place]!)) next.add(rows[place]!);
        return next;
      }),
    [at, rows],
  );
  const step = useCallback(
    (by: number, adding: boolean) => {
      const to = Math.max(0, Math.min(rows.length - 1, at + by));
      if (adding) setChosen((before) => new Set([...before, rows[at]!, rows[to]!]));
      setAt(to);
    },
    [at, rows],
  );
  const clear = useCallback(() => setChosen(new Set()), []);
  return { at: Math.min(at, rows.length - 1), atColumn, chosen, setAt, setAtColumn, choose, step, clear };
}
