// Cells of an answer as numbers and instants that can be drawn.

const NUMBERS = new Set(["int", "long", "real", "decimal", "bool", "timespan"]);

export function isNumeric(type: string): boolean {
  return NUMBERS.has(type);
}

/** A number, or null where there is none; a timespan is its seconds. */
export function numberOf(value: unknown, type: string): number | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "boolean") return Number(value);
  if (type === "timespan" && typeof value === "string") return secondsOf(value);
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** `[-][d.]hh:mm:ss[.fffffff]` in seconds; null when it is none. */
export function secondsOf(text: string): number | null {
  const found = /^(-)?(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (!found) return null;
  const [, sign, days = "0", hours = "0", minutes = "0", seconds = "0"] = found;
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return sign ? -total : total;
}

/** Milliseconds since 1970, or null. */
export function instantOf(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

/** The values of a dynamic array, as `make-series` gives them; undefined when it is none. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== "string" || !value.startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? (parsed as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

export function nameOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "(empty)";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
