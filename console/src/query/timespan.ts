// The time window of a query: ISO 8601 as the query API takes it, in words, and moved back and forward.

export interface Preset {
  readonly timespan: string;
  readonly label: string;
}

export const PRESETS: readonly Preset[] = [
  { timespan: "PT15M", label: "last 15 minutes" },
  { timespan: "PT1H", label: "last hour" },
  { timespan: "PT4H", label: "last 4 hours" },
  { timespan: "P1D", label: "last 24 hours" },
  { timespan: "P2D", label: "last 48 hours" },
  { timespan: "P7D", label: "last 7 days" },
  { timespan: "P30D", label: "last 30 days" },
  { timespan: "", label: "all time" },
];

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of a duration of days, hours, minutes and seconds; undefined when it is none. */
export function durationOf(text: string): number | undefined {
  const found = DURATION.exec(text);
  if (!found || text === "P" || text.endsWith("T")) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = found;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** The window that a timespan is at an instant; undefined for all time, and for what is none. */
export function windowOf(timespan: string, now: Date): Window | undefined {
  const [first = "", second] = timespan.split("/");
  if (second === undefined) {
    const length = durationOf(first);
    return length === undefined ? undefined : { from: new Date(now.getTime() - length), to: now };
  }
  const [from, to] = [new Date(first), new Date(second)];
  return Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()) ? undefined : { from, to };
}

export function timespanOf({ from, to }: Window): string {
  return `${short(from)}/${short(to)}`;
}

/** The window before (-1) or after (1) of the same length; undefined for all time. */
export function moved(timespan: string, by: -1 | 1, now: Date): string | undefined {
  const window = windowOf(timespan, now);
  if (!window) return undefined;
  const length = (window.to.getTime() - window.from.getTime()) * by;
  return timespanOf({ from: new Date(window.from.getTime() + length), to: new Date(window.to.getTime() + length) });
}

export function timespanText(timespan: string): string {
  const preset = PRESETS.find((each) => each.timespan === timespan);
  if (preset) return preset.label;
  if (!timespan.includes("/")) return `last ${timespan.replace(/^PT?/, "").toLowerCase()}`;
  const [from = "", to = ""] = timespan.split("/");
  const [fromDay, toDay] = [from.slice(0, 10), to.slice(0, 10)];
  const end = fromDay === toDay ? clock(to) : `${toDay} ${clock(to)}`;
  return `${fromDay} ${clock(from)} – ${end} UTC`;
}

function clock(instant: string): string {
  const text = instant.slice(11, 19);
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}

function short(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}
