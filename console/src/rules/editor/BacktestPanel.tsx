// What the rule would have found in the past, beside what the saved one did; each window that fired shows its rows.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Gated } from "~/parts/gated";
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { WRITE, type RuleBody } from "../model";
import { BacktestChart } from "./BacktestChart";
import { backtestText, binsOf, firedWindows, type FiredWindow } from "./backtest_bins";
import { windowRows, type Backtest } from "./evaluation";
import { counted } from "./PreviewPanel";
import { ResultRows } from "./ResultRows";

export interface BacktestResult {
  readonly days: number;
  /** The rule that was tested: it may have been changed since. */
  readonly body: RuleBody;
  readonly now: Backtest;
  readonly savedBody: RuleBody | undefined;
  readonly saved: Backtest | undefined;
}

interface Props {
  readonly result: BacktestResult | undefined;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly days: number;
  readonly setDays: (days: number) => void;
  readonly run: () => void;
  readonly stop: () => void;
  readonly isChangedSince: boolean;
  /** The end of the window whose rows are shown. */
  readonly window: string;
  readonly setWindow: (end: string) => void;
  /** Look at a window whole, by the rule as it is written. */
  readonly previewAt: (end: string) => void;
}

const LISTED = 500;

export function BacktestPanel(props: Props) {
  const { result, isBusy, error, days, run } = props;
  return (
    <div className="panel-body">
      <div className="row">
        <Gated action={WRITE} className="primary" onClick={run} disabled={isBusy}>
          Backtest <kbd>Ctrl+B</kbd>
        </Gated>
        <fieldset className="days">
          <legend className="hidden-text">Days</legend>
          {[1, 7, 30].map((each) => (
            <label key={each} className="check">
              <input type="radio" name="days" checked={days === each} onChange={() => props.setDays(each)} />
              {each === 1 ? "1 day" : `${each} days`}
            </label>
          ))}
        </fieldset>
        {isBusy && (
          <button type="button" onClick={props.stop}>
            Stop
          </button>
        )}
        {result && props.isChangedSince && <span className="warn">The rule was changed since; run it again.</span>}
      </div>
      {isBusy && <Loading what={`${days === 1 ? "one day" : `${days} days`} of windows`} />}
      {!isBusy && error !== null && error !== undefined && <Failed error={error} again={run} />}
      {!isBusy && result && <Tested {...props} result={result} />}
      {!isBusy && !result && !error && (
        <p className="state">
          Ctrl+B runs every window of the time with the rule as it is written, and with the saved one. Nothing is
          stored.
        </p>
      )}
    </div>
  );
}

function Tested({ result, window, setWindow, previewAt }: Props & { result: BacktestResult }) {
  const { now, saved, days } = result;
  const bins = useMemo(() => binsOf(now, saved), [now, saved]);
  const windows = useMemo(() => firedWindows(now, saved), [now, saved]);
  const [bin, setBin] = useState(-1);
  const chosen = bins[bin];
  const listed = chosen
    ? windows.filter(({ end }) => Date.parse(end) > chosen.start && Date.parse(end) <= chosen.end)
    : windows;
  const shown = windows.find(({ end }) => end === window);
  return (
    <>
      <p className="flow" role="status">
        <strong>{backtestText(days, now, saved)}</strong>
        <span className="faint">
          {" "}
          · {counted(now.alertsCount, "alert")}, {counted(now.incidentsCount, "incident")}
          {saved && ` (saved: ${saved.alertsCount.toLocaleString("en")}, ${saved.incidentsCount.toLocaleString("en")})`}
          {now.suppressedWindows > 0 && ` · ${now.suppressedWindows} rested`} · {now.seconds} s
        </span>
        {now.failedWindows.length > 0 && (
          <span className="bad">
            {" "}
            · {now.failedWindows.length} failed: {now.failedWindows[0]?.reason}
          </span>
        )}
      </p>
      <BacktestChart bins={bins} hasSaved={saved !== undefined} at={bin} setAt={(at) => setBin(at === bin ? -1 : at)} />
      {listed.length === 0 ? (
        <p className="state">No window {chosen ? "of this bar " : ""}fires.</p>
      ) : (
        <FiredTable windows={listed} hasSaved={saved !== undefined} window={window} setWindow={setWindow} />
      )}
      {shown && <RowsOf result={result} fired={shown} previewAt={previewAt} />}
    </>
  );
}

function FiredTable(props: {
  windows: readonly FiredWindow[];
  hasSaved: boolean;
  window: string;
  setWindow: (end: string) => void;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and so must be reached by keys
    <div className="fired" tabIndex={0} role="region" aria-label="Windows that fire">
      <table>
        <thead>
          <tr>
            <th scope="col">Window ends</th>
            {props.hasSaved && <th scope="col">Saved</th>}
            <th scope="col">Now</th>
            <th scope="col">Alert</th>
          </tr>
        </thead>
        <tbody>
          {props.windows.slice(0, LISTED).map(({ end, now, saved, title }) => (
            <tr key={end} className={end === props.window ? "at" : undefined}>
              <td>
                <button
                  type="button"
                  className="link"
                  aria-pressed={end === props.window}
                  onClick={() => props.setWindow(end === props.window ? "" : end)}
                >
                  <Instant value={end} />
                </button>
              </td>
              {props.hasSaved && <td>{saved || "–"}</td>}
              <td className={props.hasSaved && now !== saved ? "warn" : undefined}>{now || "–"}</td>
              <td>{title}</td>
            </tr>
          ))}
          {props.windows.length > LISTED && (
            <tr>
              <td colSpan={4}>
                … the first {LISTED} of {props.windows.length}; a click on a bar shows its own
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** The rows of a window, by the text that fires in it. */
function RowsOf({
  result,
  fired,
  previewAt,
}: {
  result: BacktestResult;
  fired: FiredWindow;
  previewAt: (end: string) => void;
}) {
  const place = usePlace();
  const body = fired.now > 0 || !result.savedBody ? result.body : result.savedBody;
  const rows = useQuery({
    queryKey: ["windowRows", place.workspace.id, body.properties.query, body.properties.queryPeriod, fired.end],
    queryFn: ({ signal }) => windowRows(place, body, new Date(fired.end), signal),
    staleTime: 60_000,
  });
  if (rows.isPending) return <Loading what="the rows of the window" />;
  if (rows.isError) return <Failed error={rows.error} again={() => void rows.refetch()} />;
  return (
    <>
      <p className="faint">
        Window <Instant value={rows.data.windowStart} /> to <Instant value={rows.data.windowEnd} />
        {body === result.savedBody && ", by the saved rule"}{" "}
        <button type="button" onClick={() => previewAt(fired.end)}>
          Preview this window
        </button>
      </p>
      <ResultRows
        columns={rows.data.columns.map(({ name }) => name)}
        rows={rows.data.rows}
        count={rows.data.rows.length}
        properties={body.properties}
        label="Rows of the window"
      />
    </>
  );
}
