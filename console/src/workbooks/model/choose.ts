// What a parameter has, of what its choices are and what was chosen: specials such as `value::all`, defaults, quotes.
import { isJson, textOf } from "./json";
import type { ParameterChoice, ParameterDefinition } from "./parameters";
import { rawOf, rangeLabel, rangeQuery, timeRangeOf, type TimeRange } from "./timeRange";
import { joined, plain, type ParameterValue } from "./values";

/** What was chosen, as it is kept: a text, several texts, a range, or nothing yet. */
export type Raw = string | readonly string[] | Readonly<Record<string, unknown>> | undefined;

const ALL = "value::all";
const SPECIAL = /^value::(\w+)$/;

export function isSpecial(value: string): boolean {
  return SPECIAL.test(value);
}

export function specialLabel(special: string): string {
  const word = SPECIAL.exec(special)?.[1] ?? "";
  if (word === "all") return "All";
  if (word === "selected") return "This workspace";
  return /^\d+$/.test(word) ? `Any ${word}` : special;
}

/** The raw value that a workbook saved, an address has or a person chose; undefined for what is none. */
export function rawFrom(value: unknown): Raw {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((each) => textOf(each)).filter((each) => each !== "");
  if (isJson(value)) return value;
  return textOf(value);
}

function listed(raw: Raw): readonly string[] {
  if (raw === undefined || raw === "") return [];
  if (typeof raw === "string") return raw.startsWith("[") && raw.endsWith("]") ? listFrom(raw) : [raw];
  return Array.isArray(raw) ? (raw as readonly string[]) : [];
}

function listFrom(text: string): readonly string[] {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value.map((each) => textOf(each)) : [text];
  } catch {
    return [text];
  }
}

/** A range of time; the first selectable one when nothing was saved and one is required. */
export function timeValue(definition: ParameterDefinition, raw: Raw): ParameterValue | undefined {
  const range =
    timeRangeOf(raw) ?? timeRangeOf(definition.otherwise) ?? (definition.isRequired ? definition.ranges[0] : undefined);
  return range && valueOfRange(range);
}

export function valueOfRange(range: TimeRange): ParameterValue {
  return { value: rangeQuery(range), label: rangeLabel(range), each: [JSON.stringify(rawOf(range))], time: range };
}

/** Several free texts, quoted. */
export function severalValue(definition: ParameterDefinition, raw: Raw): ParameterValue {
  const texts = listed(raw);
  return joined(texts, texts, definition.quote, definition.delimiter);
}

/** What is chosen of the choices there are. A value that is no choice any more counts as none, where there are choices. */
export function chosenValue(
  definition: ParameterDefinition,
  choices: readonly ParameterChoice[],
  raw: Raw,
): ParameterValue {
  const wanted = listed(raw);
  const resolved = wanted.length > 0 ? resolve(definition, choices, wanted) : undefined;
  const found = resolved ?? byDefault(definition, choices);
  if (found === "all") return allOf(definition, choices);
  if (definition.takesSeveral) {
    return joined(
      found.map((each) => each.value),
      found.map((each) => each.label),
      definition.quote,
      definition.delimiter,
    );
  }
  const first = found[0];
  return first ? plain(first.value, first.label) : plain("");
}

function resolve(
  definition: ParameterDefinition,
  choices: readonly ParameterChoice[],
  wanted: readonly string[],
): readonly ParameterChoice[] | "all" | undefined {
  if (wanted.includes(ALL)) return "all";
  const found = wanted.flatMap((each): ParameterChoice[] => {
    const count = /^value::(\d+)$/.exec(each)?.[1];
    if (count) return choices.slice(0, Number(count));
    const known = choices.find((choice) => sameChoice(definition, choice.value, each));
    return known ? [known] : [];
  });
  return found.length > 0 ? found : undefined;
}

/** Ids of resources have no casing. */
function sameChoice(definition: ParameterDefinition, one: string, other: string): boolean {
  const cased = !["resource", "subscription", "resourceType", "location"].includes(definition.kind);
  return cased ? one === other : one.toLowerCase() === other.toLowerCase();
}

function byDefault(
  definition: ParameterDefinition,
  choices: readonly ParameterChoice[],
): readonly ParameterChoice[] | "all" {
  const selected = choices.filter((each) => each.selected);
  if (selected.length > 0) return definition.takesSeveral ? selected : selected.slice(0, 1);
  const otherwise = listed(rawFrom(definition.otherwise));
  const resolved = otherwise.length > 0 ? resolve(definition, choices, otherwise) : undefined;
  if (resolved) return resolved;
  const first = definition.extras.find((each) => each === ALL || /^value::\d+$/.test(each));
  if (definition.isRequired && first) return resolve(definition, choices, [first]) ?? [];
  return definition.isRequired && definition.kind !== "choice" ? choices.slice(0, 1) : [];
}

function allOf(definition: ParameterDefinition, choices: readonly ParameterChoice[]): ParameterValue {
  const values = choices.map((each) => each.value);
  if (definition.allValue === undefined) {
    return { ...joined(values, [], definition.quote, definition.delimiter), label: "All" };
  }
  const { allValue, quote } = definition;
  return { value: allValue === "" ? "" : quote + allValue + quote, label: "All", each: values };
}
