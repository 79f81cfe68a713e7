// What a parameter has now, and how it is written into texts and queries.
import type { TimeRange } from "./timeRange";

export interface ParameterValue {
  /** What stands for `{Name}` in a query; several values are quoted and joined already. */
  readonly value: string;
  /** What a person reads. */
  readonly label: string;
  /** The values one by one, unquoted. */
  readonly each: readonly string[];
  /** Of a range of time. */
  readonly time?: TimeRange;
}

/** A single text as a value. */
export function plain(value: string, label = value): ParameterValue {
  return { value, label, each: value === "" ? [] : [value] };
}

/** Several texts as one value: quoted, with the delimiter between. */
export function joined(
  values: readonly string[],
  labels: readonly string[],
  quote: string,
  delimiter: string,
): ParameterValue {
  return {
    value: values.map((each) => quote + escaped(each, quote) + quote).join(delimiter),
    label: labels.join(", "),
    each: values,
  };
}

function escaped(value: string, quote: string): string {
  return quote === "'" || quote === '"' ? value.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`) : value;
}

export function sameValue(one: ParameterValue | undefined, other: ParameterValue | undefined): boolean {
  if (one === other) return true;
  if (!one || !other) return false;
  return (
    one.value === other.value &&
    one.label === other.label &&
    one.each.length === other.each.length &&
    one.each.every((each, at) => each === other.each[at]) &&
    JSON.stringify(one.time) === JSON.stringify(other.time)
  );
}
