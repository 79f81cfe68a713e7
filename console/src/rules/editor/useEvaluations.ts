// The preview and the backtest of the rule at hand: asked for by a key, stopped when asked anew, kept while others show.
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { serverNow } from "../activity";
import { differences } from "../merge";
import type { RuleBody } from "../model";
import type { BacktestResult } from "./BacktestPanel";
import { backtest, preview } from "./evaluation";
import type { Saved } from "./drafts";

const DAY = 86_400_000; // milliseconds

export function usePreview(body: RuleBody) {
  const place = usePlace();
  const [end, setEnd] = useState("");
  const asked = useMutation({
    mutationFn: (ends: string) => preview(place, body, ends ? new Date(`${ends}Z`).toISOString() : undefined),
  });
  return {
    found: asked.data,
    isBusy: asked.isPending,
    error: asked.error,
    end,
    setEnd,
    run: () => asked.mutate(end),
    /** Of the window that ends at an instant. */
    runAt: (instant: string) => {
      const ends = new Date(instant).toISOString().replace("Z", "");
      setEnd(ends);
      asked.mutate(ends);
    },
  };
}

/** The rule as it is written beside the saved one, when they differ. */
export function useBacktest(body: RuleBody, saved: Saved | undefined) {
  const place = usePlace();
  const [told, setDays] = useParameter("days", "7");
  const days = [1, 7, 30].includes(Number(told)) ? Number(told) : 7;
  const stopping = useRef<AbortController>(undefined);
  const asked = useMutation({
    mutationFn: async (): Promise<BacktestResult> => {
      stopping.current?.abort();
      stopping.current = new AbortController();
      const { signal } = stopping.current;
      const to = await serverNow(place, signal);
      const from = new Date(to.getTime() - days * DAY);
      const other = saved && differences(saved, body).length > 0 ? saved : undefined;
      const [now, before] = await Promise.all([
        backtest(place, body, from, to, signal),
        other && backtest(place, other, from, to, signal),
      ]);
      return { days, body, now, savedBody: other, saved: before };
    },
  });
  const isStopped = asked.error instanceof DOMException && asked.error.name === "AbortError";
  return {
    result: asked.data,
    isBusy: asked.isPending,
    error: isStopped ? null : asked.error,
    days,
    setDays: (next: number) => setDays(String(next)),
    run: () => asked.mutate(),
    stop: () => stopping.current?.abort(),
    isChangedSince: asked.data !== undefined && differences(asked.data.body, body).length > 0,
  };
}
