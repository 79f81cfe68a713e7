// Comparisons as they stand in criteria parameters, thresholds and merged columns: the first line that holds counts.
import type { Criterion } from "./parameters";

/** Whether a value stands to another as an operator says; "Default" always does. */
export function compares(held: string, operator: string, wanted: string): boolean {
  const [one, other] = [Number(held), Number(wanted)];
  const areNumbers = held.trim() !== "" && wanted.trim() !== "" && Number.isFinite(one) && Number.isFinite(other);
  // A text stands in no order to a number.
  const areTexts = !areNumbers && Number.isNaN(one) === Number.isNaN(other);
  switch (operator.toLowerCase().replaceAll(" ", "")) {
    case "default":
      return true;
    case "==":
    case "equals":
      return areNumbers ? one === other : held === wanted;
    case "!=":
    case "notequals":
      return areNumbers ? one !== other : held !== wanted;
    case ">":
      return areNumbers ? one > other : areTexts && held > wanted;
    case ">=":
      return areNumbers ? one >= other : areTexts && held >= wanted;
    case "<":
      return areNumbers ? one < other : areTexts && held < wanted;
    case "<=":
      return areNumbers ? one <= other : areTexts && held <= wanted;
    case "contains":
      return held.toLowerCase().includes(wanted.toLowerCase());
    case "notcontains":
    case "!contains":
      return !held.toLowerCase().includes(wanted.toLowerCase());
    case "startswith":
      return held.toLowerCase().startsWith(wanted.toLowerCase());
    case "endswith":
      return held.toLowerCase().endsWith(wanted.toLowerCase());
    case "isempty":
    case "is_empty":
      return held === "";
    case "isnotempty":
      return held !== "";
    case "regex":
    case "matchesregex":
      return matches(held, wanted);
    default:
      return false;
  }
}

function matches(held: string, pattern: string): boolean {
  if (pattern.length > 200 || held.length > 2000) return false; // a pattern of somebody else's runs on the page
  try {
    return new RegExp(pattern).test(held);
  } catch {
    return false;
  }
}

/** The result of the first criterion that holds. */
export function criteriaResult(criteria: readonly Criterion[], valueOf: (name: string) => string): string {
  const line = criteria.find((each) =>
    compares(valueOf(each.left), each.operator, each.rightIsParameter ? valueOf(each.right) : each.right),
  );
  if (!line) return "";
  return line.resultIsParameter ? valueOf(line.result) : line.result;
}
