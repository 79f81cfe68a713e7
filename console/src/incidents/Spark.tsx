// Small bars of how many incidents there were over time.
import { useMemo } from "react";
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import type { Incident } from "./incident";

const BARS = 24;
const SHORTEST = 3_600_000; // milliseconds that the bars together stand for, at least

export interface Bars {
  readonly from: number;
  readonly step: number;
  readonly counts: readonly number[];
}

/** Counts of incidents by when they were made, over a window or over all of theirs. */
export function barsOf(incidents: readonly Incident[], from: number, to: number, now: number): Bars {
  const times = incidents.map((each) => Date.parse(each.properties.createdTimeUtc));
  const end = Number.isFinite(to) ? to : Math.max(now, ...times);
  const begin = Math.min(Number.isFinite(from) ? from : Math.min(end, ...times), end - SHORTEST);
  const step = (end - begin) / BARS;
  const counts = Array<number>(BARS).fill(0);
  for (const time of times) {
    const at = Math.min(BARS - 1, Math.max(0, Math.floor((time - begin) / step)));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { from: begin, step, counts };
}

export function Spark({ bars }: { bars: Bars }) {
  const { zone } = usePreferences();
  const most = Math.max(1, ...bars.counts);
  const label = useMemo(() => {
    const peak = bars.counts.indexOf(Math.max(...bars.counts));
    const text = (at: number): string => instantText(new Date(bars.from + at * bars.step).toISOString(), zone);
    return `Incidents by time from ${text(0)} to ${text(BARS)}; most, ${bars.counts[peak]}, from ${text(peak)}`;
  }, [bars, zone]);
  return (
    <svg className="spark" viewBox={`0 0 ${BARS * 4} 20`} role="img" aria-label={label} preserveAspectRatio="none">
      <title>{label}</title>
      {bars.counts.map((count, at) => {
        const height = count === 0 ? 0.75 : Math.max(2, (count / most) * 20);
        return <rect key={at} x={at * 4} y={20 - height} width={3} height={height} />;
      })}
    </svg>
  );
}
