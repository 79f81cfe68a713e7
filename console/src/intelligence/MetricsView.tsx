// How many indicators there are of each kind, source and threat; a bar leads to them.
import { useActions } from "~/keys/useKeys";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { changeParameters } from "~/shell/address";
import { useMetrics, type Metrics } from "./useIndicators";

const GROUPS: readonly (readonly [keyof Metrics, string, string])[] = [
  ["patternTypeMetrics", "Kinds", "type"],
  ["sourceMetrics", "Sources", "source"],
  ["threatTypeMetrics", "Threats", "threat"],
];

export default function MetricsView() {
  const asked = useMetrics();
  useActions({ "page.loadNew": () => void asked.refetch() });
  if (asked.isPending) return <Loading what="metrics" />;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const metrics = asked.data;
  if (!metrics?.patternTypeMetrics.length) {
    return (
      <Empty what="No indicator yet. A file of them comes in by:" how="vedette indicators import FILE --source NAME" />
    );
  }
  return (
    <div className="metrics">
      {GROUPS.map(([group, title, parameter]) => {
        const counted = metrics[group] as Metrics["sourceMetrics"];
        const most = Math.max(1, ...counted.map(({ metricValue }) => metricValue));
        return (
          <section key={group}>
            <h2>{title}</h2>
            {counted.length === 0 && <p className="faint">None.</p>}
            {counted.map(({ metricName, metricValue }) => (
              <button
                key={metricName}
                type="button"
                className="plain metric"
                onClick={() => changeParameters({ view: "", [parameter]: metricName })}
              >
                <span>{metricName}</span>
                <span className="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * metricValue) / most}%` }} />
                </span>
                <span className="right">{metricValue.toLocaleString("en")}</span>
              </button>
            ))}
          </section>
        );
      })}
      <p className="faint">
        Last change <Instant value={metrics.lastUpdatedTimeUtc} />
      </p>
    </div>
  );
}
