// The time window of a query: the usual ones, or two instants in UTC.
import { useState, type FormEvent } from "react";
import { Dialog } from "~/parts/dialog";
import { PRESETS, timespanOf, timespanText, windowOf } from "./timespan";

interface Props {
  readonly timespan: string;
  readonly set: (timespan: string) => void;
  /** The server's present, from which durations count. */
  readonly now: Date;
}

const OWN = "own";

export function TimePicker({ timespan, set, now }: Props) {
  const [asks, setAsks] = useState(false);
  const isPreset = PRESETS.some((each) => each.timespan === timespan);
  return (
    <>
      <select
        aria-label="Time window"
        value={timespan}
        onChange={(event) => (event.target.value === OWN ? setAsks(true) : set(event.target.value))}
      >
        {!isPreset && <option value={timespan}>{timespanText(timespan)}</option>}
        {PRESETS.map((each) => (
          <option key={each.timespan} value={each.timespan}>
            {each.label}
          </option>
        ))}
        <option value={OWN}>from … to …</option>
      </select>
      {asks && <Own timespan={timespan} now={now} set={set} close={() => setAsks(false)} />}
    </>
  );
}

function Own({ timespan, now, set, close }: Props & { close: () => void }) {
  const window = windowOf(timespan || "P1D", now);
  const [from, setFrom] = useState(window ? minutes(window.from) : "");
  const [to, setTo] = useState(window ? minutes(window.to) : "");
  const chosen = windowOf(`${from}Z/${to}Z`, now);
  const isGood = chosen !== undefined && chosen.from < chosen.to;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isGood) return;
    set(timespanOf(chosen));
    close();
  };
  return (
    <Dialog title="Time window (UTC)" close={close}>
      <form onSubmit={submit} className="save-form">
        <label>
          From (UTC)
          <input type="datetime-local" value={from} step={1} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label>
          To (UTC)
          <input type="datetime-local" value={to} step={1} onChange={(event) => setTo(event.target.value)} />
        </label>
        {!isGood && <p className="warn">The window ends before it begins.</p>}
        <p className="row">
          <button type="submit" className="primary" disabled={!isGood}>
            Use it
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function minutes(at: Date): string {
  return at.toISOString().slice(0, 19);
}
