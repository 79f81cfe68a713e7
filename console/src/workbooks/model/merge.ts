// Merging the results of queries on the page: joins, unions, renamed and added columns.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-data-sources#merge
import type { Column, Table } from "~/api/logs";
import { compares } from "./criteria";
import { isJson, listOf, objectOf, textOf, type Json } from "./json";

export interface Merge {
  readonly kind: string;
  readonly left: string;
  readonly right: string;
  readonly leftColumn: string;
  readonly rightColumn: string;
}

interface Rename {
  /** `[table].column`, or nothing for a column that is added. */
  readonly from: string;
  readonly to: string;
  readonly added: readonly Json[];
}

export interface MergePlan {
  readonly merges: readonly Merge[];
  readonly renames: readonly Rename[];
  /** The names of the queries that are merged. */
  readonly tables: readonly string[];
}

const MOST_ROWS = 100_000;

/** The plan in a merge's query; undefined when there is none in it. */
export function mergePlan(raw: unknown): MergePlan | undefined {
  if (!isJson(raw)) return undefined;
  const merges = listOf(raw["merges"])
    .filter(isJson)
    .map((each) => ({
      kind: textOf(each["mergeType"], "inner").toLowerCase(),
      left: textOf(each["leftTable"]),
      right: textOf(each["rightTable"]),
      leftColumn: textOf(each["leftColumn"]),
      rightColumn: textOf(each["rightColumn"]),
    }));
  if (merges.length === 0) return undefined;
  const renames = listOf(raw["projectRename"])
    .filter(isJson)
    .map((each) => ({
      from: textOf(each["originalName"]),
      to: textOf(each["mergedName"]),
      added: listOf(each["newColumnData"]).filter(isJson),
    }));
  const own = new Set(merges.map((_each, at) => textOf(objectOf(listOf(raw["merges"])[at])["id"])));
  const names = merges.flatMap((each) => [each.left, each.right]).filter((name) => name && !own.has(name));
  return { merges, renames, tables: [...new Set(names)] };
}

interface Wide {
  /** `[table].column`. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The table that a plan makes of the tables by name. Raises Error for a join that it does not know. */
export function merge(plan: MergePlan, tables: Readonly<Record<string, Table>>): Table {
  let made: Wide | undefined;
  const done = new Set<string>();
  for (const each of plan.merges) {
    const left: Wide = made && done.has(each.left) ? made : wide(each.left, tables[each.left]);
    done.add(each.left);
    if (each.kind === "table" || each.kind === "duplicate" || each.right === "") {
      made = left;
      continue;
    }
    made = joinedTables(left, wide(each.right, tables[each.right]), each);
    done.add(each.right);
  }
  return projected(made ?? { columns: [], rows: [] }, plan);
}

function wide(name: string, table: Table | undefined): Wide {
  if (!table) throw new Error(`There is no query “${name}” to merge.`);
  return {
    columns: table.columns.map((column) => ({ ...column, name: `[${name}].${column.name}` })),
    rows: table.rows,
  };
}

function joinedTables(left: Wide, right: Wide, how: Merge): Wide {
  if (how.kind === "union") return union(left, right);
  const leftAt = place(left, how.left, how.leftColumn);
  const rightAt = place(right, how.right, how.rightColumn);
  const found = index(right, rightAt);
  const leftKeys = new Set(left.rows.map((row) => keyOf(row[leftAt])));
  const matches = (row: readonly unknown[]): readonly (readonly unknown[])[] => found.get(keyOf(row[leftAt])) ?? [];
  const none = { left: left.columns.map(() => null), right: right.columns.map(() => null) };
  const both = [...left.columns, ...right.columns];
  const pairs = (rows: readonly (readonly unknown[])[], outer: boolean): unknown[][] =>
    rows.flatMap((row) => {
      const matched = matches(row);
      if (matched.length === 0) return outer ? [[...row, ...none.right]] : [];
      return matched.map((other) => [...row, ...other]);
    });
  const onlyRight = (): unknown[][] =>
    right.rows.filter((row) => !leftKeys.has(keyOf(row[rightAt]))).map((row) => [...none.left, ...row]);
  switch (how.kind) {
    case "inner":
      return bounded(both, pairs(left.rows, false));
    case "innerunique":
      return bounded(both, pairs(uniqueBy(left.rows, leftAt), false));
    case "leftouter":
      return bounded(both, pairs(left.rows, true));
    case "rightouter":
      return bounded(both, [...pairs(left.rows, false), ...onlyRight()]);
    case "fullouter":
      return bounded(both, [...pairs(left.rows, true), ...onlyRight()]);
    case "leftsemi":
      return bounded(
        left.columns,
        left.rows.filter((row) => matches(row).length > 0),
      );
    case "leftanti":
    case "anti":
      return bounded(
        left.columns,
        left.rows.filter((row) => matches(row).length === 0),
      );
    case "rightsemi":
      return bounded(
        right.columns,
        right.rows.filter((row) => leftKeys.has(keyOf(row[rightAt]))),
      );
    case "rightanti":
      return bounded(
        right.columns,
        right.rows.filter((row) => !leftKeys.has(keyOf(row[rightAt]))),
      );
    default:
      throw new Error(`The join “${how.kind}” is not known.`);
  }
}

function bounded(columns: readonly Column[], rows: readonly (readonly unknown[])[]): Wide {
  return { columns, rows: rows.slice(0, MOST_ROWS) };
}

/** The rows of both, columns by their names without the table's. */
function union(left: Wide, right: Wide): Wide {
  const bare = (name: string): string => name.slice(name.indexOf("].") + 2);
  const extra = right.columns.filter((each) => !left.columns.some((column) => bare(column.name) === bare(each.name)));
  const columns = [...left.columns, ...extra];
  const from = columns.map((column) => right.columns.findIndex((each) => bare(each.name) === bare(column.name)));
  return bounded(columns, [
    ...left.rows.map((row) => [...row, ...extra.map(() => null)]),
    ...right.rows.map((row) => from.map((at) => (at < 0 ? null : row[at]))),
  ]);
}

function place(table: Wide, name: string, column: string): number {
  const exact = table.columns.findIndex((each) => each.name === `[${name}].${column}`);
  const at = exact >= 0 ? exact : table.columns.findIndex((each) => each.name.endsWith(`].${column}`));
  if (at < 0) throw new Error(`“${name}” has no column “${column}”.`);
  return at;
}

function keyOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function index(table: Wide, at: number): Map<string, (readonly unknown[])[]> {
  const found = new Map<string, (readonly unknown[])[]>();
  for (const row of table.rows) {
    const key = keyOf(row[at]);
    const rows = found.get(key);
    if (rows) rows.push(row);
    else found.set(key, [row]);
  }
  return found;
}

function uniqueBy(rows: readonly (readonly unknown[])[], at: number): (readonly unknown[])[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row[at]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Only the columns that the plan names, under the names that it gives; all of them when it names none. */
function projected(table: Wide, plan: MergePlan): Table {
  const short = (name: string): string => name.slice(name.indexOf("].") + 2) || name;
  if (plan.renames.length === 0) {
    const taken = new Map<string, number>();
    const columns = table.columns.map((column) => {
      const name = short(column.name);
      const count = taken.get(name) ?? 0;
      taken.set(name, count + 1);
      return { ...column, name: count === 0 ? name : `${name}${count}` };
    });
    return { name: "merged", columns, rows: table.rows };
  }
  const columns: Column[] = [];
  const makers: ((row: readonly unknown[]) => unknown)[] = [];
  for (const rename of plan.renames) {
    const at = table.columns.findIndex((each) => each.name === rename.from);
    if (at >= 0) {
      columns.push({ name: rename.to || short(rename.from), type: table.columns[at]?.type ?? "string" });
      makers.push((row) => row[at]);
    } else if (rename.added.length > 0) {
      columns.push({ name: rename.to, type: "string" });
      makers.push((row) => added(rename.added, (name) => cellOf(table, columns, makers, row, name)));
    }
  }
  return { name: "merged", columns, rows: table.rows.map((row) => makers.map((make) => make(row))) };
}

/** A cell by the name that a column was given, else by the one that it came with. */
function cellOf(
  table: Wide,
  columns: readonly Column[],
  makers: readonly ((row: readonly unknown[]) => unknown)[],
  row: readonly unknown[],
  name: string,
): string {
  const given = columns.findIndex((each, at) => each.name === name && at < makers.length - 1);
  if (given >= 0) return textOf(makers[given]?.(row));
  const at = table.columns.findIndex((each) => each.name === name || each.name.endsWith(`].${name}`));
  return at < 0 ? "" : textOf(row[at]);
}

function added(lines: readonly Json[], cell: (name: string) => string): unknown {
  for (const line of lines) {
    const context = objectOf(line["criteriaContext"]);
    const right = textOf(context["rightVal"]);
    const wanted = textOf(context["rightValType"]) === "column" ? cell(right) : right;
    if (!compares(cell(textOf(context["leftOperand"])), textOf(context["operator"], "Default"), wanted)) continue;
    const result = textOf(context["resultVal"]);
    if (textOf(context["resultValType"]) === "column") return cell(result);
    return result.replace(/\["([^"\]]+)"\]/g, (_whole, name: string) => cell(name));
  }
  return null;
}
