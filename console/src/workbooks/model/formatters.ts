// How the cells of a column are shown, by the numbers that workbooks have for it.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-renderers
import { isJson, listOf, numberOf, objectOf, textOf, type Json } from "./json";

export type Look =
  | "automatic"
  | "text"
  | "right"
  | "bar"
  | "barUnder"
  | "hidden"
  | "date"
  | "link"
  | "heatmap"
  | "sparkBars"
  | "sparkLine"
  | "icon"
  | "big"
  | "resource"
  | "thresholds"
  | "composite";

/** Read off the options that each number has in workbooks; a number that is not here is shown as it is. */
const LOOKS: Readonly<Record<number, Look>> = {
  0: "automatic",
  1: "text",
  2: "right",
  3: "bar",
  4: "barUnder",
  5: "hidden",
  6: "date",
  7: "link",
  8: "heatmap",
  9: "sparkBars",
  10: "sparkLine",
  11: "icon",
  12: "big",
  13: "resource",
  14: "resource",
  15: "resource",
  16: "resource",
  18: "thresholds",
  21: "sparkLine",
  22: "composite",
};

export interface Formatter {
  readonly match: string;
  readonly look: Look;
  readonly options: Json;
  readonly numbers: Json;
  readonly hasNumbers: boolean;
  readonly tooltip: string;
}

export const AUTOMATIC: Formatter = {
  match: "",
  look: "automatic",
  options: {},
  numbers: {},
  hasNumbers: false,
  tooltip: "",
};

export function formatterOf(raw: Json): Formatter {
  return {
    match: textOf(raw["columnMatch"]),
    look: LOOKS[numberOf(raw["formatter"]) ?? 0] ?? "automatic",
    options: objectOf(raw["formatOptions"]),
    numbers: objectOf(raw["numberFormat"]),
    hasNumbers: isJson(raw["numberFormat"]),
    tooltip: textOf(objectOf(raw["tooltipFormat"])["tooltip"]),
  };
}

export function formattersOf(settings: Json): Formatter[] {
  return listOf(settings["formatters"]).filter(isJson).map(formatterOf);
}

/** The formatter of a column: one with its name, else one whose pattern is the name's. */
export function formatterFor(column: string, formatters: readonly Formatter[]): Formatter {
  const exact = formatters.find((each) => each.match.toLowerCase() === column.toLowerCase());
  return exact ?? formatters.find((each) => isPattern(each.match) && whole(each.match, column)) ?? AUTOMATIC;
}

function isPattern(match: string): boolean {
  return /[.*+?|^$[\]\\]/.test(match) && !match.startsWith("$gen") && match.length <= 200;
}

function whole(pattern: string, column: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "i").test(column);
  } catch {
    return false;
  }
}

/** Least and most of a column's numbers, as its options bound them. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

export function boundsOf(values: readonly unknown[], options: Json): Bounds {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    const number = numberOf(value);
    if (number === undefined) continue;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  const low = numberOf(options["min"]) ?? (Number.isFinite(least) ? least : 0);
  const high = numberOf(options["max"]) ?? (Number.isFinite(most) ? most : low);
  return { least: low, most: high };
}

/** Where a number stands between the bounds, from 0 to 1. */
export function shareOf(value: number, { least, most }: Bounds): number {
  return most <= least ? (value > least ? 1 : 0.5) : Math.max(0, Math.min(1, (value - least) / (most - least)));
}
