// A range of time: one of those that the workbook offers, or two instants in UTC.
import { useState } from "react";
import { startOf, type TimeRange } from "../model/timeRange";
import { useShown } from "../context";

interface Props {
  readonly id: string;
  readonly range: TimeRange | undefined;
  readonly ranges: readonly TimeRange[];
  readonly allowsCustom: boolean;
  readonly isRequired: boolean;
  readonly label: (range: TimeRange) => string;
  readonly choose: (range: TimeRange | undefined) => void;
}

export function RangeControl({ id, range, ranges, allowsCustom, isRequired, label, choose }: Props) {
  const [isCustom, setCustom] = useState(false);
  const known = ranges.filter((each) => each.duration > 0);
  const at = range && !range.end ? known.findIndex((each) => each.duration === range.duration) : -1;
  const chosen = isCustom ? "custom" : at >= 0 ? `${at}` : range ? "now" : "unset";
  return (
    <>
      <select
        id={id}
        value={chosen}
        onChange={({ target: { value } }) => {
          setCustom(value === "custom");
          if (value === "unset") choose(undefined);
          else if (value !== "custom" && value !== "now") choose(known[Number(value)]);
        }}
      >
        {(!range || !isRequired) && <option value="unset">&lt;unset&gt;</option>}
        {range && at < 0 && !isCustom && <option value="now">{label(range)}</option>}
        {known.map((each, index) => (
          <option key={each.duration} value={index}>
            {label(each)}
          </option>
        ))}
        {allowsCustom && <option value="custom">Custom …</option>}
      </select>
      {isCustom && (
        <Custom
          range={range}
          take={(next) => {
            setCustom(false);
            choose(next);
          }}
        />
      )}
    </>
  );
}

function Custom({ range, take }: { range: TimeRange | undefined; take: (range: TimeRange) => void }) {
  const { now } = useShown();
  const [end, setEnd] = useState((range?.end ?? new Date(now).toISOString()).slice(0, 16));
  const [start, setStart] = useState(startOf(range ?? { duration: 86_400_000 }, now).slice(0, 16));
  const duration = Date.parse(`${end}Z`) - Date.parse(`${start}Z`);
  const isRange = Number.isFinite(duration) && duration > 0;
  return (
    <span className="row">
      <input
        type="datetime-local"
        aria-label="From (UTC)"
        value={start}
        onChange={(event) => setStart(event.target.value)}
      />
      <input type="datetime-local" aria-label="To (UTC)" value={end} onChange={(event) => setEnd(event.target.value)} />
      <span>UTC</span>
      <button
        type="button"
        disabled={!isRange}
        title={isRange ? undefined : "The end must be later than the start."}
        onClick={() => take({ duration, end: new Date(`${end}Z`).toISOString() })}
      >
        Apply
      </button>
    </span>
  );
}
