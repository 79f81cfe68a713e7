// Which look a query item has: the workbook's, or the one that the query's `render` asks for.
import { isChart } from "../model/chart";
import { textOf } from "../model/json";

const OTHERS: Readonly<Record<string, string>> = {
  table: "grid",
  grid: "grid",
  tiles: "tiles",
  tile: "tiles",
  card: "card",
  stat: "stat",
  text: "text",
  textvisualization: "text",
  graph: "graph",
  map: "map",
};

/** The look by its name here: "grid", "tiles", "card", "stat", "text", "graph", "map", or a chart's kind. */
export function lookOf(visualization: string, render: Readonly<Record<string, unknown>> | undefined): string {
  const known = isChart(visualization) ? visualization : OTHERS[visualization];
  if (known) return known;
  const named = Object.entries(render ?? {}).find(([name]) => name.toLowerCase() === "visualization");
  const asked = textOf(named?.[1]).toLowerCase();
  return isChart(asked) ? asked : asked === "" || asked === "table" ? "grid" : (OTHERS[asked] ?? asked);
}

/** What a look that there is no drawing for is called; undefined for the others. */
export function unrenderedLook(visualization: string): string | undefined {
  if (["", "render", "auto", "setbyquery"].includes(visualization)) return undefined;
  if (isChart(visualization) || visualization in OTHERS) return undefined;
  return `the look “${visualization}” (type 3)`;
}
