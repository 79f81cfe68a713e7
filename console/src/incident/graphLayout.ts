// Where the nodes of a graph are: forces that push them apart and pull together what is connected.
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from "d3-force";
import type { ShownGraph } from "./graphOf";

interface Body extends SimulationNodeDatum {
  readonly id: string;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
}

const MARGIN = 60;
const STEPS = 200;
const STEPS_OF_MANY = 80;
const LEAST_WIDTH = 620;
const LEAST_HEIGHT = 360;

function stretched(from: number, to: number, least: number): [number, number] {
  const more = Math.max(0, least - (to - from)) / 2;
  return [from - more, to + more];
}

/** The same graph has the same places each time. */
export function layoutOf(graph: ShownGraph): Layout {
  const bodies: Body[] = graph.nodes.map(({ id }) => ({ id }));
  const links = graph.edges.map(({ source, target }) => ({ source, target }));
  const isSmall = bodies.length <= 60;
  forceSimulation(bodies)
    .force(
      "link",
      forceLink<Body, { source: string; target: string }>(links)
        .id((each) => each.id)
        .distance(isSmall ? 110 : 50),
    )
    .force(
      "charge",
      isSmall ? forceManyBody().strength(-420) : forceManyBody().strength(-90).theta(1.2).distanceMax(400),
    )
    .force("apart", forceCollide(isSmall ? 46 : 14))
    .force("x", forceX().strength(0.06))
    .force("y", forceY().strength(0.12))
    .stop()
    .tick(bodies.length > 120 ? STEPS_OF_MANY : STEPS);
  const xs = bodies.map((body) => body.x ?? 0);
  const ys = bodies.map((body) => body.y ?? 0);
  // A small graph is not blown up: its names would be.
  const [left, right] = stretched(Math.min(...xs) - MARGIN, Math.max(...xs) + MARGIN, LEAST_WIDTH);
  const [top, bottom] = stretched(Math.min(...ys) - MARGIN, Math.max(...ys) + MARGIN, LEAST_HEIGHT);
  return {
    places: new Map(bodies.map((body) => [body.id, { x: (body.x ?? 0) - left, y: (body.y ?? 0) - top }])),
    width: right - left,
    height: bottom - top,
  };
}
