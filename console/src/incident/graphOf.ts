// The graph that is shown of an incident: entities and the alerts that they are in; what is too much is grouped by its kind.
import type { Graph, GraphEdge, GraphNode } from "./model";
import { visible } from "~/parts/visible";

export const MOST_NODES = 200;

export interface ShownNode extends GraphNode {
  /** What stands for many: how many. */
  readonly grouped?: number;
  readonly neighbours: readonly string[];
}

export interface ShownGraph {
  readonly nodes: readonly ShownNode[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}

/** At most `most` nodes; those with the most edges are shown by themselves, the others as one of each kind. */
export function shownGraph(graph: Graph, most = MOST_NODES): ShownGraph {
  const nodes = graph.nodes
    .filter((node) => node.kind !== "Incident")
    .map((node) => ({ ...node, friendlyName: visible(node.friendlyName) }));
  const known = new Set(nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  if (nodes.length <= most) return connected(nodes, edges);
  const degree = degrees(edges);
  const kinds = new Set(nodes.map((node) => node.kind));
  const room = Math.max(0, most - kinds.size);
  const ranked = [...nodes].sort((a, b) => (degree.get(b.id) ?? 0) - (degree.get(a.id) ?? 0));
  const alone = new Set(ranked.slice(0, room).map((node) => node.id));
  const rest = nodes.filter((node) => !alone.has(node.id));
  const counts = new Map<string, number>();
  for (const node of rest) counts.set(node.kind, (counts.get(node.kind) ?? 0) + 1);
  const place = new Map(rest.map((node) => [node.id, groupId(node.kind)]));
  const groups = [...counts].map(([kind, count]) => ({
    id: groupId(kind),
    kind,
    friendlyName: `${count} more`,
    grouped: count,
  }));
  const moved = edges.map((edge) => ({
    ...edge,
    source: place.get(edge.source) ?? edge.source,
    target: place.get(edge.target) ?? edge.target,
  }));
  return connected([...nodes.filter((node) => alone.has(node.id)), ...groups], moved);
}

function groupId(kind: string): string {
  return `more ${kind}`;
}

function degrees(edges: readonly GraphEdge[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { source, target } of edges) {
    found.set(source, (found.get(source) ?? 0) + 1);
    found.set(target, (found.get(target) ?? 0) + 1);
  }
  return found;
}

function connected(
  nodes: readonly (GraphNode & { readonly grouped?: number })[],
  edges: readonly { readonly source: string; readonly target: string }[],
): ShownGraph {
  const neighbours = new Map<string, Set<string>>(nodes.map((node) => [node.id, new Set()]));
  const once = new Map<string, { source: string; target: string }>();
  for (const { source, target } of edges) {
    if (source === target) continue;
    neighbours.get(source)?.add(target);
    neighbours.get(target)?.add(source);
    once.set([source, target].sort().join(" "), { source, target });
  }
  return {
    nodes: nodes.map((node) => ({ ...node, neighbours: [...(neighbours.get(node.id) ?? [])] })),
    edges: [...once.values()],
  };
}

/** The node that an arrow leads to: the nearest one that is more that way than to a side. */
export function nodeTowards(
  places: ReadonlyMap<string, { readonly x: number; readonly y: number }>,
  from: string,
  way: "left" | "right" | "up" | "down",
): string | undefined {
  const here = places.get(from);
  if (!here) return undefined;
  const sign = way === "left" || way === "up" ? -1 : 1;
  let best: string | undefined;
  let least = Infinity;
  for (const [id, { x, y }] of places) {
    if (id === from) continue;
    const [ahead, aside] = way === "left" || way === "right" ? [x - here.x, y - here.y] : [y - here.y, x - here.x];
    if (ahead * sign <= 0 || Math.abs(aside) > Math.abs(ahead) * 1.5) continue;
    const far = Math.hypot(ahead, aside * 1.5);
    if (far < least) [best, least] = [id, far];
  }
  return best;
}
