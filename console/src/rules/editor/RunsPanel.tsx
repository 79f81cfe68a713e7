// What the rule did: each run with its window and what went wrong, who changed it, and why it did not fire at a time.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import type { Change, Run } from "../activity";
import { shortSeconds } from "../durations";
import type { Rule } from "../model";
import { explain } from "./explanation";
import { Told } from "./Told";

interface Props {
  readonly rule: Rule;
  readonly runs: readonly Run[] | undefined;
  readonly changes: readonly Change[] | undefined;
  readonly error: unknown;
  /** The end of the window that is explained; "last" is the last one, "" none. */
  readonly window: string;
  readonly setWindow: (end: string) => void;
}

const LISTED = 100;
const STATUS: Readonly<Record<string, string>> = { Success: "good", Failure: "bad" };

export function RunsPanel({ rule, runs, changes, error, window, setWindow }: Props) {
  const { workspace, send } = usePlace();
  const explained = useQuery({
    queryKey: ["explain", workspace.id, rule.name, rule.etag, window],
    queryFn: ({ signal }) => explain({ workspace, send }, rule.name, window === "last" ? undefined : window, signal),
    enabled: window !== "",
  });
  return (
    <div className="panel-body">
      <AskWhen runs={runs ?? []} setWindow={setWindow} />
      {window !== "" && explained.isPending && <Loading what="the explanation" />}
      {window !== "" && explained.isError && <Failed error={explained.error} again={() => void explained.refetch()} />}
      {window !== "" && explained.data && <Told told={explained.data} />}
      {error !== null && error !== undefined && <Failed error={error} />}
      {!runs && !error && <Loading what="runs" />}
      {runs?.length === 0 && (
        <Empty what="It has not run yet. A rule runs when it is made or enabled, then on its schedule." />
      )}
      {runs && runs.length > 0 && (
        <table className="runs">
          <thead>
            <tr>
              <th scope="col">Ran</th>
              <th scope="col">Went</th>
              <th scope="col">Window ends</th>
              <th scope="col" className="right">
                Rows
              </th>
              <th scope="col" className="right">
                Alerts
              </th>
              <th scope="col" className="right">
                Dropped
              </th>
              <th scope="col" className="right">
                Query
              </th>
              <th scope="col">What was said</th>
            </tr>
          </thead>
          <tbody>
            {runs.slice(0, LISTED).map((run) => (
              <tr key={`${run.at} ${run.windowEnd}`} className={run.windowEnd === window ? "at" : undefined}>
                <td>
                  <Instant value={run.at} />
                </td>
                <td className={STATUS[run.status] ?? "warn"}>{run.status}</td>
                <td>
                  {run.windowEnd ? (
                    <button type="button" className="link" title="Why" onClick={() => setWindow(run.windowEnd)}>
                      <Instant value={run.windowEnd} />
                    </button>
                  ) : (
                    "–"
                  )}
                </td>
                <td className="right">{run.results ?? "–"}</td>
                <td className="right">{run.alerts ?? "–"}</td>
                <td className="right">{run.dropped || "–"}</td>
                <td className="right">{run.seconds === undefined ? "–" : `${Math.round(run.seconds * 1000)} ms`}</td>
                <td>{[run.reason, run.description].filter(Boolean).join(": ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changes && changes.length > 0 && (
        <>
          <h3>Changes</h3>
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, LISTED).map((change, at) => (
                <tr key={at}>
                  <td>
                    <Instant value={change.at} />
                  </td>
                  <td>{change.by}</td>
                  <td>{change.fields.join(", ") || change.description}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </div>
  );
}

/** Asks for an instant, and finds the run whose window held it. */
function AskWhen({ runs, setWindow }: { runs: readonly Run[]; setWindow: (end: string) => void }) {
  const [when, setWhen] = useState("");
  const [answer, setAnswer] = useState("");
  const ask = (): void => {
    if (!when) {
      setAnswer("");
      return setWindow("last");
    }
    const instant = Date.parse(`${when}Z`);
    const run = runWith(runs, instant);
    setAnswer(run ? "" : whyNoRun(runs, instant));
    setWindow(run?.windowEnd ?? "");
  };
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <label>
        Why did it not fire for an event at (UTC){" "}
        <input type="datetime-local" step={1} value={when} onChange={(event) => setWhen(event.target.value)} />
      </label>
      <button type="submit">Explain{when ? "" : " the last run"}</button>
      {answer && (
        <span className="warn" role="status">
          {answer}
        </span>
      )}
    </form>
  );
}

/** The oldest run whose window holds an instant: the first that could have seen the event. */
export function runWith(runs: readonly Run[], instant: number): Run | undefined {
  return runs.findLast(
    ({ windowStart, windowEnd }) => Date.parse(windowStart) <= instant && instant < Date.parse(windowEnd),
  );
}

function whyNoRun(runs: readonly Run[], instant: number): string {
  const [newest, oldest] = [runs[0], runs.at(-1)];
  if (!newest || !oldest) return "It has not run at all.";
  if (instant >= Date.parse(newest.windowEnd)) return "No run has looked at that time yet; the next one does.";
  if (instant < Date.parse(oldest.windowStart)) return "That is before the windows of all runs that are known.";
  const after = runs.findLast(({ windowStart }) => Date.parse(windowStart) > instant);
  const gap = after ? shortSeconds((Date.parse(after.windowStart) - instant) / 1000) : "";
  return `No window held that time: the rule was off, or looks back too little (the next window began ${gap} later).`;
}
