// A small chart of counts by day, which says its numbers to those who do not see it.

export function Sparkline({ values, what }: { values: readonly number[]; what: string }) {
  const most = Math.max(1, ...values);
  const total = values.reduce((sum, each) => sum + each, 0);
  const width = 4;
  return (
    <svg
      className="sparkline"
      role="img"
      aria-label={`${total} ${what}`}
      viewBox={`0 0 ${values.length * width} 16`}
      width={values.length * width}
      height={16}
    >
      {values.map((value, at) => {
        const height = value === 0 ? 1 : Math.max(2, Math.round((value / most) * 15));
        return (
          <rect
            key={at}
            x={at * width}
            y={16 - height}
            width={width - 1}
            height={height}
            className={value === 0 ? "none" : undefined}
          />
        );
      })}
    </svg>
  );
}
