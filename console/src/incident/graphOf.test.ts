import { expect, test } from "vitest";
import { nodeTowards, shownGraph } from "./graphOf";
import { layoutOf } from "./graphLayout";
import type { Graph } from "./model";

function star(alerts: number, entities: number): Graph {
  const nodes = [
    { id: "i", kind: "Incident", friendlyName: "i" },
    ...Array.from({ length: alerts }, (_, at) => ({ id: `a${at}`, kind: "SecurityAlert", friendlyName: `a${at}` })),
    ...Array.from({ length: entities }, (_, at) => ({
      id: `e${at}`,
      kind: at % 2 ? "Ip" : "Host",
      friendlyName: `e${at}`,
    })),
  ];
  const edges = [
    ...Array.from({ length: alerts }, (_, at) => ({ source: "i", target: `a${at}`, kind: "Alert" })),
    ...Array.from({ length: entities }, (_, at) => ({ source: `a${at % alerts}`, target: `e${at}`, kind: "Entity" })),
  ];
  return { nodes, edges };
}

test("the incident itself is no node; alerts and entities are, with who they touch", () => {
  const { nodes, edges } = shownGraph(star(1, 3));
  expect(nodes.map(({ id }) => id)).toEqual(["a0", "e0", "e1", "e2"]);
  expect(nodes[0]?.neighbours).toEqual(["e0", "e1", "e2"]);
  expect(edges).toHaveLength(3);
});

test("of more than fit, those with the fewest edges are one node of their kind", () => {
  const { nodes, edges } = shownGraph(star(10, 1000), 50);
  expect(nodes.length).toBeLessThanOrEqual(50);
  const grouped = nodes.filter((node) => node.grouped);
  expect(grouped.map(({ kind }) => kind).sort()).toEqual(["Host", "Ip"]);
  const alone = nodes.filter((node) => !node.grouped && node.kind !== "SecurityAlert").length;
  expect(grouped.reduce((sum, node) => sum + (node.grouped ?? 0), alone)).toBe(1000);
  expect(new Set(edges.map((edge) => `${edge.source} ${edge.target}`)).size).toBe(edges.length);
});

test("arrows go to the nearest node that way", () => {
  const places = new Map([
    ["here", { x: 0, y: 0 }],
    ["right", { x: 10, y: 1 }],
    ["further", { x: 20, y: 0 }],
    ["down", { x: 1, y: 9 }],
  ]);
  expect(nodeTowards(places, "here", "right")).toBe("right");
  expect(nodeTowards(places, "here", "down")).toBe("down");
  expect(nodeTowards(places, "here", "left")).toBeUndefined();
});

test("a layout is the same each time, and within its bounds", () => {
  const graph = shownGraph(star(4, 196));
  const layout = layoutOf(graph);
  expect(layoutOf(graph)).toEqual(layout);
  for (const { x, y } of layout.places.values()) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(layout.width);
    expect(y).toBeLessThanOrEqual(layout.height);
  }
});
