// Writing the values of parameters into texts and queries: `{Name}`, `{Name:label}` and the other formats.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-parameters#parameter-formatting-options
import { atPath } from "./jsonPath";
import { parsed, textOf } from "./json";
import { rangeFormat, rangeLabel, rangeQuery } from "./timeRange";
import type { ParameterValue } from "./values";

/** A value of a name that is no parameter here is undefined: the text keeps its braces. */
export type ValueOf = (name: string) => ParameterValue | undefined;

export interface Surroundings {
  readonly valueOf: ValueOf;
  /** In a query a range of time is a condition, in a text its label. */
  readonly into: "query" | "text";
  /** Milliseconds since 1970, the server's. */
  readonly now: number;
  /** The cells of a row, for `["column"]` in labels and links. */
  readonly row?: Readonly<Record<string, unknown>>;
}

const REFERENCE = /\{(\$?[A-Za-z_]\w*)(?::((?:[^{}]|\{[^{}]*\})*))?\}/g;
const COLUMN = /\["([^"\]]+)"\]/g;

/** The names that a text refers to. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map((match) => match[1] ?? ""))];
}

export function substitute(text: string, around: Surroundings): string {
  const filled = text.replace(REFERENCE, (whole, name: string, format: string | undefined) => {
    const value = around.valueOf(name);
    return value ? (formatted(value, format, around) ?? whole) : whole;
  });
  const row = around.row;
  if (!row) return filled;
  return filled.replace(COLUMN, (whole, name: string) => (name in row ? textOf(row[name]) : whole));
}

function formatted(value: ParameterValue, format: string | undefined, around: Surroundings): string | undefined {
  if (value.time) {
    if (format === undefined) return around.into === "query" ? rangeQuery(value.time) : rangeLabel(value.time);
    return rangeFormat(value.time, format, around.now) ?? otherFormat(value, format);
  }
  return format === undefined ? value.value : otherFormat(value, format);
}

function otherFormat(value: ParameterValue, format: string): string | undefined {
  switch (format.toLowerCase()) {
    case "value":
      return value.value;
    case "label":
      return value.label;
    case "name":
      return value.each.map(lastOfId).join(", ");
    case "resourcegroup":
      return value.each.map((each) => partOfId(each, "resourcegroups")).join(", ");
    case "subscription":
    case "subscriptionid":
      return value.each.map((each) => partOfId(each, "subscriptions")).join(", ");
    case "id":
      return value.each.join(",");
    case "escapejson":
      return JSON.stringify(value.value).slice(1, -1);
    case "escape":
      return value.value
        .replaceAll("\\", "\\\\")
        .replaceAll("'", String.raw`\'`)
        .replaceAll('"', String.raw`\"`);
    case "escapequery":
    case "urlencode":
      return encodeURIComponent(value.value);
    case "base64":
      return btoa(String.fromCharCode(...new TextEncoder().encode(value.value)));
    case "count":
      return String(value.each.length);
    case "upper":
      return value.value.toUpperCase();
    case "lower":
      return value.value.toLowerCase();
    default:
      return format.startsWith("$") || format.startsWith("[") ? fromPath(value.value, format) : undefined;
  }
}

function fromPath(text: string, path: string): string {
  const found = atPath(parsed(text), path.startsWith("[") ? `$${path}` : path);
  return typeof found === "object" && found !== null ? JSON.stringify(found) : textOf(found);
}

/** The name at the end of a resource's id. */
export function lastOfId(id: string): string {
  return id.split("/").filter(Boolean).at(-1) ?? id;
}

/** The part of an id that follows a word: the group's name behind `resourceGroups`. */
export function partOfId(id: string, word: string): string {
  const parts = id.split("/");
  const at = parts.findIndex((part) => part.toLowerCase() === word);
  return at < 0 ? "" : (parts[at + 1] ?? "");
}
