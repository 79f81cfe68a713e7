// What the rule finds in one window now: rows, the threshold, alerts, incidents, entities that are mapped and dropped.
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import type { RuleBody } from "../model";
import { entityText, type Preview } from "./evaluation";
import { windowOf, type WindowTold } from "./explanation";
import { ResultRows } from "./ResultRows";

interface Props {
  readonly body: RuleBody;
  readonly preview: Preview | undefined;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly end: string;
  readonly setEnd: (end: string) => void;
  readonly run: () => void;
  /** Make a test from the rows; undefined for whoever may not. */
  readonly make: ((found: WindowTold) => void) | undefined;
}

export function PreviewPanel({ body, preview, isBusy, error, end, setEnd, run, make }: Props) {
  const found = windowOf(preview?.told);
  return (
    <div className="panel-body">
      <div className="row">
        <button type="button" className="primary" onClick={run} disabled={isBusy}>
          Preview <kbd>Ctrl+Enter</kbd>
        </button>
        <label>
          of the window that ends (UTC){" "}
          <input type="datetime-local" step="any" value={end} onChange={(event) => setEnd(event.target.value)} />
        </label>
        {end ? (
          <button type="button" onClick={() => setEnd("")}>
            now
          </button>
        ) : (
          <span className="faint">now</span>
        )}
        <span className="grow" />
        {found && make && found.count > 0 && (
          <button type="button" onClick={() => make(found)}>
            Make a test from these rows
          </button>
        )}
      </div>
      {isBusy && <Loading what="what it finds" />}
      {!isBusy && error !== null && error !== undefined && <Failed error={error} again={run} />}
      {!isBusy && preview && <Found body={body} preview={preview} />}
      {!isBusy && !preview && !error && (
        <p className="state">Ctrl+Enter shows what this rule finds in its last window. Nothing is stored.</p>
      )}
    </div>
  );
}

/** `14 rows → 1 alert → 1 incident`. */
export function previewText({ told }: Preview): string {
  const found = windowOf(told);
  if (!found) return "fails";
  return `${counted(found.count, "row")} → ${counted(found.alertsCount, "alert")} → ${counted(found.incidents.length, "incident")}`;
}

export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function Found({ body, preview }: { body: RuleBody; preview: Preview }) {
  const { rows } = preview.told;
  if (!rows) return <p className="state">A rule of this kind is no query; there is nothing to preview.</p>;
  if ("failure" in rows) {
    return (
      <p className="state failed" role="alert">
        <strong>{rows.failure.code}</strong> {rows.failure.message}
      </p>
    );
  }
  const incident = rows.incidents[0];
  return (
    <>
      <p className="flow" role="status">
        <strong>{counted(rows.count, "row")}</strong>{" "}
        <span className={rows.fires ? "good" : "warn"}>
          {rows.fires ? "is" : "is not"} {conditionText(rows.condition)}
        </span>{" "}
        → <strong>{counted(rows.alertsCount, "alert")}</strong> →{" "}
        <strong>{counted(rows.incidents.length, "incident")}</strong>
        {incident && ` “${incident.title}”`}
        <span className="faint">
          {" "}
          · window <Instant value={rows.windowStart} /> to <Instant value={rows.windowEnd} /> ·{" "}
          {Math.round(preview.took)} ms
        </span>
      </p>
      <Dropped told={rows} />
      <Alerts told={rows} />
      <ResultRows
        columns={rows.columns}
        rows={rows.rows}
        count={rows.count}
        properties={body.properties}
        label="Rows of the preview"
      />
    </>
  );
}

const SIGNS: Readonly<Record<string, string>> = { GreaterThan: ">", LessThan: "<", Equal: "=", NotEqual: "≠" };

/** `GreaterThan 10` as `> 10`. */
export function conditionText(condition: string): string {
  const [operator = "", threshold = ""] = condition.split(" ");
  return `${SIGNS[operator] ?? operator} ${threshold}`;
}

/** Entities that could not be made, and columns that are not there. */
export function Dropped({ told }: { told: WindowTold }) {
  return (
    <>
      {told.missingColumns.length > 0 && (
        <p className="bad">
          The query gives no column {told.missingColumns.join(", ")}; what is mapped to it stays empty.
        </p>
      )}
      {told.entitiesDropped.map(({ count, reason }) => (
        <p key={reason} className="warn">
          {counted(count, "value")} made no entity: {reason}
        </p>
      ))}
    </>
  );
}

const LISTED = 20;

function Alerts({ told: { alerts, alertsCount } }: { told: WindowTold }) {
  if (alerts.length === 0) return null;
  return (
    <table className="alerts">
      <thead>
        <tr>
          <th scope="col">Alert</th>
          <th scope="col">Severity</th>
          <th scope="col">Entities</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        {alerts.slice(0, LISTED).map((alert, at) => (
          <tr key={at}>
            <td>{alert.displayName}</td>
            <td className={`severity-${alert.severity}`}>{alert.severity}</td>
            <td>{alert.entities.map(entityText).join(" · ") || <span className="warn">none</span>}</td>
            <td>
              {Object.entries(alert.customDetails)
                .map(([name, values]) => `${name}=${values.join(",")}`)
                .join(" ")}
            </td>
          </tr>
        ))}
        {alertsCount > LISTED && (
          <tr>
            <td colSpan={4}>… and {counted(alertsCount - LISTED, "alert")} more</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
