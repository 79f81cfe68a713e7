// A trend in a cell: bars or a line, of which the ends are said.

const WIDTH = 110;
const HEIGHT = 18;
const MOST = 200; // values that are drawn; more are thinned

interface Props {
  readonly values: readonly number[];
  readonly kind: "bars" | "line";
  readonly label: string;
  readonly color?: string;
}

export function SparkLine({ values, kind, label, color }: Props) {
  const step = Math.max(1, Math.ceil(values.length / MOST));
  const shown = values.filter((_value, at) => at % step === 0);
  const least = Math.min(0, ...shown);
  const most = Math.max(least + 1, ...shown);
  const y = (value: number): number => HEIGHT - 1 - ((value - least) / (most - least)) * (HEIGHT - 2);
  const wide = WIDTH / Math.max(1, shown.length);
  const said = `${label}: ${values.length} values from ${Math.min(...shown)} to ${Math.max(...shown)}, last ${shown.at(-1)}`;
  return (
    <svg
      className="wb-spark"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={said}
      style={color ? { color } : undefined}
    >
      {kind === "line" ? (
        <polyline
          points={shown.map((value, at) => `${(at + 0.5) * wide},${y(value)}`).join(" ")}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
        />
      ) : (
        shown.map((value, at) => (
          <rect
            key={at}
            x={at * wide}
            y={Math.min(y(value), HEIGHT - 1)}
            width={Math.max(0.5, wide - 0.5)}
            height={Math.max(1, HEIGHT - 1 - y(value))}
            fill="currentColor"
          />
        ))
      )}
    </svg>
  );
}
