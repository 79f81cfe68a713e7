// A chart of a table as its `render` says, with a table of the same numbers beside it. ECharts comes when one is drawn.
import { useEffect, useMemo, useRef, useState } from "react";
import type { Table } from "~/api/logs";
import { useDark } from "~/parts/dark";
import { Grid } from "~/parts/Grid";
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import { drawingOf, type Drawing } from "./drawing";
import type { EChartsType } from "./echarts";
import { leftOut, optionOf } from "./options";
import { NO_RENDER, type Render } from "./render";
import { twinOf } from "./twin";
import "./charts.css";

export interface ChartProps {
  readonly table: Table;
  readonly render?: Render;
  /** What it shows, for who does not see it. */
  readonly label: string;
  /** Pixels; the whole of its place unless told. */
  readonly height?: number;
  /** "svg" for pictures that can be compared; otherwise by the number of points. */
  readonly renderer?: "svg" | "canvas";
  /** Colours of series, or of slices, by their names: for light and for dark. */
  readonly colors?: ReadonlyMap<string, readonly [string, string]>;
  readonly onPick?: (series: string, x: string | number) => void;
}

const SVG_POINTS = 3000; // more are quicker on a canvas

export default function Chart({ table, render = NO_RENDER, label, height, renderer, colors, onPick }: ChartProps) {
  const drawing = useMemo(() => drawingOf(table, render), [table, render]);
  const [asTable, setAsTable] = useState(false);
  const note = [drawing.note, leftOut(drawing)].filter(Boolean).join(" ");
  const isTable = drawing.shape === "table";
  return (
    <figure className="chart" style={height ? { height } : undefined} data-shape={drawing.shape}>
      <figcaption className="row">
        <strong>{drawing.title}</strong>
        {note && <span className="faint">{note}</span>}
        <span className="grow" />
        {!isTable && (
          <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </button>
        )}
      </figcaption>
      <div className="chart-place">
        {isTable ? (
          <Rows table={table} label={label} />
        ) : asTable ? (
          <TwinGrid drawing={drawing} label={label} />
        ) : drawing.shape === "card" ? (
          <Cards drawing={drawing} />
        ) : (
          <Drawn drawing={drawing} label={label} renderer={renderer} colors={colors} onPick={onPick} />
        )}
      </div>
    </figure>
  );
}

function Drawn({
  drawing,
  label,
  renderer,
  colors,
  onPick,
}: {
  drawing: Drawing;
  label: string;
  renderer?: "svg" | "canvas";
  colors?: ChartProps["colors"];
  onPick?: ChartProps["onPick"];
}) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType>();
  const dark = useDark();
  const { zone } = usePreferences();
  const points = drawing.series.reduce((sum, each) => sum + each.points.length, drawing.steps?.length ?? 0);
  const drawer = renderer ?? (points > SVG_POINTS ? "canvas" : "svg");
  useEffect(() => {
    let made: EChartsType | undefined;
    let gone = false;
    const element = place.current!;
    const resized = new ResizeObserver(() => made?.resize());
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      made = init(element, null, { renderer: drawer });
      resized.observe(element);
      setChart(made);
    });
    return () => {
      gone = true;
      resized.disconnect();
      made?.dispose();
      setChart(undefined);
    };
  }, [drawer]);
  useEffect(() => {
    if (!chart) return;
    performance.mark("chart-start");
    chart.setOption(optionOf(drawing, { dark, zone, ...(colors ? { colors } : {}) }), true);
    chart.getZr().flush();
    performance.measure("chart", "chart-start");
  }, [chart, drawing, dark, zone, colors]);
  useEffect(() => {
    if (!chart || !onPick) return;
    const picked = (told: unknown): void => {
      const { seriesName, name, value } = told as { seriesName?: string; name: string; value: unknown };
      const x = Array.isArray(value) ? (value as (string | number)[])[0] : undefined;
      onPick(seriesName ?? "", name || (x ?? ""));
    };
    chart.on("click", picked);
    return () => void chart.off("click", picked);
  }, [chart, onPick]);
  const described = `${label}: ${drawing.shape} chart, ${points} points in ${drawing.series.length || 1} series. The button Table shows the numbers.`;
  return (
    <div className="chart-drawn" ref={place} role="img" aria-label={described} data-drawn={chart ? "" : undefined} />
  );
}

function Cards({ drawing }: { drawing: Drawing }) {
  return (
    <dl className="cards">
      {drawing.series.map((each) => (
        <div key={each.name}>
          <dt>{each.name}</dt>
          <dd>{each.points[0]?.[1]?.toLocaleString("en-US") ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

function TwinGrid({ drawing, label }: { drawing: Drawing; label: string }) {
  const twin = useMemo(() => twinOf(drawing), [drawing]);
  const { zone } = usePreferences();
  const [at, setAt] = useState(-1);
  const columns = twin.columns.map((each, index) => ({
    key: `${index}`,
    title: each.name,
    width: index === 0 || each.kind !== "number" ? 190 : Math.max(90, Math.min(240, 8 * each.name.length + 24)),
    ...(each.kind === "number" ? { align: "right" as const } : {}),
  }));
  const cell = (row: number, column: number): string => {
    const value = twin.rows[row]?.[column] ?? null;
    if (value === null) return "";
    const isTime = twin.columns[column]?.kind === "time" && typeof value === "number";
    return isTime ? instantText(new Date(value).toISOString(), zone) : String(value);
  };
  return (
    <Grid label={`${label}, numbers`} columns={columns} count={twin.rows.length} cell={cell} at={at} setAt={setAt} />
  );
}

function Rows({ table, label }: { table: Table; label: string }) {
  const [at, setAt] = useState(-1);
  const columns = table.columns.map((each) => ({ key: each.name, title: each.name, width: 160 }));
  const cell = (row: number, column: number): string => {
    const value = table.rows[row]?.[column];
    return value === null || value === undefined ? "" : String(value as string | number | boolean);
  };
  return <Grid label={label} columns={columns} count={table.rows.length} cell={cell} at={at} setAt={setAt} />;
}
