// What a hunting query looks for, what it found last, and what can be made of it.
import { Code, Facts, Raw } from "~/parts/facts";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Instant } from "~/parts/time";
import { signed } from "./columns";
import { tacticText } from "./attack";
import type { HuntingQuery } from "./query";
import { BOOKMARK } from "./QueryList";
import type { HuntRun } from "./runs";

export function QueryDetail(props: {
  query: HuntingQuery;
  run: HuntRun | undefined;
  open: () => void;
  promote: () => void;
  follow: () => void;
  bookmark: () => void;
}) {
  const { query, run } = props;
  return (
    <>
      <h2>{query.displayName}</h2>
      {query.description && <Markdown text={query.description} />}
      <p className="row">
        <button type="button" onClick={props.open}>
          Open <kbd>o</kbd>
        </button>
        <Gated action="Microsoft.SecurityInsights/alertRules/write" onClick={props.promote}>
          Make a rule <kbd>p</kbd>
        </Gated>
        <button type="button" onClick={props.follow}>
          Follow live <kbd>f</kbd>
        </button>
        <Gated action={BOOKMARK} onClick={props.bookmark}>
          Bookmark rows <kbd>b</kbd>
        </Gated>
      </p>
      {run?.error && <p className="bad">{run.error}</p>}
      <Facts
        of={[
          ["Hits", run && !run.error ? `${run.results ?? "…"}${run.isTruncated ? " or more" : ""}` : undefined],
          ["New since it ran last", run?.sinceLast === undefined ? undefined : signed(run.sinceLast)],
          ["More than in the time before", run?.delta === undefined ? undefined : signed(run.delta)],
          ["Ran", run && <Instant value={run.at} />],
          ["Over", run?.timespan],
          ["Took", run?.seconds === undefined ? undefined : `${run.seconds} s`],
          ["Tactics", query.tactics.map(tacticText).join(", ")],
          ["Techniques", query.techniques.join(", ")],
          ["From", query.saved ? "a saved search" : "a template of a rule"],
        ]}
      />
      <h3>Query</h3>
      <Code text={query.query} />
      {query.saved && <Raw value={query.saved} />}
    </>
  );
}
