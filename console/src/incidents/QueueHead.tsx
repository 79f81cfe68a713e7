// Above the queue: how many by severity, when they came, the filters that hold, search, views, and what is new.
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { useActions } from "~/keys/useKeys";
import { perform } from "~/keys/keys";
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import { SEVERITIES, type Incident } from "./incident";
import { barsOf, Spark } from "./Spark";
import { DEFAULT, LISTS, toggled, windowOf, type Facet, type View } from "./view";
import { FACETS, labelOf, show } from "./ViewPickers";

export interface QueueHeadProps {
  readonly view: View;
  /** Those that belong to the view. */
  readonly belonging: readonly Incident[];
  /** All that are known, for names. */
  readonly incidents: readonly Incident[];
  readonly now: number;
  readonly fresh: number;
  readonly gone: number;
  readonly chosen: number;
}

/** Drawn again when what it tells changes, not when the cursor moves. */
export const QueueHead = memo(function QueueHead(props: QueueHeadProps) {
  const { view, belonging, now, fresh, gone } = props;
  const bars = useMemo(() => {
    const { from, to } = windowOf(view, now);
    return barsOf(belonging, from, to, now);
  }, [view, belonging, now]);
  return (
    <div className="queue-head">
      <div className="row">
        <h1>
          Incidents <span className="faint">{belonging.length.toLocaleString("en")}</span>
        </h1>
        {SEVERITIES.map((each) => (
          <button
            key={each}
            type="button"
            className={`count severity-${each}`}
            aria-pressed={view.severity.includes(each)}
            onClick={() => show(toggled(view, "severity", each))}
          >
            {each} {belonging.filter(({ properties }) => properties.severity === each).length}
          </button>
        ))}
        <Spark bars={bars} />
        <span className="grow" />
        {props.chosen > 0 && <span>{props.chosen} chosen</span>}
        <Pill fresh={fresh} gone={gone} />
        <button type="button" onClick={() => perform("queue.views")}>
          Views <kbd>w</kbd>
        </button>
      </div>
      <div className="row">
        <Search view={view} />
        <Chips view={view} incidents={props.incidents} />
        <button type="button" onClick={() => perform("queue.filter")}>
          Filter <kbd>f</kbd>
        </button>
        <button type="button" onClick={() => perform("queue.order")}>
          Order <kbd>Shift+o</kbd>
        </button>
      </div>
    </div>
  );
});

function Pill({ fresh, gone }: { fresh: number; gone: number }) {
  if (fresh + gone === 0) return <span role="status" className="hidden-text" />;
  const parts = [fresh > 0 ? `${fresh} new` : "", gone > 0 ? `${gone} no longer here` : ""].filter(Boolean);
  return (
    <span role="status">
      <button type="button" className="pill" onClick={() => perform("page.loadNew")}>
        {parts.join(" · ")} <kbd>.</kbd>
      </button>
    </span>
  );
}

const PATIENCE = 150; // milliseconds after the last letter

function Search({ view }: { view: View }) {
  const [text, setText] = useState(view.text);
  const [written, setWritten] = useState(view.text);
  const input = useRef<HTMLInputElement>(null);
  if (view.text !== written) {
    setWritten(view.text);
    setText(view.text);
  }
  useEffect(() => {
    if (text === view.text) return;
    const timer = setTimeout(() => {
      setWritten(text);
      show({ ...view, text });
    }, PATIENCE);
    return () => clearTimeout(timer);
  }, [text, view]);
  useActions({ "page.search": () => input.current?.select() });
  return (
    <input
      ref={input}
      type="search"
      className="search"
      aria-label="Search titles, numbers, owners, tags"
      placeholder="Search ( / )"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && event.key !== "Enter") return;
        event.preventDefault();
        document.querySelector<HTMLElement>(".queue [role=grid]")?.focus();
      }}
    />
  );
}

function Chips({ view, incidents }: { view: View; incidents: readonly Incident[] }) {
  const { zone } = usePreferences();
  const isDefault = view.status.length === 2 && LISTS.every((each) => each === "status" || view[each].length === 0);
  const chips = LISTS.flatMap((facet: Facet) =>
    view[facet].length === 0 ? [] : [{ facet, values: view[facet] as readonly string[] }],
  );
  return (
    <>
      {view.status.length === 0 && <span className="faint">any status</span>}
      {chips.map(({ facet, values }) => (
        <span key={facet} className="chip">
          {FACETS[facet]} {values.map((each) => labelOf(facet, each, incidents)).join(" · ")}{" "}
          <button
            type="button"
            aria-label={`Any ${FACETS[facet].toLowerCase()}`}
            onClick={() => show({ ...view, [facet]: [] })}
          >
            ×
          </button>
        </span>
      ))}
      {view.since && (
        <span className="chip">
          {view.until ? `${view.since} until ${instantText(view.until, zone)}` : `last ${view.since}`}{" "}
          <button type="button" aria-label="Any time" onClick={() => show({ ...view, since: "", until: "" })}>
            ×
          </button>
        </span>
      )}
      {(!isDefault || view.since || view.text) && (
        <button type="button" className="quiet" onClick={() => show({ ...DEFAULT, order: view.order })}>
          Reset <kbd>Shift+f</kbd>
        </button>
      )}
    </>
  );
}
