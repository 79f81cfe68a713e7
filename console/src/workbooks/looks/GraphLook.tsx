// A graph: nodes and edges laid out by forces, with a table of the same rows.
import { useEffect, useMemo, useState, type KeyboardEvent } from "react";
import { cssColor } from "../model/colors";
import { formatterOf } from "../model/formatters";
import { graphModel, type GraphModel, type GraphNode } from "../model/graph";
import { isJson } from "../model/json";
import { useCellText } from "./Cell";
import { GridLook } from "./GridLook";
import type { LookProps } from "./Look";

const WIDTH = 900;
const STEPS = 250;

interface Placed {
  readonly x: number;
  readonly y: number;
}

export function GraphLook(props: LookProps) {
  const { result, settings, label, height, choose, chosen } = props;
  const [asTable, setAsTable] = useState(false);
  const model = useMemo(() => graphModel(result.table, settings.graph), [result, settings.graph]);
  const places = usePlaces(model, height);
  const text = useCellText();
  const labelOf = (node: GraphNode): string => {
    const row = result.table.rows[node.row];
    if (!row) return node.id;
    const lines = ["topContent", "centerContent", "bottomContent"].flatMap((name) => {
      const raw = settings.graph[name];
      if (!isJson(raw)) return [];
      const formatter = formatterOf(raw);
      const at = result.table.columns.findIndex((column) => column.name === formatter.match);
      return at < 0 ? [] : [text(row[at], result.table.columns[at], formatter)];
    });
    return lines.filter(Boolean).join(" · ") || node.id;
  };
  return (
    <div className="wb-graph">
      <div className="row">
        <span className="faint">
          {model.nodes.length} nodes, {model.edges.length} edges
          {model.leftOut > 0 && `; ${model.leftOut} more nodes are in the table`}
        </span>
        <span className="grow" />
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Table
        </button>
      </div>
      {asTable ? (
        <GridLook {...props} />
      ) : (
        <svg viewBox={`0 0 ${WIDTH} ${height}`} height={height} role="group" aria-label={`${label}: graph`}>
          {model.edges.map((edge, at) => {
            const [from, to] = [places.get(edge.from), places.get(edge.to)];
            if (!from || !to) return null;
            return (
              <g key={at}>
                <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className="wb-edge" />
                {edge.label && (
                  <text x={(from.x + to.x) / 2} y={(from.y + to.y) / 2} className="wb-edge-label">
                    {edge.label}
                  </text>
                )}
              </g>
            );
          })}
          {model.nodes.map((node) => {
            const place = places.get(node.id);
            if (!place) return null;
            const said = labelOf(node);
            const isChosen = node.row >= 0 && chosen.includes(node.row);
            return (
              <g
                key={node.id}
                transform={`translate(${place.x} ${place.y})`}
                {...(choose && node.row >= 0
                  ? {
                      role: "button",
                      tabIndex: 0,
                      "aria-pressed": isChosen,
                      "aria-label": said,
                      onClick: () => choose([node.row]),
                      onKeyDown: (event: KeyboardEvent) => {
                        if (event.key === "Enter" || event.key === " ") choose([node.row]);
                      },
                    }
                  : {})}
              >
                <circle
                  r={node.size}
                  style={{ fill: cssColor(node.color) }}
                  className={isChosen ? "chosen" : undefined}
                />
                <text y={node.size + 12} textAnchor="middle">
                  {said.length > 28 ? `${said.slice(0, 27)}…` : said}
                </text>
                <title>{said}</title>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

/** Where each node stands; empty until the layout is made. */
function usePlaces(model: GraphModel, height: number): ReadonlyMap<string, Placed> {
  const [places, setPlaces] = useState<ReadonlyMap<string, Placed>>(new Map());
  useEffect(() => {
    let gone = false;
    void import("d3-force").then(
      ({ forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY }) => {
        if (gone) return;
        const nodes = model.nodes.map((node) => ({ id: node.id, size: node.size, x: 0, y: 0 }));
        for (const [at, node] of nodes.entries()) {
          node.x = WIDTH / 2 + Math.cos(at) * (10 + at * 3);
          node.y = height / 2 + Math.sin(at) * (10 + at * 2);
        }
        const links = model.edges.map((edge) => ({ source: edge.from, target: edge.to }));
        forceSimulation(nodes)
          .force("charge", forceManyBody().strength(-160))
          .force(
            "link",
            forceLink<(typeof nodes)[number], (typeof links)[number]>(links)
              .id((node) => node.id)
              .distance(80),
          )
          .force(
            "collide",
            forceCollide<(typeof nodes)[number]>((node) => node.size + 16),
          )
          .force("center", forceCenter(WIDTH / 2, height / 2))
          .force("x", forceX(WIDTH / 2).strength(0.05))
          .force("y", forceY(height / 2).strength(0.12))
          .stop()
          .tick(STEPS);
        const kept = (value: number, most: number): number => Math.max(24, Math.min(most - 28, value));
        setPlaces(new Map(nodes.map((node) => [node.id, { x: kept(node.x, WIDTH), y: kept(node.y, height) }])));
      },
    );
    return () => {
      gone = true;
    };
  }, [model, height]);
  return places;
}
