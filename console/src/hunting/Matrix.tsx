// The matrix of ATT&CK: a column a tactic, a cell a technique with how many hunting queries and rules are for it.
import { useMemo } from "react";
import { useActions } from "~/keys/useKeys";
import { Failed, Loading } from "~/parts/states";
import { changeParameters, useParameter } from "~/shell/address";
import { matrix, tacticText, type Covered } from "./attack";
import { useRuleCoverage, useSavedQueries } from "./useHunting";

export default function Matrix() {
  const queries = useSavedQueries();
  const rules = useRuleCoverage();
  const [only, setOnly] = useParameter("only");
  const tactics = useMemo(() => matrix(queries.data ?? [], rules.data ?? []), [queries.data, rules.data]);
  useActions({ "page.loadNew": () => void Promise.all([queries.refetch(), rules.refetch()]) });
  if (queries.isPending || rules.isPending) return <Loading what="queries and rules" />;
  if (queries.isError) return <Failed error={queries.error} again={() => void queries.refetch()} />;
  if (rules.isError) return <Failed error={rules.error} again={() => void rules.refetch()} />;
  const all = tactics.flatMap(({ techniques }) => techniques);
  const distinct = new Set(all.map(({ technique }) => technique));
  const covered = new Set(all.filter((each) => each.queries + each.rules > 0).map(({ technique }) => technique));
  return (
    <div className="listdetail">
      <div className="row">
        <span>
          {covered.size} of {distinct.size} techniques have a hunting query or an enabled rule.
        </span>
        <span className="faint">
          q: hunting queries, r: rules that are on. A technique stands for those below it. Enterprise techniques of{" "}
          <a href="https://attack.mitre.org" target="_blank" rel="noopener noreferrer">
            MITRE ATT&CK
          </a>
        </span>
        <span className="grow" />
        <label>
          <input
            type="checkbox"
            checked={only === "covered"}
            onChange={(event) => setOnly(event.target.checked ? "covered" : "")}
          />{" "}
          only what is covered
        </label>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by the keyboard too */}
      <div className="matrix" role="region" aria-label="Matrix of ATT&CK" tabIndex={0}>
        {tactics.map((tactic) => (
          <section key={tactic.name} aria-label={tacticText(tactic.name)}>
            <h2>{tacticText(tactic.name)}</h2>
            <button
              type="button"
              className="plain faint"
              aria-label={`Queries of ${tacticText(tactic.name)}: ${tactic.queries}, rules: ${tactic.rules}`}
              onClick={() => changeParameters({ view: "", tactic: tactic.name, technique: "" })}
            >
              {tactic.queries} q · {tactic.rules} r
            </button>
            <ul>
              {tactic.techniques
                .filter((each) => only !== "covered" || each.queries + each.rules > 0)
                .map((each) => (
                  <Cell key={each.technique} of={each} tactic={tactic.name} />
                ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function Cell({ of, tactic }: { of: Covered; tactic: string }) {
  const { technique, queries, rules } = of;
  if (queries + rules === 0) return <li className="none">{technique}</li>;
  return (
    <li className={`level-${Math.min(3, queries + rules)}`}>
      <button
        type="button"
        className="plain"
        aria-label={`${technique}: ${queries} queries, ${rules} rules`}
        onClick={() => changeParameters({ view: "", tactic, technique })}
      >
        <span>{technique}</span>
        <span>
          {queries > 0 && `${queries}q`} {rules > 0 && `${rules}r`}
        </span>
      </button>
    </li>
  );
}
