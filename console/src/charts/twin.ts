// The table twin of a drawing: the numbers that are drawn, for reading instead of looking.
import type { Drawing, X } from "./drawing";

export interface Twin {
  readonly columns: readonly { readonly name: string; readonly kind: "time" | "number" | "name" }[];
  readonly rows: readonly (readonly (X | null)[])[];
}

export function twinOf(drawing: Drawing): Twin {
  if (drawing.steps) {
    const kind = drawing.xKind;
    return {
      columns: [
        { name: "name", kind: "name" },
        { name: "from", kind },
        { name: "to", kind },
      ],
      rows: drawing.steps.map((step) => [step.name, step.from, step.to]),
    };
  }
  if (drawing.shape === "scatter") return points(drawing);
  const columns = [
    { name: drawing.xTitle || "x", kind: drawing.xKind },
    ...drawing.series.map((each) => ({ name: each.name, kind: "number" as const })),
  ];
  const rows = new Map<X, (X | null)[]>();
  for (const [index, series] of drawing.series.entries()) {
    for (const [x, y] of series.points) {
      let row = rows.get(x);
      if (!row) rows.set(x, (row = [x, ...drawing.series.map(() => null)]));
      // Two points of one series at one place are two marks of the drawing, and their sum here.
      const before = row[index + 1];
      row[index + 1] = typeof before === "number" && y !== null ? before + y : (y ?? before ?? null);
    }
  }
  return { columns, rows: [...rows.values()] };
}

function points(drawing: Drawing): Twin {
  return {
    columns: [
      { name: "series", kind: "name" },
      { name: drawing.xTitle || "x", kind: drawing.xKind },
      { name: drawing.yTitle || "y", kind: "number" },
    ],
    rows: drawing.series.flatMap((series) => series.points.map(([x, y]) => [series.name, x, y])),
  };
}
