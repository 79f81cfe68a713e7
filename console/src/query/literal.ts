// Values as KQL writes them, and a filter on one put into a query.
import { quoted } from "~/api/kql";

const WORDS = new Set(
  "and or not in by on where contains has between let set true false null typeof with asc desc of to from step".split(
    " ",
  ),
);

/** A column's name as KQL writes it. */
export function columnName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !WORDS.has(name) ? name : `[${quoted(name)}]`;
}

/** The condition that a column has a value of its type, as the query API gives it; or has it not. */
export function condition(name: string, type: string, value: unknown, isWanted: boolean): string {
  const column = columnName(name);
  const equals = isWanted ? "==" : "!=";
  const text = String(value as string | number | boolean);
  switch (type) {
    case "string":
      if (value === null || value === undefined || value === "")
        return `${isWanted ? "isempty" : "isnotempty"}(${column})`;
      return `${column} ${equals} ${quoted(text)}`;
    case "dynamic":
      if (value === null || value === undefined || value === "")
        return `${isWanted ? "isempty" : "isnotempty"}(${column})`;
      return `tostring(${column}) ${equals} ${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
  }
  if (value === null || value === undefined) return `${isWanted ? "isnull" : "isnotnull"}(${column})`;
  if (type === "real" && /^(NaN|-?Infinity)$/.test(text)) {
    if (text === "NaN") return `${isWanted ? "" : "not("}isnan(${column})${isWanted ? "" : ")"}`;
    return `${column} ${equals} real(${text === "Infinity" ? "+inf" : "-inf"})`;
  }
  return `${column} ${equals} ${literal(type, text)}`;
}

function literal(type: string, text: string): string {
  switch (type) {
    case "datetime":
    case "guid":
    case "decimal":
      return `${type}(${text})`;
    case "timespan":
      return `timespan(${text})`;
    case "bool":
      return text === "true" || text === "1" ? "true" : "false";
    default:
      return text;
  }
}

/** A query with one more condition at its end, before its `render`. */
export function filtered(query: string, clause: string): string {
  const bare = query.replace(/[\s;]+$/, "");
  const render = /\s*\|\s*render\b(?:[^|"'/]|"[^"\n]*"|'[^'\n]*')*$/.exec(bare);
  if (!render) return `${bare}\n| where ${clause}`;
  return `${bare.slice(0, render.index)}\n| where ${clause}\n${render[0].trimStart()}`;
}
