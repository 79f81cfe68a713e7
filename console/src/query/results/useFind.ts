// Finding a text in a result: how many rows have it, and going from one to the next.
import { useEffect, useState } from "react";
import type { Table } from "~/api/logs";
import { find } from "./rows";

export interface Found {
  readonly places: readonly number[];
  readonly isDone: boolean;
}

const NONE: Found = { places: [], isDone: true };
const PAUSE = 150; // milliseconds after a key

export function useFind(table: Table, rows: Uint32Array, columns: readonly number[], text: string): Found {
  const [found, setFound] = useState<Found>(NONE);
  useEffect(() => {
    if (text === "") return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      void find(table, rows, columns, text, controller.signal, (places, isDone) => {
        if (!controller.signal.aborted) setFound({ places, isDone });
      });
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [table, rows, columns, text]);
  return text === "" ? NONE : found;
}

/** The place after or before one, around the end. */
export function nextPlace({ places }: Found, at: number, by: 1 | -1): number | undefined {
  if (by > 0) return places.find((each) => each > at) ?? places[0];
  return places.findLast((each) => each < at) ?? places.at(-1);
}
