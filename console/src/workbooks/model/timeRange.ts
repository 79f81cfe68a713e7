// A range of time as workbooks keep it: a duration back from now, or from an end.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-time
import { isJson, numberOf, textOf } from "./json";

export interface TimeRange {
  /** Milliseconds; 0 is no range at all. */
  readonly duration: number;
  /** ISO 8601; now unless told. */
  readonly end?: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a workbook has for a range: `{durationMs, endTime}` or `{startTime, endTime}`; undefined when it is neither. */
export function timeRangeOf(raw: unknown): TimeRange | undefined {
  if (!isJson(raw)) return undefined;
  const end = textOf(raw["endTime"]);
  const start = textOf(raw["startTime"]);
  const ended = end !== "" && !Number.isNaN(Date.parse(end)) ? new Date(end).toISOString() : undefined;
  const duration = numberOf(raw["durationMs"]);
  if (duration !== undefined && duration >= 0) return ended ? { duration, end: ended } : { duration };
  if (ended && !Number.isNaN(Date.parse(start))) {
    return { duration: Math.max(0, Date.parse(ended) - Date.parse(start)), end: ended };
  }
  return undefined;
}

/** How a range is kept in a workbook and in an address. */
export function rawOf(range: TimeRange): Readonly<Record<string, unknown>> {
  return range.end ? { durationMs: range.duration, endTime: range.end } : { durationMs: range.duration };
}

/** `Last 4 hours`. */
export function rangeLabel(range: TimeRange): string {
  if (range.duration === 0) return "All time";
  if (range.end) return `${minuteOf(startOf(range, 0))} – ${minuteOf(range.end)} UTC`;
  const [count, unit] = largest(range.duration);
  if (count === 1) return unit === "day" ? "Last 24 hours" : `Last ${unit}`;
  return `Last ${count} ${unit}s`;
}

function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace("T", " ");
}

function largest(duration: number): [number, string] {
  if (duration % DAY === 0) return [duration / DAY, "day"];
  if (duration % HOUR === 0) return [duration / HOUR, "hour"];
  if (duration % MINUTE === 0) return [duration / MINUTE, "minute"];
  return [Math.round(duration / 1000), "second"];
}

/** A duration as KQL has it: `1d`, `90m`. */
export function kqlSpan(duration: number): string {
  const [count, unit] = largest(duration);
  return `${count}${unit[0]}`;
}

/** The steps in which a chart of the range is drawn, milliseconds: about fifty of them. */
export function grainOf(range: TimeRange): number {
  const steps = [1, 5, 10, 15, 30].map((minutes) => minutes * MINUTE);
  const wanted = (range.duration || DAY) / 50;
  return (
    [...steps, ...[1, 2, 4, 6, 12].map((hours) => hours * HOUR), DAY, 7 * DAY].find((each) => each >= wanted) ??
    30 * DAY
  );
}

/** ISO 8601; `now` is milliseconds since 1970. */
export function endOf(range: TimeRange, now: number): string {
  return range.end ?? new Date(now).toISOString();
}

export function startOf(range: TimeRange, now: number): string {
  return new Date(Date.parse(endOf(range, now)) - range.duration).toISOString();
}

/** What the query API takes: a duration back from now, two instants, or nothing for all time. */
export function timespanOf(range: TimeRange | undefined): string | undefined {
  if (!range || range.duration === 0) return undefined;
  if (range.end) return `${startOf(range, 0)}/${range.end}`;
  return `PT${Math.max(1, Math.round(range.duration / 1000))}S`;
}

/** `> ago(1d)`, or the two instants: what stands behind a column in a query. */
export function rangeQuery(range: TimeRange): string {
  if (range.duration === 0) return "> datetime(1900-01-01)";
  if (range.end) return `between (datetime(${startOf(range, 0)}) .. datetime(${range.end}))`;
  return `> ago(${kqlSpan(range.duration)})`;
}

/** One of a range's formats: `query`, `start`, `grain` and so on; undefined for another name. */
export function rangeFormat(range: TimeRange, format: string, now: number): string | undefined {
  switch (format.toLowerCase()) {
    case "label":
      return rangeLabel(range);
    case "value":
    case "query":
      return rangeQuery(range);
    case "start":
      return `datetime(${startOf(range, now)})`;
    case "end":
      return `datetime(${endOf(range, now)})`;
    case "startiso":
      return startOf(range, now);
    case "endiso":
      return endOf(range, now);
    case "grain":
      return kqlSpan(grainOf(range));
    case "seconds":
      return String(Math.round(range.duration / 1000));
    case "ms":
    case "durationms":
      return String(range.duration);
    default:
      return undefined;
  }
}
