// The JSONPath that workbooks use to make tables of JSON: names, indices, wildcards, descent, simple filters.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-jsonpath
import { isJson } from "./json";

type Step =
  | { readonly kind: "name"; readonly name: string; readonly deep: boolean }
  | { readonly kind: "all"; readonly deep: boolean }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "slice"; readonly from: number; readonly to: number }
  | {
      readonly kind: "filter";
      readonly deep: boolean;
      readonly path: string;
      readonly operator: string;
      readonly value: string;
    };

const TOKEN =
  /(\.\.|\.)?(?:\[\?\(@([^=!<>)]*?)\s*(?:(==|!=|>=|<=|>|<)\s*([^)]*?))?\s*\)\]|\[(-?\d+)\]|\[(-?\d*):(-?\d*)\]|\[\*\]|\['([^']*)'\]|\["([^"]*)"\]|(\*)|([^.[\]]+))/y;
const DEEPEST = 64;

function steps(path: string): Step[] | undefined {
  const text = path.trim().replace(/^\$/, "");
  const found: Step[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const [whole, dots, path_, operator, value, index, from, to, quoted, double, star, name] = match;
    const deep = dots === "..";
    if (path_ !== undefined)
      found.push({ kind: "filter", deep, path: path_, operator: operator ?? "", value: value ?? "" });
    else if (index !== undefined) found.push({ kind: "index", index: Number(index) });
    else if (from !== undefined) found.push({ kind: "slice", from: Number(from || 0), to: to ? Number(to) : Infinity });
    else if (star !== undefined || whole.endsWith("[*]")) found.push({ kind: "all", deep });
    else found.push({ kind: "name", name: quoted ?? double ?? name ?? "", deep });
  }
  return found;
}

/** Every value at a path; none when the path is no path. */
export function allAtPath(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const step of steps(path) ?? []) found = found.flatMap((each) => take(each, step));
  return steps(path) ? found : [];
}

/** The first value at a path. */
export function atPath(value: unknown, path: string): unknown {
  return allAtPath(value, path)[0];
}

function take(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case "name":
      return (step.deep ? below(value) : [value]).flatMap((each) =>
        isJson(each) && step.name in each ? [each[step.name]] : [],
      );
    case "all":
      return (step.deep ? below(value) : [value]).flatMap(children);
    case "index": {
      const at = Array.isArray(value) ? (value as unknown[]).at(step.index) : undefined;
      return at === undefined ? [] : [at];
    }
    case "slice":
      return Array.isArray(value) ? (value as unknown[]).slice(step.from, step.to) : [];
    case "filter":
      return (step.deep ? below(value) : [value])
        .flatMap(children)
        .filter((each) => passes(atPath(each, step.path), step.operator, step.value));
  }
}

function children(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : isJson(value) ? Object.values(value) : [];
}

function below(value: unknown, depth = 0): unknown[] {
  return depth > DEEPEST ? [] : [value, ...children(value).flatMap((each) => below(each, depth + 1))];
}

function passes(held: unknown, operator: string, text: string): boolean {
  const wanted = text.trim().replace(/^(['"])(.*)\1$/, "$2");
  switch (operator) {
    case "":
      return held !== undefined && held !== null && held !== false;
    case "==":
      return String(held) === wanted;
    case "!=":
      return String(held) !== wanted;
    case ">":
      return Number(held) > Number(wanted);
    case "<":
      return Number(held) < Number(wanted);
    case ">=":
      return Number(held) >= Number(wanted);
    default:
      return Number(held) <= Number(wanted);
  }
}
