// What a run gave: how it went, its notices, and the result as a grid, a chart or JSON.
import { useEffect, useMemo, useState } from "react";
import type { QueryAnswer, Table } from "~/api/logs";
import { isNumeric } from "~/charts/values";
import { Chart, KINDS, readRender, type Render } from "~/charts";
import { Empty, Failed } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import type { Run } from "../runs";
import type { View } from "../tabs";
import { timespanText } from "../timespan";
import { JsonView } from "./JsonView";
import { ResultGrid } from "./ResultGrid";
import { summary } from "./statistics";

interface Props {
  readonly run: Run | undefined;
  readonly view: View;
  readonly setView: (view: View) => void;
  readonly again: () => void;
  readonly filter: (table: Table, column: number, value: unknown, isWanted: boolean) => void;
  readonly bookmark: (table: Table, rows: readonly (readonly unknown[])[]) => void;
}

export function ResultView({ run, view, setView, again, filter, bookmark }: Props) {
  const [at, setAt] = useState(0);
  const answer = run?.answer;
  const table = answer?.tables[at] ?? answer?.tables[0];
  if (!run) return <Empty what="Nothing was run yet. Ctrl+Enter runs the query at the cursor." />;
  if (run.state === "running") return <Running run={run} />;
  if (run.state === "cancelled") return <Empty what={`Cancelled after ${Math.round(run.took ?? 0)} ms.`} />;
  if (run.state === "failed" || !answer || !table) return <Failed error={run.error} again={again} />;
  return (
    <section className="result" aria-label="Result">
      <Tabs
        label="Show the result as"
        tabs={[
          { key: "grid", label: "Grid" },
          { key: "chart", label: "Chart" },
          { key: "json", label: "JSON" },
        ]}
        chosen={view}
        choose={(key) => setView(key as View)}
      >
        <div className="result-head">
          <p className="row" role="status">
            <span>{summary(run, table)}</span>
            <span className="faint">{timespanText(run.timespan)}</span>
            {answer.tables.length > 1 && (
              <select aria-label="Which result" value={at} onChange={(event) => setAt(Number(event.target.value))}>
                {answer.tables.map((each, index) => (
                  <option key={index} value={index}>
                    {each.name}
                  </option>
                ))}
              </select>
            )}
          </p>
          <Notices answer={answer} />
        </div>
        {table.rows.length === 0 ? (
          <Empty what={`No rows in ${timespanText(run.timespan)}. [ and ] move the time window.`} />
        ) : view === "chart" ? (
          <ChartOf table={table} answer={answer} />
        ) : view === "json" ? (
          <JsonView table={table} />
        ) : (
          <ResultGrid
            key={`${run.startedAt.getTime()} ${at}`}
            table={table}
            filter={(column, value, isWanted) => filter(table, column, value, isWanted)}
            bookmark={(rows) => bookmark(table, rows)}
          />
        )}
      </Tabs>
    </section>
  );
}

function Running({ run }: { run: Run }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="state" role="status">
      Running for {Math.max(0, Math.round((now - run.startedAt.getTime()) / 1000))} s …{" "}
      <button type="button" onClick={run.cancel}>
        Cancel <kbd>Alt+C</kbd>
      </button>
    </p>
  );
}

/** What is missing although there are rows. */
function Notices({ answer }: { answer: QueryAnswer }) {
  const error = answer.error;
  if (!error) return null;
  interface Deep {
    readonly message?: string;
    readonly innererror?: Deep;
  }
  const texts: string[] = [];
  for (const each of (error.details ?? []) as readonly Deep[]) {
    let deepest = each;
    while (deepest.innererror) deepest = deepest.innererror;
    if (deepest.message) texts.push(deepest.message);
  }
  return (
    <div className="banner" role="alert">
      <strong>{error.code}</strong> {texts.length > 0 ? texts.join(" ") : error.message}
    </div>
  );
}

function ChartOf({ table, answer }: { table: Table; answer: QueryAnswer }) {
  const asked = useMemo(() => readRender(answer.render), [answer]);
  const [kind, setKind] = useState("");
  const render = useMemo(
    (): Render => ({ ...asked, visualization: kind || asked.visualization || likely(table) }),
    [asked, kind, table],
  );
  return (
    <div className="result-chart">
      <p className="row">
        <label>
          Kind{" "}
          <select value={render.visualization} onChange={(event) => setKind(event.target.value)}>
            {[...new Set([render.visualization, ...KINDS])].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        {!asked.visualization && <span className="faint">The query says no `render`; this is a guess.</span>}
      </p>
      <Chart table={table} render={render} label="Result" />
    </div>
  );
}

/** What a result without `render` is drawn as. */
function likely(table: Table): string {
  const names = table.columns.filter((each) => each.type === "string").length;
  const numbers = table.columns.filter((each) => isNumeric(each.type)).length;
  if (names > 3 || numbers === 0) return "table"; // events, and no summary of them
  if (table.columns.some((each) => each.type === "datetime")) return "timechart";
  return names > 0 ? "columnchart" : numbers > 1 ? "linechart" : "card";
}
