// The order of a result's rows, and which of them hold a text. Rows are told by their number in the answer.
import type { Table } from "~/api/logs";
import { secondsOf } from "~/charts/values";
import { cellText } from "~/parts/sheet";

export interface Order {
  readonly column: number;
  readonly descending: boolean;
}

const NUMBERS = new Set(["int", "long", "real", "decimal", "bool"]);

/** The numbers of the rows in their order; nulls are last in either. Equal rows stay as the answer has them. */
export function ordered(table: Table, order: Order | undefined): Uint32Array {
  const rows = Uint32Array.from({ length: table.rows.length }, (_, at) => at);
  const column = order && table.columns[order.column];
  if (!order || !column) return rows;
  const keys = table.rows.map((row) => keyOf(row[order.column], column.type));
  const sign = order.descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [x, y] = [keys[a]!, keys[b]!];
    if (x === y) return a - b;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y ? -sign : x > y ? sign : a - b;
  });
}

function keyOf(value: unknown, type: string): number | string | null {
  if (value === null || value === undefined) return null;
  if (NUMBERS.has(type)) return typeof value === "number" ? value : Number(value);
  if (type === "timespan") return secondsOf(String(value as string));
  const text = cellText(value);
  return type === "datetime" ? text.replace("Z", "") : text.toLowerCase();
}

const SLICE = 12; // milliseconds of work before the page may do something else

/** The places in `rows` whose row holds a text in a cell that is shown, whatever its casing; told as they are found. */
export async function find(
  table: Table,
  rows: Uint32Array,
  columns: readonly number[],
  text: string,
  signal: AbortSignal,
  tell: (places: readonly number[], isDone: boolean) => void,
): Promise<void> {
  const wanted = text.toLowerCase();
  const places: number[] = [];
  let from = performance.now();
  for (let place = 0; place < rows.length; place++) {
    const row = table.rows[rows[place]!]!;
    if (columns.some((column) => cellText(row[column]).toLowerCase().includes(wanted))) places.push(place);
    if ((place & 63) === 63 && performance.now() - from > SLICE) {
      tell([...places], false);
      await new Promise((resume) => setTimeout(resume));
      if (signal.aborted) return;
      from = performance.now();
    }
  }
  tell(places, true);
}

export interface ColumnFacts {
  readonly rows: number;
  readonly empty: number;
  readonly distinct: number;
  readonly least?: string;
  readonly most?: string;
  readonly sum?: number;
  readonly average?: number;
  /** The most frequent values and how often each is there. */
  readonly top: readonly { readonly value: unknown; readonly count: number }[];
}

/** What the loaded rows say of a column. */
export function factsOf(table: Table, column: number): ColumnFacts {
  const type = table.columns[column]?.type ?? "string";
  const counts = new Map<unknown, number>();
  const isNumber = NUMBERS.has(type) && type !== "bool";
  let empty = 0;
  let sum = 0;
  let least: { key: number | string; value: unknown } | undefined;
  let most: { key: number | string; value: unknown } | undefined;
  for (const row of table.rows) {
    const value = row[column];
    if (value === null || value === undefined || value === "") {
      empty++;
      continue;
    }
    counts.set(value, (counts.get(value) ?? 0) + 1);
    const key = keyOf(value, type);
    if (key === null) continue;
    if (isNumber) sum += key as number;
    if (!least || key < least.key) least = { key, value };
    if (!most || key > most.key) most = { key, value };
  }
  const full = table.rows.length - empty;
  return {
    rows: table.rows.length,
    empty,
    distinct: counts.size,
    ...(least && most ? { least: cellText(least.value), most: cellText(most.value) } : {}),
    ...(isNumber && full > 0 ? { sum, average: sum / full } : {}),
    top: [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([value, count]) => ({ value, count })),
  };
}
