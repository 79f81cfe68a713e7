// What a query's `render` says, whatever the casing of its properties.
// https://learn.microsoft.com/kusto/query/render-operator

export interface Render {
  /** `timechart`, `columnchart`, …; empty where the query has no `render`. */
  readonly visualization: string;
  readonly title?: string;
  readonly kind?: string;
  readonly xcolumn?: string;
  readonly ycolumns?: readonly string[];
  readonly series?: readonly string[];
  readonly anomalycolumns?: readonly string[];
  readonly xtitle?: string;
  readonly ytitle?: string;
  readonly xaxis?: string;
  readonly yaxis?: string;
  readonly ymin?: number;
  readonly ymax?: number;
  readonly legend?: string;
  readonly accumulate?: boolean;
}

export const NO_RENDER: Render = { visualization: "" };

/** Of the member `render` of a query's answer. */
export function readRender(told: Readonly<Record<string, unknown>> | undefined): Render {
  if (!told) return NO_RENDER;
  const by = new Map(Object.entries(told).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (name: string): string | undefined => {
    const value = by.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const names = (name: string): string[] | undefined => {
    const value = by.get(name);
    const found = Array.isArray(value) ? value.map(String) : typeof value === "string" ? value.split(",") : [];
    const kept = found.map((each) => each.trim()).filter((each) => each !== "");
    return kept.length > 0 ? kept : undefined;
  };
  const number = (name: string): number | undefined => {
    const value = by.get(name);
    if (value === null || value === undefined || value === "" || typeof value === "boolean") return undefined;
    return Number.isFinite(Number(value)) ? Number(value) : undefined;
  };
  return {
    visualization: text("visualization")?.toLowerCase() ?? "",
    title: text("title"),
    kind: text("kind")?.toLowerCase(),
    xcolumn: text("xcolumn"),
    ycolumns: names("ycolumns"),
    series: names("series"),
    anomalycolumns: names("anomalycolumns"),
    xtitle: text("xtitle"),
    ytitle: text("ytitle"),
    xaxis: text("xaxis")?.toLowerCase(),
    yaxis: text("yaxis")?.toLowerCase(),
    ymin: number("ymin"),
    ymax: number("ymax"),
    legend: text("legend")?.toLowerCase(),
    accumulate: by.get("accumulate") === true || by.get("accumulate") === "true",
  };
}
