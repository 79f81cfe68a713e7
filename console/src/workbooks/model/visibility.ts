// Whether an item is shown, by the values that parameters have now.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-interactive-reports#set-conditional-visibility
import { isJson, listOf, textOf, type Json } from "./json";
import type { ParameterValue } from "./values";

export interface Condition {
  readonly parameter: string;
  readonly comparison: string;
  readonly value: string | undefined;
}

/** The conditions of an item, all of which must hold. */
export function conditionsOf(raw: Json): Condition[] {
  const several = listOf(raw["conditionalVisibilities"]).filter(isJson);
  const one = raw["conditionalVisibility"];
  return [...(isJson(one) ? [one] : []), ...several]
    .filter((each) => textOf(each["parameterName"]) !== "")
    .map((each) => ({
      parameter: textOf(each["parameterName"]),
      comparison: textOf(each["comparison"], "isEqualTo"),
      value: each["value"] === undefined || each["value"] === null ? undefined : textOf(each["value"]),
    }));
}

/** What the named parameter has is compared as text, in any casing of the comparison's name. */
export function holds(condition: Condition, valueOf: (name: string) => ParameterValue | undefined): boolean {
  const held = valueOf(condition.parameter)?.value ?? "";
  const wanted = condition.value ?? "";
  switch (condition.comparison.toLowerCase()) {
    case "isequalto":
    case "equals":
      return held === wanted;
    case "isnotequalto":
    case "notequals":
      return held !== wanted;
    case "isset":
      return held !== "";
    case "isnotset":
      return held === "";
    case "contains":
    case "iscontains":
      return held.toLowerCase().includes(wanted.toLowerCase());
    case "doesnotcontain":
    case "notcontains":
      return !held.toLowerCase().includes(wanted.toLowerCase());
    case "startswith":
      return held.toLowerCase().startsWith(wanted.toLowerCase());
    case "endswith":
      return held.toLowerCase().endsWith(wanted.toLowerCase());
    case "isgreaterthan":
    case "greaterthan":
      return Number(held) > Number(wanted);
    case "islessthan":
    case "lessthan":
      return Number(held) < Number(wanted);
    case "isgreaterthanorequalto":
      return Number(held) >= Number(wanted);
    case "islessthanorequalto":
      return Number(held) <= Number(wanted);
    default:
      return true; // an unknown comparison hides nothing
  }
}
