// From a table and its `render` to what is drawn: the numbers, by series. Whatever draws, and the table twin, read this.
import type { Column, Table } from "~/api/logs";
import type { Render } from "./render";
import { arrayOf, instantOf, isNumeric, nameOf, numberOf } from "./values";

export type Shape = "line" | "area" | "bar" | "column" | "pie" | "scatter" | "card" | "ladder" | "table";
export type Stack = "none" | "stacked" | "full";
export type X = number | string;

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: X, y: number | null])[];
  /** Drawn as single points over the others: what an anomaly chart marks. */
  readonly isMark?: boolean;
}

/** A bar of a ladder: from one instant or number to another. */
export interface Step {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Drawing {
  readonly shape: Shape;
  readonly title: string;
  readonly stack: Stack;
  readonly xKind: "time" | "number" | "name";
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
  readonly steps?: readonly Step[];
  readonly hasLegend: boolean;
  readonly isXLog: boolean;
  readonly isYLog: boolean;
  readonly yMin?: number;
  readonly yMax?: number;
  /** What is not as it was asked for, in a sentence. */
  readonly note?: string;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  timechart: "line",
  linechart: "line",
  anomalychart: "line",
  areachart: "area",
  stackedareachart: "area",
  barchart: "bar",
  columnchart: "column",
  piechart: "pie",
  scatterchart: "scatter",
  card: "card",
  ladderchart: "ladder",
  table: "table",
};

/** The kinds that can be chosen for a result without a `render`. */
export const KINDS: readonly string[] = Object.keys(SHAPES);

export function drawingOf(table: Table, render: Render): Drawing {
  const shape = SHAPES[render.visualization];
  const base = {
    title: render.title ?? "",
    xTitle: render.xtitle ?? "",
    yTitle: render.ytitle ?? "",
    hasLegend: render.legend !== "hidden",
    isXLog: render.xaxis === "log",
    isYLog: render.yaxis === "log",
    yMin: render.ymin,
    yMax: render.ymax,
    stack: stackOf(render),
  };
  if (!shape || shape === "table") {
    const note =
      shape || render.visualization === "" ? undefined : `There is no drawing for '${render.visualization}' here.`;
    return { ...base, shape: "table", xKind: "name", series: [], note };
  }
  if (shape === "card") return { ...base, shape, xKind: "name", series: cards(table) };
  if (shape === "ladder") return { ...base, ...ladder(table, render) };
  const chosen = columnsOf(table, render, shape);
  if ("problem" in chosen) return { ...base, shape: "table", xKind: "name", series: [], note: chosen.problem };
  const { x, ys, by, marks } = chosen;
  const series = arraysIn(table, [...ys, ...marks]) ? unrolled(table, chosen) : plain(table, chosen);
  const isTime = x?.type === "datetime" || (x?.type === "dynamic" && firstOf(table, x) !== null);
  const isNumber = !isTime && x !== undefined && (isNumeric(x.type) || x.type === "dynamic");
  const isNamed = shape === "bar" || shape === "column" || shape === "pie";
  return {
    ...base,
    shape,
    series: render.accumulate ? series.map(summedUp) : series,
    xKind: isTime ? "time" : isNumber && !isNamed ? "number" : "name",
    xTitle: base.xTitle || (x?.name ?? ""),
    yTitle: base.yTitle || (ys.length === 1 && by.length > 0 ? (ys[0]?.name ?? "") : ""),
  };
}

function stackOf(render: Render): Stack {
  if (render.kind === "stacked100") return "full";
  if (render.kind === "stacked" || render.visualization === "stackedareachart") return "stacked";
  return "none";
}

interface Chosen {
  /** Undefined where rows are counted instead. */
  readonly x: Column | undefined;
  readonly ys: readonly Column[];
  readonly by: readonly Column[];
  readonly marks: readonly Column[];
}

/** Which columns are what, as Kusto's clients choose them where the query does not say. */
function columnsOf(table: Table, render: Render, shape: Shape): Chosen | { problem: string } {
  const named = (name: string): Column | undefined =>
    table.columns.find((each) => each.name === name) ??
    table.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const arrays = new Set(table.columns.filter((each) => each.type === "dynamic" && arraysIn(table, [each])));
  const isY = (column: Column): boolean =>
    isNumeric(column.type) || (arrays.has(column) && firstOf(table, column) === null);
  const marks = (render.anomalycolumns ?? []).flatMap((name) => named(name) ?? []);
  const isTimed = render.visualization === "timechart" || render.visualization === "anomalychart";
  const instants = table.columns.filter(
    (each) => each.type === "datetime" || (arrays.has(each) && firstOf(table, each) !== null),
  );
  const x = render.xcolumn
    ? named(render.xcolumn)
    : isTimed || (shape === "line" && instants.length > 0)
      ? instants[0]
      : table.columns[0];
  if (isTimed && !x) return { problem: `A ${render.visualization} needs a column of datetimes.` };
  const wanted = render.ycolumns?.flatMap((name) => named(name) ?? []);
  const taken = new Set([x, ...marks, ...(render.series ?? []).map(named)]);
  const ys = wanted ?? table.columns.filter((each) => !taken.has(each) && isY(each));
  if (ys.length === 0) return { problem: `A ${render.visualization} needs a column of numbers.` };
  const by =
    render.series?.flatMap((name) => named(name) ?? []) ??
    table.columns.filter((each) => each !== x && !ys.includes(each) && isName(each) && shape !== "pie");
  return { x, ys: shape === "pie" ? ys.slice(0, 1) : ys, by, marks };
}

function isName(column: Column): boolean {
  return column.type === "string" || column.type === "guid";
}

function arraysIn(table: Table, columns: readonly Column[]): boolean {
  return columns.some((column) => {
    if (column.type !== "dynamic") return false;
    const at = table.columns.indexOf(column);
    const first = table.rows.find((row) => row[at] !== null && row[at] !== "");
    return first !== undefined && arrayOf(first[at]) !== undefined;
  });
}

/** The first instant of a column of arrays; null when it holds none. */
function firstOf(table: Table, column: Column): number | null {
  const at = table.columns.indexOf(column);
  for (const row of table.rows.slice(0, 20)) {
    const first = arrayOf(row[at])?.[0];
    if (first !== undefined) return instantOf(first);
  }
  return null;
}

/** Whether a point that has no name of its own takes its y column's. */
function nameIn(row: readonly unknown[], table: Table, by: readonly Column[], y: Column, several: boolean): string {
  const names = by.map((each) => nameOf(row[table.columns.indexOf(each)]));
  return [...names, ...(several || names.length === 0 ? [y.name] : [])].join(" · ");
}

function plain(table: Table, { x, ys, by, marks }: Chosen): Series[] {
  const at = x ? table.columns.indexOf(x) : -1;
  const found = new Map<string, { points: [X, number | null][]; isMark: boolean }>();
  const xOf = x ? readerOf(x) : (): X => "";
  for (const row of table.rows) {
    const where = xOf(row[at]);
    if (where === null) continue;
    for (const y of [...ys, ...marks]) {
      const isMark = marks.includes(y);
      const name = nameIn(row, table, by, y, ys.length > 1 || isMark);
      let series = found.get(name);
      if (!series) found.set(name, (series = { points: [], isMark }));
      series.points.push([where, numberOf(row[table.columns.indexOf(y)], y.type)]);
    }
  }
  return marked([...found].map(([name, each]) => ({ name, ...each })));
}

function unrolled(table: Table, { x, ys, by, marks }: Chosen): Series[] {
  const at = x ? table.columns.indexOf(x) : -1;
  return marked(
    table.rows.flatMap((row) =>
      [...ys, ...marks].map((y): Series => {
        const isMark = marks.includes(y);
        const xs = at < 0 ? undefined : arrayOf(row[at]);
        const values = arrayOf(row[table.columns.indexOf(y)]) ?? [];
        const points = values.map((value, index): [X, number | null] => {
          const where = xs?.[index];
          return [instantOf(where) ?? numberOf(where, "real") ?? index, numberOf(value, "real")];
        });
        return { name: nameIn(row, table, by, y, ys.length > 1 || isMark), points, isMark };
      }),
    ),
  );
}

/** Anomalies (-1 and 1) are marked at the height of the first series at the same place. */
function marked(series: readonly Series[]): Series[] {
  const base = series.find((each) => !each.isMark);
  if (!base || !series.some((each) => each.isMark)) return series.map(({ name, points }) => ({ name, points }));
  const heights = new Map(base.points);
  return series.map((each) =>
    each.isMark
      ? {
          ...each,
          points: each.points.filter(([, y]) => y !== 0 && y !== null).map(([x]) => [x, heights.get(x) ?? null]),
        }
      : { name: each.name, points: each.points },
  );
}

function readerOf(column: Column): (value: unknown) => X | null {
  if (column.type === "datetime") return instantOf;
  if (isNumeric(column.type)) return (value) => numberOf(value, column.type);
  return nameOf;
}

function summedUp({ name, points }: Series): Series {
  let sum = 0;
  return { name, points: points.map(([x, y]) => [x, (sum += y ?? 0)]) };
}

function cards(table: Table): Series[] {
  const row = table.rows[0] ?? [];
  return table.columns.flatMap((column, at) =>
    isNumeric(column.type)
      ? [{ name: column.name, points: [[column.name, numberOf(row[at], column.type)]] as const }]
      : [],
  );
}

/** The last two columns of instants or numbers are a step's ends; what stands before them is its name. */
function ladder(table: Table, render: Render): Pick<Drawing, "xKind" | "series" | "steps" | "note" | "shape"> {
  const ends = table.columns.filter((each) => each.type === "datetime" || isNumeric(each.type)).slice(-2);
  const [from, to] = ends;
  if (!from || !to || from.type !== to.type) {
    return {
      shape: "table",
      xKind: "name",
      series: [],
      note: "A ladderchart needs two columns of one kind at its end.",
    };
  }
  const names = render.series ?? table.columns.filter((each) => !ends.includes(each)).map((each) => each.name);
  const read = readerOf(from);
  const steps = table.rows.flatMap((row): Step[] => {
    const start = read(row[table.columns.indexOf(from)]);
    const end = read(row[table.columns.indexOf(to)]);
    if (typeof start !== "number" || typeof end !== "number") return [];
    const name = names
      .map((each) => nameOf(row[table.columns.findIndex((column) => column.name === each)]))
      .join(" · ");
    return [{ name, from: start, to: end }];
  });
  return { shape: "ladder", xKind: from.type === "datetime" ? "time" : "number", series: [], steps };
}
