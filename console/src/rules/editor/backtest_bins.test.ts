import { expect, test } from "vitest";
import { backtestText, binsOf, firedWindows } from "./backtest_bins";
import type { Backtest } from "./evaluation";

const DAY = Date.parse("2026-01-01T00:00:00Z");

function tested(ends: readonly string[], every = 1): Backtest {
  const windows = Array.from({ length: 24 / every }, (_, at) => new Date(DAY + (at + 1) * every * 3_600_000));
  return {
    from: "2026-01-01T00:00:00Z",
    to: "2026-01-02T00:00:00Z",
    windows: windows.length,
    suppressedWindows: 0,
    failedWindows: [],
    seconds: 0,
    alertsCount: ends.length,
    incidentsCount: 0,
    incidents: [],
    alerts: ends.map((windowEnd, at) => ({
      windowEnd,
      displayName: `alert ${at}`,
      severity: "Low",
      startTimeUtc: windowEnd,
      endTimeUtc: windowEnd,
      tactics: [],
      entities: [],
      customDetails: {},
    })),
    series: windows.map((end) => ({
      firstWindowEnd: end.toISOString(),
      windowEnd: end.toISOString(),
      windows: 1,
      results: 0,
      fired: ends.some((each) => Date.parse(each) === end.getTime()) ? 1 : 0,
      suppressed: 0,
      failed: 0,
      alerts: 0,
    })),
  };
}

const now = tested(["2026-01-01T01:00:00Z", "2026-01-02T00:00:00Z"]);
const saved = tested(["2026-01-01T01:00:00Z", "2026-01-01T01:00:00Z", "2026-01-01T05:00:00Z"]);

test("a window is in the bar in which it ends, and the last one in the last", () => {
  const bins = binsOf(now, saved);
  expect(bins).toHaveLength(24);
  expect([bins[0]!.now, bins[0]!.saved, bins[4]!.saved, bins[23]!.now]).toEqual([1, 1, 1, 1]);
});

test("a saved rule of another beat is put into the bars of the present one", () => {
  expect(binsOf(tested([], 12), saved).map((bin) => bin.saved)).toEqual([2, 0]);
});

test("both texts' windows stand side by side, in order", () => {
  expect(firedWindows(now, saved)).toEqual([
    { end: "2026-01-01T01:00:00Z", now: 1, saved: 2, title: "alert 0" },
    { end: "2026-01-01T05:00:00Z", now: 0, saved: 1, title: "alert 2" },
    { end: "2026-01-02T00:00:00Z", now: 1, saved: 0, title: "alert 1" },
  ]);
});

test("windows that fired are counted, not their alerts", () => {
  expect(backtestText(1, now, saved)).toBe("1 d: 24 windows, 2 fired, now 2 (±0)");
  expect(backtestText(1, tested([]), saved)).toBe("1 d: 24 windows, 2 fired, now 0 (−2)");
  expect(backtestText(1, now, undefined)).toBe("1 d: 24 windows, 2 fire");
});
