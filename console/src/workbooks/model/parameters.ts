// Parameters as a workbook declares them: kinds, choices, quotes, what they have at first.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-parameters
import { querySpecOf, type QuerySpec } from "./query";
import { isJson, listOf, numberOf, objectOf, parsed, textOf, textsOf, type Json } from "./json";
import { timeRangeOf, type TimeRange } from "./timeRange";

export type ParameterKind =
  | "text"
  | "choice"
  | "options"
  | "time"
  | "resource"
  | "subscription"
  | "resourceType"
  | "location"
  | "several"
  | "criteria";

export interface ParameterDefinition {
  readonly key: string;
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly kind: ParameterKind;
  readonly isRequired: boolean;
  readonly isHidden: boolean;
  readonly isGlobal: boolean;
  readonly takesSeveral: boolean;
  readonly quote: string;
  readonly delimiter: string;
  /** What it had when the workbook was saved. */
  readonly saved: unknown;
  /** What it has when nothing else was chosen: `value::1`, `value::all` or a value. */
  readonly otherwise: unknown;
  readonly choices: readonly ParameterChoice[] | undefined;
  readonly query: QuerySpec | undefined;
  readonly ranges: readonly TimeRange[];
  readonly allowsCustom: boolean;
  /** `value::all`, `value::1` and the like, which stand above the choices. */
  readonly extras: readonly string[];
  /** What stands for all of them. */
  readonly allValue: string | undefined;
  readonly criteria: readonly Criterion[];
  readonly raw: Json;
}

export interface ParameterChoice {
  readonly value: string;
  readonly label: string;
  readonly group: string;
  readonly selected: boolean;
}

/** One line of a criteria parameter: the first that holds gives the value. */
export interface Criterion {
  readonly left: string;
  readonly operator: string;
  readonly rightIsParameter: boolean;
  readonly right: string;
  readonly resultIsParameter: boolean;
  readonly result: string;
}

const KINDS: Readonly<Record<number, ParameterKind>> = {
  1: "text",
  2: "choice",
  4: "time",
  5: "resource",
  6: "subscription",
  7: "resourceType",
  8: "location",
  10: "options",
  11: "several",
};

export function parametersOf(content: Json, key: string): ParameterDefinition[] {
  return listOf(content["parameters"])
    .filter(isJson)
    .filter((raw) => textOf(raw["name"]) !== "")
    .map((raw, at) => parameterOf(raw, `${key}-${at}`));
}

function parameterOf(raw: Json, key: string): ParameterDefinition {
  const settings = objectOf(raw["typeSettings"]);
  const kind = kindOf(raw);
  const name = textOf(raw["name"]);
  const several = raw["multiSelect"] === true || kind === "several";
  return {
    key,
    name,
    label: textOf(raw["label"]) || name,
    description: textOf(raw["description"]),
    kind,
    isRequired: raw["isRequired"] === true,
    isHidden: raw["isHiddenWhenLocked"] === true,
    isGlobal: raw["isGlobal"] === true,
    takesSeveral: several,
    quote: several ? textOf(raw["quote"], "'") : "",
    delimiter: textOf(raw["delimiter"], ",") || ",",
    saved: raw["value"],
    otherwise: raw["defaultValue"],
    choices: typeof raw["jsonData"] === "string" ? choicesOfJson(raw["jsonData"]) : undefined,
    query: textOf(raw["query"]).trim() === "" ? undefined : querySpecOf(raw),
    ranges: listOf(settings["selectableValues"]).flatMap((each) => timeRangeOf(each) ?? []),
    allowsCustom: settings["allowCustom"] === true,
    extras: textsOf(settings["additionalResourceOptions"]),
    allValue: typeof settings["selectAllValue"] === "string" ? settings["selectAllValue"] : undefined,
    criteria: criteriaOf(raw),
    raw,
  };
}

function kindOf(raw: Json): ParameterKind {
  if (Array.isArray(raw["criteriaData"]) && raw["criteriaData"].length > 0) return "criteria";
  const kind = KINDS[numberOf(raw["type"]) ?? 0];
  return kind ?? (raw["query"] || raw["jsonData"] ? "choice" : "text");
}

function criteriaOf(raw: Json): Criterion[] {
  return listOf(raw["criteriaData"])
    .filter(isJson)
    .map((each) => objectOf(each["criteriaContext"]))
    .map((each) => ({
      left: textOf(each["leftOperand"]),
      operator: textOf(each["operator"], "Default"),
      rightIsParameter: textOf(each["rightValType"]) === "param",
      right: textOf(each["rightVal"]),
      resultIsParameter: textOf(each["resultValType"]) === "param",
      result: textOf(each["resultVal"]),
    }));
}

/** Choices in a text of JSON: plain values, or objects with value, label, group and selected. */
export function choicesOfJson(text: string): ParameterChoice[] {
  return listOf(parsed(text)).flatMap((each): ParameterChoice[] => {
    if (!isJson(each)) return each === null ? [] : [choice(textOf(each), "", "", false)];
    return [choice(textOf(each["value"]), textOf(each["label"]), textOf(each["group"]), isYes(each["selected"]))];
  });
}

/** Choices in the rows of a query: columns by the names value, label, selected and group, else by their order. */
export function choicesOfRows(columns: readonly string[], rows: readonly (readonly unknown[])[]): ParameterChoice[] {
  const at = (name: string, otherwise: number): number => {
    const found = columns.findIndex((column) => column.toLowerCase() === name);
    return found >= 0 ? found : otherwise;
  };
  const isNamed = columns.some((column) => ["value", "label", "selected", "group"].includes(column.toLowerCase()));
  const [value, label, selected, group] = isNamed
    ? [at("value", 0), at("label", -1), at("selected", -1), at("group", -1)]
    : [0, 1, 2, 3];
  const seen = new Set<string>();
  return rows.flatMap((row): ParameterChoice[] => {
    const found = choice(textOf(row[value]), textOf(row[label]), textOf(row[group]), isYes(row[selected]));
    if (seen.has(found.value) || row[value] === null) return [];
    seen.add(found.value);
    return [found];
  });
}

function choice(value: string, label: string, group: string, selected: boolean): ParameterChoice {
  return { value, label: label || value, group, selected };
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || value === "true" || value === "True" || value === "1";
}
