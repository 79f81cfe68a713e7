// Windows of a backtest put together into the bars of a chart: what the saved rule fired, and what the text at hand does.
import type { Backtest } from "./evaluation";

export interface Bin {
  /** Milliseconds of the first instant, and of the one behind. */
  readonly start: number;
  readonly end: number;
  /** Windows that would have fired. */
  readonly now: number;
  readonly saved: number;
  readonly failed: number;
}

export interface FiredWindow {
  readonly end: string;
  readonly now: number;
  readonly saved: number;
  readonly title: string;
}

/** The bars of the present text's series, with what the saved rule fired in their time. */
export function binsOf(now: Backtest, saved: Backtest | undefined): Bin[] {
  let start = Date.parse(now.from);
  const bins = now.series.map((point) => {
    const bin = { start, end: Date.parse(point.windowEnd), now: point.fired, saved: 0, failed: point.failed };
    start = bin.end;
    return bin;
  });
  for (const { windowEnd, fired } of saved?.series ?? []) {
    const at = Date.parse(windowEnd);
    const bin = bins.find(({ end }) => at <= end) ?? bins.at(-1);
    if (bin) bin.saved += fired;
  }
  return bins;
}

/** How many windows would have fired. */
export function firedCount(test: Backtest): number {
  return test.series.reduce((sum, { fired }) => sum + fired, 0);
}

/** The windows that fired in one of both, in order of time. */
export function firedWindows(now: Backtest, saved: Backtest | undefined): FiredWindow[] {
  const found = new Map<string, { now: number; saved: number; title: string }>();
  const count = (test: Backtest | undefined, which: "now" | "saved"): void => {
    for (const { windowEnd, displayName } of test?.alerts ?? []) {
      const entry = found.get(windowEnd) ?? { now: 0, saved: 0, title: displayName };
      entry[which]++;
      if (which === "now") entry.title = displayName;
      found.set(windowEnd, entry);
    }
  };
  count(saved, "saved");
  count(now, "now");
  return [...found.entries()]
    .map(([end, entry]) => ({ end, ...entry }))
    .sort((a, b) => Date.parse(a.end) - Date.parse(b.end));
}

/** `30 d: 8,640 windows, 11 fired, now 4 (−7)`. */
export function backtestText(days: number, now: Backtest, saved: Backtest | undefined): string {
  const fired = firedCount(now);
  const windows = `${days} d: ${now.windows.toLocaleString("en")} windows`;
  if (!saved) return `${windows}, ${fired} fire`;
  const before = firedCount(saved);
  const difference = fired - before;
  const sign = difference > 0 ? `+${difference}` : difference < 0 ? `−${-difference}` : "±0";
  return `${windows}, ${before} fired, now ${fired} (${sign})`;
}
