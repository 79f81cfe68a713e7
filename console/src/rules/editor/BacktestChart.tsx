// The chart of a backtest: a bar for some windows, those that fire by the saved rule above, by the present text below.
// The table of windows beside it has the same in words.
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import type { Bin } from "./backtest_bins";

const HEIGHT = 34;

export function BacktestChart(props: {
  bins: readonly Bin[];
  hasSaved: boolean;
  at: number;
  setAt: (at: number) => void;
}) {
  const { bins, hasSaved, at } = props;
  const { zone } = usePreferences();
  const most = Math.max(1, ...bins.map((bin) => Math.max(bin.now, bin.saved)));
  const total = bins.reduce((sum, bin) => sum + bin.now, 0);
  const rows = hasSaved ? 2 : 1;
  const first = bins[0];
  const last = bins.at(-1);
  return (
    <figure className="backtest-chart">
      <svg
        role="img"
        aria-label={`Windows that fire: ${total} now${hasSaved ? `, ${bins.reduce((sum, bin) => sum + bin.saved, 0)} by the saved rule` : ""}`}
        viewBox={`0 0 ${bins.length * 10} ${rows * HEIGHT}`}
        preserveAspectRatio="none"
        height={rows * HEIGHT}
      >
        {bins.map((bin, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the table has the keys
          <g key={bin.start} className={index === at ? "bin at" : "bin"} onClick={() => props.setAt(index)}>
            <title>{`${instantText(new Date(bin.start).toISOString(), zone)}: ${hasSaved ? `${bin.saved} fired, ` : ""}${bin.now} now${bin.failed ? `, ${bin.failed} failed` : ""}`}</title>
            <rect className="ground" x={index * 10} y={0} width={10} height={rows * HEIGHT} />
            {hasSaved && <Bar x={index} value={bin.saved} most={most} base={HEIGHT - 2} kind="saved" />}
            <Bar x={index} value={bin.now} most={most} base={rows * HEIGHT - 2} kind="now" />
            {bin.failed > 0 && (
              <rect className="failed" x={index * 10 + 1} y={rows * HEIGHT - 2} width={8} height={2} />
            )}
          </g>
        ))}
      </svg>
      <figcaption className="row faint">
        <span>{first && instantText(new Date(first.start).toISOString(), zone)}</span>
        <span className="grow" />
        {hasSaved && (
          <span>
            <span className="swatch saved" /> saved
          </span>
        )}
        <span>
          <span className="swatch now" /> as written
        </span>
        <span className="grow" />
        <span>{last && instantText(new Date(last.end).toISOString(), zone)}</span>
      </figcaption>
    </figure>
  );
}

function Bar(props: { x: number; value: number; most: number; base: number; kind: string }) {
  const height = props.value === 0 ? 1 : Math.max(4, (props.value / props.most) * (HEIGHT - 6));
  return (
    <rect
      className={props.value === 0 ? "none" : props.kind}
      x={props.x * 10 + 1}
      width={8}
      y={props.base - height}
      height={height}
    />
  );
}
