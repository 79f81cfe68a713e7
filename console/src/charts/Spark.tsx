// A row of small bars: fires a day, events an hour. Own SVG, for there may be a hundred on a page.

export function Spark({
  values,
  label,
  width = 80,
  height = 16,
}: {
  values: readonly number[];
  /** What the numbers are, for who does not see them; the numbers are added. */
  label: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return (
    <svg
      className="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${label}: ${values.join(", ")}`}
    >
      {values.map((value, index) => {
        const size = value === 0 ? 1 : Math.max(2, (value / most) * height);
        return (
          <rect
            key={index}
            x={index * step}
            y={height - size}
            width={Math.max(1, step - 1)}
            height={size}
            opacity={value === 0 ? 0.35 : 1}
          />
        );
      })}
    </svg>
  );
}
