// From a drawing to what ECharts takes. Texts are drawn as text: tooltips have no HTML.
import type { EChartsCoreOption } from "echarts/core";
import { instantText } from "~/parts/time";
import type { Drawing, Series, Stack, X } from "./drawing";

export interface Look {
  readonly dark: boolean;
  readonly zone: "utc" | "local";
  /** Colours of series, or of slices, by their names: for light and for dark. */
  readonly colors?: ReadonlyMap<string, readonly [string, string]>;
}

/** The colour that a name was given, in the form that ECharts takes; nothing for the others. */
function painted(name: string, look: Look): object {
  const given = look.colors?.get(name)?.[look.dark ? 1 : 0];
  return given ? { itemStyle: { color: given }, lineStyle: { width: 1.5, color: given } } : {};
}

/** Colours that stand apart from each other and from the ground, in light and in dark. */
const PALETTE = {
  light: ["#0b5cad", "#b3541e", "#1a6b33", "#8b1f6a", "#6b5a00", "#5d3fa8", "#0b6264", "#a4262c", "#56606b", "#3f6212"],
  dark: ["#74b6f7", "#f0ad5c", "#6cd08a", "#f09ad2", "#e3d16a", "#c3a9f5", "#66cfc4", "#ff9a9a", "#a3adb8", "#bef264"],
};
const MOST_SERIES = 100;
const MOST_SLICES = 40;
const FEW_POINTS = 60; // of a line that are each marked

export function optionOf(drawing: Drawing, look: Look): EChartsCoreOption {
  const text = look.dark ? "#e4e8ec" : "#1b1f24";
  const line = look.dark ? "#343d48" : "#cfd6dd";
  const ground = look.dark ? "#1a1f26" : "#f4f6f8";
  const series = drawing.series.slice(0, MOST_SERIES);
  const hasLegend = drawing.hasLegend && (drawing.shape === "pie" || series.length > 1);
  return {
    animation: false,
    useUTC: look.zone === "utc",
    color: look.dark ? PALETTE.dark : PALETTE.light,
    textStyle: { color: text, fontFamily: "inherit" },
    tooltip: {
      trigger: drawing.shape === "pie" || drawing.shape === "scatter" || drawing.shape === "ladder" ? "item" : "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: ground,
      borderColor: line,
      textStyle: { color: text, fontSize: 12 },
      ...(drawing.xKind === "time" ? { axisPointer: { label: { formatter: atInstant(look) } } } : {}),
    },
    ...(hasLegend ? { legend: legend(text, line) } : {}),
    ...(drawing.shape === "pie" ? pie(drawing, ground, look) : axes(drawing, series, look, { text, line, hasLegend })),
  };
}

/** One line that scrolls: a legend of many names would take the place of the chart. */
function legend(text: string, line: string): object {
  return {
    type: "scroll",
    top: 0,
    left: 0,
    right: 8,
    itemHeight: 9,
    itemWidth: 14,
    textStyle: { color: text, width: 180, overflow: "truncate" },
    pageTextStyle: { color: text },
    pageIconColor: text,
    pageIconInactiveColor: line,
    pageIconSize: 11,
  };
}

function atInstant({ zone }: Look): (told: { value: unknown }) => string {
  return ({ value }) => instantText(new Date(Number(value)).toISOString(), zone);
}

function pie(drawing: Drawing, ground: string, look: Look): EChartsCoreOption {
  const slices = (drawing.series[0]?.points ?? []).map(([x, y]) => ({
    name: String(x),
    value: y ?? 0,
    ...painted(String(x), look),
  }));
  const shown: { name: string; value: number }[] = slices.slice(0, MOST_SLICES);
  const rest = slices.slice(MOST_SLICES).reduce((sum, each) => sum + each.value, 0);
  if (slices.length > MOST_SLICES) shown.push({ name: `${slices.length - MOST_SLICES} others`, value: rest });
  return {
    series: [
      {
        type: "pie",
        radius: ["0%", "70%"],
        center: ["50%", "56%"],
        data: shown,
        itemStyle: { borderColor: ground, borderWidth: 1 },
        label: { color: "inherit", formatter: "{b}: {d}%" },
      },
    ],
  };
}

interface Frame {
  readonly text: string;
  readonly line: string;
  readonly hasLegend: boolean;
}

function axes(drawing: Drawing, series: readonly Series[], look: Look, frame: Frame): EChartsCoreOption {
  const isAcross = drawing.shape === "bar" || drawing.shape === "ladder";
  const isNamed = drawing.xKind === "name" || drawing.shape === "bar" || drawing.shape === "column";
  const names = isNamed ? namesOf(drawing, series, look) : [];
  const axis = {
    axisLine: { lineStyle: { color: frame.line } },
    splitLine: { lineStyle: { color: frame.line } },
    axisLabel: { color: frame.text, hideOverlap: true },
    nameTextStyle: { color: frame.text },
  };
  const place = {
    ...axis,
    type: isNamed ? "category" : drawing.xKind === "time" ? "time" : drawing.isXLog ? "log" : "value",
    name: placeTitle(drawing, look),
    nameLocation: "middle",
    nameGap: isAcross ? 10 : 24,
    splitLine: { show: false },
    ...(isNamed ? { data: names.map((each) => each.label) } : { scale: true }),
    ...(isAcross ? { inverse: true, name: "" } : {}),
  };
  const amount = {
    ...axis,
    type: drawing.isYLog ? "log" : drawing.shape === "ladder" && drawing.xKind === "time" ? "time" : "value",
    name: drawing.yTitle,
    nameLocation: "end",
    min: drawing.yMin,
    max: drawing.stack === "full" ? 100 : drawing.yMax,
    ...(drawing.shape === "ladder" ? { scale: true } : {}),
  };
  return {
    grid: { left: 8, right: 16, top: frame.hasLegend ? 48 : 28, bottom: isAcross ? 8 : 24, containLabel: true },
    ...(drawing.shape === "line" || drawing.shape === "area" || drawing.shape === "scatter"
      ? { dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false }] }
      : {}),
    xAxis: isAcross ? amount : place,
    yAxis: isAcross
      ? drawing.steps
        ? { ...place, type: "category", data: drawing.steps.map((s) => s.name) }
        : place
      : amount,
    series: drawing.steps
      ? [ladder(drawing)]
      : series.map((each) => ({ ...drawn(each, drawing, names, total(drawing, series)), ...painted(each.name, look) })),
  };
}

function placeTitle(drawing: Drawing, look: Look): string {
  return drawing.xKind === "time"
    ? `${drawing.xTitle} (${look.zone === "utc" ? "UTC" : "local time"})`
    : drawing.xTitle;
}

interface Name {
  readonly x: X;
  readonly label: string;
}

function namesOf(drawing: Drawing, series: readonly Series[], look: Look): Name[] {
  const xs = [...new Set(series.flatMap((each) => each.points.map(([x]) => x)))];
  if (drawing.xKind !== "time") return xs.map((x) => ({ x, label: String(x) }));
  const sorted = (xs as number[]).sort((a, b) => a - b);
  return sorted.map((x) => ({ x, label: instantText(new Date(x).toISOString(), look.zone) }));
}

/** The sum of all series at each place, for shares of 100. */
function total(drawing: Drawing, series: readonly Series[]): Map<X, number> {
  const sums = new Map<X, number>();
  if (drawing.stack !== "full") return sums;
  for (const each of series) for (const [x, y] of each.points) sums.set(x, (sums.get(x) ?? 0) + Math.abs(y ?? 0));
  return sums;
}

function drawn(series: Series, drawing: Drawing, names: readonly Name[], sums: Map<X, number>): object {
  const share = (x: X, y: number | null): number | null => {
    const sum = sums.get(x);
    return y === null || sum === undefined ? y : sum === 0 ? 0 : (100 * y) / sum;
  };
  const at = new Map(names.map((each, index) => [each.x, index]));
  const values =
    names.length > 0
      ? series.points.map(([x, y]): [number, number | null] => [at.get(x) ?? 0, share(x, y)])
      : series.points.map(([x, y]): [X, number | null] => [x, share(x, y)]);
  const data = drawing.shape === "bar" ? values.map(([x, y]) => [y, x]) : values;
  const many = series.points.length > 2000;
  const common = { name: series.name, data, ...stacked(drawing.stack), large: many, emphasis: { disabled: many } };
  if (series.isMark || drawing.shape === "scatter") {
    return { ...common, type: "scatter", stack: undefined, symbolSize: series.isMark ? 10 : 6, z: 4 };
  }
  if (drawing.shape === "bar" || drawing.shape === "column") {
    return { ...common, type: "bar", barMaxWidth: 48, barGap: "5%" };
  }
  return {
    ...common,
    type: "line",
    showSymbol: series.points.length <= FEW_POINTS,
    symbolSize: 4,
    connectNulls: false,
    lineStyle: { width: 1.5 },
    ...(many ? { sampling: "lttb" } : {}),
    ...(drawing.shape === "area" ? { areaStyle: { opacity: 0.35 } } : {}),
  };
}

function stacked(stack: Stack): object {
  return stack === "none" ? {} : { stack: "all" };
}

interface Api {
  value(dimension: number): number;
  coord(value: readonly number[]): number[];
  size(value: readonly number[]): number[];
  visual(name: string): string;
}

function ladder(drawing: Drawing): object {
  return {
    type: "custom",
    encode: { x: [1, 2], y: 0 },
    data: (drawing.steps ?? []).map((step, index) => [index, step.from, step.to]),
    renderItem: (_: unknown, api: Api) => {
      const [left = 0, middle = 0] = api.coord([api.value(1), api.value(0)]);
      const [right = 0] = api.coord([api.value(2), api.value(0)]);
      const height = (api.size([0, 1])[1] ?? 10) * 0.6;
      return {
        type: "rect",
        shape: { x: left, y: middle - height / 2, width: Math.max(2, right - left), height },
        style: { fill: api.visual("color") },
      };
    },
  };
}

/** What is not drawn of what there is, in a sentence; empty when all is. */
export function leftOut(drawing: Drawing): string {
  const count = drawing.series.length;
  return count > MOST_SERIES ? `${MOST_SERIES} of ${count} series are drawn; the table has all.` : "";
}
