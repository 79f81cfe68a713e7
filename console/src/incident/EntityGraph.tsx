// The graph of an incident: alerts as squares, entities as circles. One node has the focus; arrows go to the next one.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { layoutOf, type Place } from "./graphLayout";
import { kindText } from "./kindText";
import { nodeTowards, type ShownGraph, type ShownNode } from "./graphOf";

const LABELS = 60; // nodes up to which each has its name beside it
const WAYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;
const LONGEST = 26;

/** Each time that `asked` grows the focus goes into the graph. */
export default function EntityGraph(props: { graph: ShownGraph; open: (id: string) => void; asked: number }) {
  const { graph, open, asked } = props;
  const layout = useMemo(() => layoutOf(graph), [graph]);
  const [focused, setFocused] = useState<string>();
  const [zoom, setZoom] = useState(1);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    if (asked > 0) svg.current?.querySelector<SVGGElement>("[tabindex='0']")?.focus();
  }, [asked]);
  const first = graph.nodes.some((node) => node.id === focused) ? focused : graph.nodes[0]?.id;
  const near = useMemo(() => {
    const node = graph.nodes.find((each) => each.id === focused);
    return node && new Set([node.id, ...node.neighbours]);
  }, [graph, focused]);
  const move = (event: KeyboardEvent, node: ShownNode): void => {
    const way = WAYS[event.key as keyof typeof WAYS];
    if (way) {
      const next = nodeTowards(layout.places, node.id, way);
      if (next) svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") open(node.id);
    else if (event.key === "Escape") (event.currentTarget as SVGGElement).blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const hasLabels = graph.nodes.length <= LABELS;
  return (
    <div className="graph">
      <div className="graph-scroll">
        <svg
          ref={svg}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}
          role="group"
          aria-label="Graph of alerts and entities; arrows move, Enter opens. The table holds the same."
        >
          {graph.edges.map(({ source, target }) => (
            <Edge
              key={`${source} ${target}`}
              from={layout.places.get(source)}
              to={layout.places.get(target)}
              isFaint={
                near !== undefined && !(near.has(source) && near.has(target) && [source, target].includes(focused!))
              }
            />
          ))}
          {graph.nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              place={layout.places.get(node.id)!}
              isStop={node.id === first}
              isFaint={near !== undefined && !near.has(node.id)}
              hasLabel={hasLabels || near?.has(node.id) === true}
              focus={() => setFocused(node.id)}
              blur={() => setFocused(undefined)}
              open={() => open(node.id)}
              move={(event) => move(event, node)}
            />
          ))}
        </svg>
      </div>
      <p className="row">
        <button type="button" className="small" onClick={() => setZoom(Math.min(4, zoom * 1.5))}>
          Larger
        </button>
        <button type="button" className="small" disabled={zoom === 1} onClick={() => setZoom(Math.max(1, zoom / 1.5))}>
          Smaller
        </button>
        <small className="faint">■ alert · ● entity · arrows move, Enter opens</small>
      </p>
    </div>
  );
}

function Edge({ from, to, isFaint }: { from: Place | undefined; to: Place | undefined; isFaint: boolean }) {
  if (!from || !to) return null;
  return <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={isFaint ? "faded" : undefined} />;
}

function Node(props: {
  node: ShownNode;
  place: Place;
  isStop: boolean;
  isFaint: boolean;
  hasLabel: boolean;
  focus: () => void;
  blur: () => void;
  open: () => void;
  move: (event: KeyboardEvent) => void;
}) {
  const { node, place } = props;
  const isAlert = node.kind === "SecurityAlert";
  const name = node.friendlyName.length > LONGEST ? `${node.friendlyName.slice(0, LONGEST)}…` : node.friendlyName;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- `move` has them
    <g
      data-node={node.id}
      role="button"
      tabIndex={props.isStop ? 0 : -1}
      aria-label={`${kindText(node.kind)} ${node.friendlyName.slice(0, 200)}, with ${node.neighbours.length} others`}
      transform={`translate(${place.x} ${place.y})`}
      className={`node ${isAlert ? `severity-${node.severity}` : ""} ${props.isFaint ? "faded" : ""}`}
      onFocus={props.focus}
      onBlur={props.blur}
      onClick={props.open}
      onKeyDown={props.move}
    >
      <title>{`${kindText(node.kind)} ${node.friendlyName.slice(0, 500)}`}</title>
      {isAlert ? <rect x={-9} y={-9} width={18} height={18} rx={2} /> : <circle r={node.grouped ? 14 : 10} />}
      <text className="kind" textAnchor="middle" dy="0.35em">
        {isAlert ? "!" : node.grouped ? `+${node.grouped}` : kindText(node.kind).slice(0, 2)}
      </text>
      {props.hasLabel && (
        <text className="name" textAnchor="middle" dy={26}>
          {name}
        </text>
      )}
    </g>
  );
}
