// The columns of the list of hunting queries.
import type { ListColumn } from "~/parts/list";
import { Instant } from "~/parts/time";
import { tacticText } from "./attack";
import type { HuntingQuery } from "./query";
import type { HuntRun, Runs } from "./runs";

export function columnsOf(runs: Runs): readonly ListColumn<HuntingQuery>[] {
  const runOf = ({ key }: HuntingQuery): HuntRun | undefined => runs.get(key);
  return [
    { key: "name", title: "Query", width: 300, cell: ({ displayName }) => displayName, sort: ({ displayName }) => displayName }, // prettier-ignore
    {
      key: "results",
      title: "Hits",
      width: 80,
      align: "right",
      cell: (query) => resultsText(runOf(query)),
      sort: (query) => runOf(query)?.results ?? -1,
    },
    {
      key: "new",
      title: "New",
      width: 70,
      align: "right",
      cell: (query) => signed(runOf(query)?.sinceLast),
      sort: (query) => runOf(query)?.sinceLast ?? 0,
    },
    {
      key: "delta",
      title: "Δ before",
      width: 84,
      align: "right",
      cell: (query) => signed(runOf(query)?.delta),
      sort: (query) => runOf(query)?.delta ?? 0,
    },
    {
      key: "tactics",
      title: "Tactics",
      width: 160,
      cell: ({ tactics }) => tactics.map(tacticText).join(", "),
      sort: ({ tactics }) => tactics.join(","),
    },
    { key: "techniques", title: "Techniques", width: 120, cell: ({ techniques }) => techniques.join(", ") },
    { key: "last", title: "Last run here", width: 176, cell: (query) => <Instant value={runOf(query)?.at} /> },
  ];
}

function resultsText(run: HuntRun | undefined) {
  if (!run) return <span className="faint">–</span>;
  if (run.isRunning) return <span className="faint">…</span>;
  if (run.error) return <span className="bad">✗ failed</span>;
  return <span className={run.results ? "warn" : "faint"}>{`${run.results ?? 0}${run.isTruncated ? "+" : ""}`}</span>;
}

export function signed(value: number | undefined) {
  if (value === undefined) return <span className="faint">–</span>;
  return (
    <span className={value > 0 ? "warn" : "faint"}>{value > 0 ? `+${value}` : String(value).replace("-", "−")}</span>
  );
}
