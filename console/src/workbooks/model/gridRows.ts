// The rows of a grid as they stand: limited, filtered, sorted, and as a tree where the workbook makes one.
import type { Table } from "~/api/logs";
import { isJson, listOf, numberOf, objectOf, textOf, textsOf, type Json } from "./json";

export interface Sort {
  readonly column: number;
  readonly descending: boolean;
}

export interface GridRow {
  /** The row of the table; -1 is a row that stands for a group. */
  readonly at: number;
  readonly key: string;
  readonly depth: number;
  readonly hasChildren: boolean;
  /** What the group is called. */
  readonly group: string;
  /** The rows of the table that are in the group. */
  readonly members: readonly number[];
}

export type Hierarchy =
  | { readonly kind: "none" }
  | {
      readonly kind: "parent";
      readonly id: number;
      readonly parent: number;
      readonly expander: number;
      readonly open: boolean;
    }
  | { readonly kind: "group"; readonly columns: readonly number[]; readonly leaf: number; readonly open: boolean };

export function hierarchyOf(settings: Json, columns: readonly string[]): Hierarchy {
  const raw = objectOf(settings["hierarchySettings"]);
  const at = (name: unknown): number => columns.indexOf(textOf(name));
  const open = raw["expandTopLevel"] === true;
  const groups = textsOf(raw["groupBy"])
    .map(at)
    .filter((each) => each >= 0);
  if (groups.length > 0) return { kind: "group", columns: groups, leaf: at(raw["finalBy"]), open };
  const [id, parent] = [at(raw["idColumn"]), at(raw["parentColumn"])];
  if (id < 0 || parent < 0) return { kind: "none" };
  return { kind: "parent", id, parent, expander: at(raw["expanderColumn"]), open };
}

/** What a workbook sorts by first: a column, or one that it made of a column (`$gen_bar_Count_0`). */
export function sortOf(settings: Json, itemSort: readonly unknown[], columns: readonly string[]): Sort | undefined {
  const listed = [...listOf(settings["sortBy"]), ...itemSort].filter(isJson);
  for (const each of listed) {
    const key = textOf(each["itemKey"]);
    const name = /^\$gen_[a-z]+_(.+)_\d+$/i.exec(key)?.[1] ?? key;
    const column = columns.indexOf(name);
    if (column >= 0) return { column, descending: numberOf(each["sortOrder"]) === 2 };
  }
  return undefined;
}

export function compareCells(one: unknown, other: unknown): number {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== undefined && b !== undefined) return a - b;
  if (one === null || one === undefined) return other === null || other === undefined ? 0 : -1;
  if (other === null || other === undefined) return 1;
  return textOf(one).localeCompare(textOf(other));
}

/** The numbers of the rows that are shown, in their order. */
export function shownRows(table: Table, find: string, sort: Sort | undefined, limit: number | undefined): number[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  let rows = table.rows.slice(0, limit ?? table.rows.length).map((_row, at) => at);
  if (words.length > 0) {
    rows = rows.filter((at) => {
      const text = (table.rows[at] ?? [])
        .map((cell) => textOf(cell))
        .join(" ")
        .toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }
  if (sort) {
    const turn = sort.descending ? -1 : 1;
    rows.sort((a, b) => turn * compareCells(table.rows[a]?.[sort.column], table.rows[b]?.[sort.column]));
  }
  return rows;
}

/** The rows in sight of a tree, of which the keys in `toggled` are not as they are at first. */
export function treeRows(
  table: Table,
  rows: readonly number[],
  hierarchy: Hierarchy,
  toggled: ReadonlySet<string>,
): GridRow[] {
  switch (hierarchy.kind) {
    case "none":
      return rows.map((at) => leaf(at, 0));
    case "parent":
      return byParent(table, rows, hierarchy, toggled);
    case "group":
      return byGroup(table, rows, hierarchy, toggled, 0, "");
  }
}

function leaf(at: number, depth: number, hasChildren = false): GridRow {
  return { at, key: `${at}`, depth, hasChildren, group: "", members: [at] };
}

function isOpen(key: string, depth: number, open: boolean, toggled: ReadonlySet<string>): boolean {
  return toggled.has(key) !== (open && depth === 0);
}

function byParent(
  table: Table,
  rows: readonly number[],
  { id, parent, open }: Extract<Hierarchy, { kind: "parent" }>,
  toggled: ReadonlySet<string>,
): GridRow[] {
  const cell = (at: number, column: number): string => textOf(table.rows[at]?.[column]);
  const ids = new Set(rows.map((at) => cell(at, id)));
  const children = new Map<string, number[]>();
  const tops: number[] = [];
  for (const at of rows) {
    const above = cell(at, parent);
    if (above === "" || above === cell(at, id) || !ids.has(above)) tops.push(at);
    else children.set(above, [...(children.get(above) ?? []), at]);
  }
  const found: GridRow[] = [];
  const walk = (level: readonly number[], depth: number, above: ReadonlySet<string>): void => {
    for (const at of level) {
      const own = cell(at, id);
      const below = above.has(own) ? [] : (children.get(own) ?? []);
      found.push(leaf(at, depth, below.length > 0));
      if (below.length > 0 && isOpen(`${at}`, depth, open, toggled)) walk(below, depth + 1, new Set([...above, own]));
    }
  };
  walk(tops, 0, new Set());
  return found;
}

function byGroup(
  table: Table,
  rows: readonly number[],
  hierarchy: Extract<Hierarchy, { kind: "group" }>,
  toggled: ReadonlySet<string>,
  depth: number,
  prefix: string,
): GridRow[] {
  const column = hierarchy.columns[depth];
  if (column === undefined) return rows.map((at) => leaf(at, depth));
  const groups = new Map<string, number[]>();
  for (const at of rows) {
    const name = textOf(table.rows[at]?.[column]);
    const members = groups.get(name);
    if (members) members.push(at);
    else groups.set(name, [at]);
  }
  return [...groups].flatMap(([name, members]): GridRow[] => {
    const key = `${prefix}/${name}`;
    const row: GridRow = { at: -1, key, depth, hasChildren: true, group: name, members };
    if (!isOpen(key, depth, hierarchy.open, toggled)) return [row];
    return [row, ...byGroup(table, members, hierarchy, toggled, depth + 1, key)];
  });
}

/** What stands in a group's row for a column: a sum, a count, or the one value that all of them have. */
export function aggregate(table: Table, members: readonly number[], column: number, how: string): unknown {
  const values = members.map((at) => table.rows[at]?.[column]);
  const numbers = values.flatMap((value) => numberOf(value) ?? []);
  switch (how.toLowerCase()) {
    case "sum":
      return numbers.reduce((sum, each) => sum + each, 0);
    case "avg":
    case "average":
      return numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    case "min":
      return numbers.length === 0 ? null : numbers.reduce((least, each) => Math.min(least, each));
    case "max":
      return numbers.length === 0 ? null : numbers.reduce((most, each) => Math.max(most, each));
    case "count":
      return members.length;
    case "none":
      return null;
    default: {
      const first = values[0];
      return values.every((value) => value === first) ? first : null;
    }
  }
}
