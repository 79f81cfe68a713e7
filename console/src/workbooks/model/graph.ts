// The nodes and edges of a graph look: a row is an edge where it names a source and a target, and a node otherwise.
import type { Table } from "~/api/logs";
import { atShare, colorOf, paletteOf, type Color } from "./colors";
import { boundsOf, shareOf } from "./formatters";
import { listOf, isJson, numberOf, objectOf, textOf, type Json } from "./json";
import { compares } from "./criteria";

export interface GraphNode {
  readonly id: string;
  /** The row that tells about it; -1 when only edges name it. */
  readonly row: number;
  readonly size: number;
  readonly color: Color;
}

export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  readonly leftOut: number;
}

export const MOST_NODES = 200;
const MOST_EDGES = 600;

export function graphModel(table: Table, settings: Json): GraphModel {
  const at = (name: unknown): number => table.columns.findIndex((column) => column.name === textOf(name));
  const [node, source, target, label] = [
    at(settings["nodeIdField"]),
    at(settings["sourceIdField"]),
    at(settings["targetIdField"]),
    at(settings["edgeLabel"]),
  ];
  const cell = (row: readonly unknown[], column: number): string => (column < 0 ? "" : textOf(row[column]));
  const rows = new Map<string, number>();
  const edges: { from: string; to: string; label: string }[] = [];
  for (const [index, row] of table.rows.entries()) {
    const [from, to] = [cell(row, source), cell(row, target)];
    const isEdge = from !== "" && to !== "";
    if (isEdge && edges.length < MOST_EDGES) edges.push({ from, to, label: cell(row, label) });
    const id = cell(row, node >= 0 ? node : isEdge ? -1 : 0) || (isEdge ? "" : `row ${index + 1}`);
    if (id !== "" && !rows.has(id)) rows.set(id, index);
    for (const end of isEdge ? [from, to] : []) if (!rows.has(end)) rows.set(end, -1);
  }
  const shown = [...rows].slice(0, MOST_NODES);
  const known = new Set(shown.map(([id]) => id));
  const [sizes, colors] = [sizesOf(table, settings), colorsOf(table, settings)];
  return {
    nodes: shown.map(([id, row]) => ({ id, row, size: sizes(row), color: colors(row) })),
    edges: edges.filter((each) => known.has(each.from) && known.has(each.to)),
    leftOut: Math.max(0, rows.size - MOST_NODES),
  };
}

/** Radii in pixels. */
function sizesOf(table: Table, settings: Json): (row: number) => number {
  const column = table.columns.findIndex(
    (each) => each.name === textOf(settings["nodeSizeField"] ?? settings["nodeSize"]),
  );
  if (column < 0) return () => 10;
  const bounds = boundsOf(
    table.rows.map((row) => row[column]),
    {},
  );
  return (row) => {
    const value = numberOf(table.rows[row]?.[column]);
    return value === undefined ? 8 : 6 + 14 * Math.sqrt(shareOf(value, bounds));
  };
}

function colorsOf(table: Table, settings: Json): (row: number) => Color {
  const plain = colorOf("blue") as Color;
  const raw = objectOf(settings["colorSettings"]);
  const column = table.columns.findIndex((each) => each.name === textOf(raw["nodeColorField"]));
  if (column < 0) return () => plain;
  const cell = (row: number): string => textOf(table.rows[row]?.[column]);
  const lines = listOf(raw["thresholdsGrid"]).filter(isJson);
  if (lines.length > 0) {
    return (row) => {
      const line = lines.find((each) =>
        compares(cell(row), textOf(each["operator"], "Default"), textOf(each["thresholdValue"])),
      );
      return colorOf(textOf(line?.["representation"])) ?? plain;
    };
  }
  const numbers = table.rows.map((row) => row[column]);
  const palette = paletteOf(textOf(raw["heatmapPalette"]) || textOf(raw["colorPalette"], "categorical"));
  if (numbers.every((value) => value === null || typeof value === "number")) {
    const bounds = boundsOf(numbers, raw);
    return (row) => atShare(palette, shareOf(numberOf(table.rows[row]?.[column]) ?? 0, bounds));
  }
  const names = [...new Set(table.rows.map((_row, at) => cell(at)))];
  return (row) => (row < 0 ? plain : (palette[names.indexOf(cell(row)) % palette.length] ?? plain));
}
