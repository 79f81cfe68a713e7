// From the rows of a query and a workbook's chart settings to a table that the charts draw as it stands: one column for
// the place, one for the name of the series, the rest for amounts.
import type { Column, Table } from "~/api/logs";
import type { Render } from "~/charts/render";
import { colorOf, type Color } from "./colors";
import { isJson, listOf, numberOf, objectOf, textOf, textsOf, type Json } from "./json";

export interface ChartModel {
  readonly table: Table;
  readonly render: Render;
  readonly colors: ReadonlyMap<string, Color>;
}

interface Wanted {
  readonly kind: string;
  /** Whether places are names and not instants or numbers. */
  readonly isNamed: boolean;
  readonly stack: string;
}

const KINDS: Readonly<Record<string, Wanted>> = {
  barchart: { kind: "columnchart", isNamed: false, stack: "stacked" },
  columnchart: { kind: "columnchart", isNamed: false, stack: "stacked" },
  unstackedbar: { kind: "columnchart", isNamed: false, stack: "unstacked" },
  categoricalbar: { kind: "columnchart", isNamed: true, stack: "stacked" },
  timechart: { kind: "timechart", isNamed: false, stack: "" },
  linechart: { kind: "linechart", isNamed: false, stack: "" },
  areachart: { kind: "areachart", isNamed: false, stack: "stacked" },
  scatterchart: { kind: "scatterchart", isNamed: false, stack: "" },
  piechart: { kind: "piechart", isNamed: true, stack: "" },
};

/** The looks that are charts. */
export function isChart(visualization: string): boolean {
  return visualization in KINDS;
}

const NUMBERS = new Set(["int", "long", "real", "decimal", "timespan"]);
const MOST_SLICES = 10;

/** Undefined where there is no column of numbers to draw. */
export function chartModel(
  table: Table,
  visualization: string,
  settings: Json,
  asked: Readonly<Record<string, unknown>> = {},
): ChartModel | undefined {
  const wanted = KINDS[visualization];
  if (!wanted) return undefined;
  const chosen = columnsFor(table, wanted, settings, asked);
  if (!chosen) return undefined;
  const labels = labelsOf(settings);
  const { x, group, ys } = chosen;
  const keep = keptGroups(table, chosen, wanted, settings);
  const labelled = (name: string): string =>
    labels.get(name)?.label ?? (name === "" ? (labels.get("<empty>")?.label ?? "(empty)") : name);
  const isPie = wanted.kind === "piechart";
  const lead: Column[] = x === undefined ? [{ name: "", type: "string" }] : [asNamed(table.columns[x]!, wanted)];
  const columns: Column[] = [
    ...lead,
    ...(group === undefined ? [] : [{ name: table.columns[group]!.name, type: "string" }]),
    ...ys.map((y) => ({
      ...table.columns[y]!,
      name: group === undefined ? labelled(table.columns[y]!.name) : table.columns[y]!.name,
    })),
  ];
  const rows = new Map<string, unknown[]>();
  for (const row of table.rows) {
    const raw = x === undefined ? "" : row[x];
    const place = isPie ? labelled(otherThan(textOf(raw), keep)) : wanted.isNamed ? textOf(raw, "(empty)") : raw;
    const name = group === undefined ? undefined : labelled(otherThan(textOf(row[group]), keep));
    const key = JSON.stringify([place, name]);
    const amounts = ys.map((y) => row[y]);
    const before = rows.get(key);
    if (before && isSummed(wanted)) addTo(before, amounts, name === undefined ? 1 : 2);
    else rows.set(before ? `${key}${rows.size}` : key, [place, ...(name === undefined ? [] : [name]), ...amounts]);
  }
  const sorted = isPie
    ? [...rows.values()].sort((a, b) => (numberOf(b.at(-1)) ?? 0) - (numberOf(a.at(-1)) ?? 0))
    : [...rows.values()];
  return {
    table: { name: table.name, columns, rows: sorted },
    render: renderOf(wanted, settings, columns, group !== undefined, asked),
    colors: new Map([...labels].flatMap(([name, each]) => (each.color ? [[labelled(name), each.color] as const] : []))),
  };
}

function asNamed(column: Column, wanted: Wanted): Column {
  return wanted.isNamed ? { ...column, type: "string" } : column;
}

/** Several rows for one bar or slice are its parts; two points of a line are two points. */
function isSummed(wanted: Wanted): boolean {
  return wanted.kind === "piechart" || wanted.kind === "columnchart";
}

function addTo(row: unknown[], amounts: readonly unknown[], from: number): void {
  for (const [at, amount] of amounts.entries()) {
    const sum = (numberOf(row[from + at]) ?? 0) + (numberOf(amount) ?? 0);
    row[from + at] = sum;
  }
}

interface Chosen {
  readonly x: number | undefined;
  readonly group: number | undefined;
  readonly ys: readonly number[];
}

function columnsFor(
  table: Table,
  wanted: Wanted,
  settings: Json,
  asked: Readonly<Record<string, unknown>>,
): Chosen | undefined {
  const columns = table.columns;
  const at = (name: unknown): number | undefined => {
    const found = columns.findIndex((column) => column.name === textOf(name));
    return found < 0 ? undefined : found;
  };
  const isNumber = (index: number): boolean => NUMBERS.has(columns[index]?.type ?? "") || looksNumeric(table, index);
  const all = columns.map((_column, index) => index);
  const setY = textsOf(settings["yAxis"]).flatMap((name) => at(name) ?? []);
  const setGroup = at(settings["group"]) ?? at(firstText(asked["Series"]));
  const setX = at(settings["xAxis"]) ?? at(asked["XColumn"]);
  const free = all.filter((index) => index !== setGroup && index !== setX);
  const x = setX ?? placeFor(table, wanted, free, setGroup, setY);
  const numeric = all.filter((index) => index !== x && index !== setGroup && isNumber(index));
  const ys = setY.length > 0 ? setY : numeric;
  if (ys.length === 0) return undefined;
  if (wanted.kind === "piechart") return { x: setGroup ?? x, group: undefined, ys: ys.slice(0, 1) };
  const names = all.filter(
    (index) => index !== x && !ys.includes(index) && !isNumber(index) && columns[index]?.type === "string",
  );
  const group = setGroup ?? (setY.length > 1 ? undefined : names[0]);
  return { x, group: group === x ? undefined : group, ys };
}

function firstText(value: unknown): string {
  return Array.isArray(value) ? textOf((value as unknown[])[0]) : textOf(value);
}

/** The column of places when none is set: instants for what has them, names for what is named. */
function placeFor(
  table: Table,
  wanted: Wanted,
  free: readonly number[],
  group: number | undefined,
  ys: readonly number[],
): number | undefined {
  const rest = free.filter((index) => !ys.includes(index));
  const instant = rest.find((index) => table.columns[index]?.type === "datetime");
  const name = rest.find((index) => !NUMBERS.has(table.columns[index]?.type ?? ""));
  if (wanted.isNamed) {
    if (wanted.kind === "piechart" && group !== undefined) return group;
    return name ?? (free.length > 1 ? free[0] : undefined);
  }
  return instant ?? name ?? (free.length > 1 ? free[0] : undefined);
}

function looksNumeric(table: Table, index: number): boolean {
  if (table.columns[index]?.type !== "dynamic") return false;
  const first = table.rows.find((row) => row[index] !== null)?.[index];
  return typeof first === "number";
}

interface Label {
  readonly label: string | undefined;
  readonly color: Color | undefined;
}

function labelsOf(settings: Json): ReadonlyMap<string, Label> {
  return new Map(
    listOf(settings["seriesLabelSettings"])
      .filter(isJson)
      .map((each) => [
        textOf(each["seriesName"]),
        { label: textOf(each["label"]) || undefined, color: colorOf(textOf(each["color"])) },
      ]),
  );
}

/** The groups that are shown by themselves; the others are one. Undefined keeps all. */
function keptGroups(table: Table, chosen: Chosen, wanted: Wanted, settings: Json): ReadonlySet<string> | undefined {
  const isPie = wanted.kind === "piechart";
  const set = numberOf(settings["createOtherGroup"]);
  const most =
    set !== undefined && set > 0 ? set : isPie && settings["createOtherGroup"] === undefined ? MOST_SLICES : undefined;
  const column = isPie ? chosen.x : chosen.group;
  const y = chosen.ys[0];
  if (most === undefined || column === undefined || y === undefined) return undefined;
  const sums = new Map<string, number>();
  for (const row of table.rows) {
    const name = textOf(row[column]);
    sums.set(name, (sums.get(name) ?? 0) + (numberOf(row[y]) ?? 0));
  }
  if (sums.size <= most) return undefined;
  const largest = [...sums].sort(([, a], [, b]) => b - a).slice(0, most);
  return new Set(largest.map(([name]) => name));
}

function otherThan(name: string, keep: ReadonlySet<string> | undefined): string {
  return keep && !keep.has(name) ? "Other" : name;
}

function renderOf(
  wanted: Wanted,
  settings: Json,
  columns: readonly Column[],
  isGrouped: boolean,
  asked: Readonly<Record<string, unknown>>,
): Render {
  const names = columns.map((column) => column.name);
  const amounts = objectOf(settings["ySettings"]);
  const title = (key: string, own: string): string | undefined =>
    textOf(settings[key]) || textOf(objectOf(settings[key])["label"]) || textOf(asked[own]) || undefined;
  const [ymin, ymax] = [numberOf(amounts["min"]), numberOf(amounts["max"])];
  return {
    visualization: wanted.kind,
    kind: textOf(asked["Kind"]).toLowerCase() || wanted.stack,
    legend: settings["showLegend"] === false ? "hidden" : "visible",
    xcolumn: names[0] ?? "",
    ...(isGrouped ? { series: [names[1] ?? ""] } : {}),
    ycolumns: names.slice(isGrouped ? 2 : 1),
    xtitle: title("xSettings", "XTitle"),
    ytitle: title("ySettings", "YTitle"),
    ...(ymin === undefined ? {} : { ymin }),
    ...(ymax === undefined ? {} : { ymax }),
  };
}
