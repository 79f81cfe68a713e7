// The hunting queries with what each found, run one by one or all that are listed.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useGuard } from "~/parts/gated";
import { useList } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { newRuleAddress } from "~/query/address";
import { changeParameters, useGo, useParameter } from "~/shell/address";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { ATTACK, tacticText, whole } from "./attack";
import { HuntingChanges } from "./changes";
import { columnsOf } from "./columns";
import { HUNTING } from "./keys";
import { DELETE, WRITE, type HuntingQuery } from "./query";
import { QueryDetail } from "./QueryDetail";
import { hunt, keepRuns, keptRuns, type HuntRun, type Runs } from "./runs";
import { useSavedQueries, useTemplateQueries } from "./useHunting";

const QueryForm = lazy(() => import("./QueryForm"));
const BookmarkRows = lazy(() => import("./BookmarkRows"));

export const BOOKMARK = "Microsoft.SecurityInsights/bookmarks/write";
const TIMES = [
  ["PT1H", "last hour"],
  ["P1D", "last 24 hours"],
  ["P7D", "last 7 days"],
  ["P14D", "last 14 days"],
  ["P30D", "last 30 days"],
] as const;

type Open = "new" | "edit" | "bookmark" | undefined;

export function QueryList() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const go = useGo();
  const openQuery = useOpenQuery();
  const [open, setOpen] = useState<Open>();
  const [tactic] = useParameter("tactic");
  const [technique] = useParameter("technique");
  const [time] = useParameter("time", "P1D");
  const [from] = useParameter("from");
  const [runs, setRuns] = useState<Runs>(() => keptRuns(place.workspace.id));
  const changes = useMemo(() => new HuntingChanges(place, client), [place, client]);
  const saved = useSavedQueries();
  const templates = useTemplateQueries(from === "templates");
  const items = useMemo(
    () => saved.data && [...saved.data, ...(from === "templates" ? (templates.data ?? []) : [])],
    [saved.data, templates.data, from],
  );
  const passes = useMemo(
    () => (query: HuntingQuery) =>
      (!tactic || query.tactics.some((each) => each.toLowerCase() === tactic.toLowerCase())) &&
      (!technique || query.techniques.some((each) => whole(each) === technique)),
    [tactic, technique],
  );
  const columns = useMemo(() => columnsOf(runs), [runs]);
  const list = useList({
    items,
    columns,
    passes,
    order: "-results",
    keyOf: ({ key }) => key,
    textOf: (query) =>
      [query.displayName, query.description, query.query, ...query.techniques, ...query.tactics].join(" "),
  });
  const { acted, current, shown } = list;
  const running = useRef<AbortController>(undefined);
  const [left, setLeft] = useState(0);
  useEffect(() => () => running.current?.abort(), []);
  const tell = (key: string, run: HuntRun): void => {
    setRuns((before) => {
      const after = new Map(before).set(key, run);
      if (!run.isRunning) keepRuns(place.workspace.id, after);
      return after;
    });
    if (!run.isRunning) setLeft((count) => Math.max(0, count - 1));
  };
  const run = (queries: readonly HuntingQuery[]): void => {
    if (left > 0 || queries.length === 0) return;
    running.current = new AbortController();
    setLeft(queries.length);
    void hunt(place, queries, time, runs, tell, running.current.signal).then(() => setLeft(0));
  };
  const show = (what: Open, action: string) => (): void => {
    if (what === "new" || current) guard(action, () => setOpen(what));
  };
  const query = (): void => {
    if (current) openQuery({ query: current.query, timespan: time, run: true });
  };
  const promote = (): void => {
    if (current) void newRuleAddress(current.query).then((address) => go(address));
  };
  const follow = (): void => {
    if (current) changeParameters({ view: "live", live: current.key, at: "" });
  };
  const remove = (): void => guard(DELETE, () => void changes.remove(acted).then(list.clear));
  useScope(HUNTING);
  useActions({
    "hunting.run": () => run(acted),
    "hunting.runAll": () => run(shown),
    "hunting.bookmark": show("bookmark", BOOKMARK),
    "hunting.query": query,
    "hunting.promote": promote,
    "hunting.follow": follow,
    "hunting.new": show("new", WRITE),
    "hunting.edit": () => current?.saved && show("edit", WRITE)(),
    "hunting.delete": remove,
  });
  const close = (): void => setOpen(undefined);
  return (
    <>
      <ListDetail
        title="Hunting queries"
        heading={false}
        list={list}
        asked={saved}
        open={query}
        call={`${place.workspace.id}/savedSearches?api-version=2020-08-01`}
        empty={{
          what: "No hunting query yet. n makes one, the query page saves one, and a folder of content can bring some:",
          how: "vedette content apply hunting/",
        }}
        filters={
          <>
            <select
              aria-label="Tactic"
              value={tactic}
              onChange={(event) => changeParameters({ tactic: event.target.value })}
            >
              <option value="">any tactic</option>
              {[...ATTACK.keys()].map((each) => (
                <option key={each} value={each}>
                  {tacticText(each)}
                </option>
              ))}
            </select>
            {technique && (
              <button type="button" onClick={() => changeParameters({ technique: "" })} title="Clear">
                {technique} ×
              </button>
            )}
            <select
              aria-label="Time"
              value={time}
              onChange={(event) => changeParameters({ time: event.target.value === "P1D" ? "" : event.target.value })}
            >
              {TIMES.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
            <label>
              <input
                type="checkbox"
                checked={from === "templates"}
                onChange={(event) => changeParameters({ from: event.target.checked ? "templates" : "" })}
              />{" "}
              rule templates too
            </label>
          </>
        }
        buttons={
          <>
            {left > 0 ? (
              <button type="button" onClick={() => running.current?.abort()}>
                Stop, {left} left
              </button>
            ) : (
              <>
                <button type="button" className="primary" disabled={acted.length === 0} onClick={() => run(acted)}>
                  Run <kbd>r</kbd>
                </button>
                <button type="button" disabled={shown.length === 0} onClick={() => run(shown)}>
                  Run all {shown.length} <kbd>R</kbd>
                </button>
              </>
            )}
            <Gated action={WRITE} onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current?.saved} onClick={() => setOpen("edit")}>
              Edit <kbd>e</kbd>
            </Gated>
            <Gated action={DELETE} disabled={!current?.saved} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        detail={(item) => (
          <QueryDetail
            query={item}
            run={runs.get(item.key)}
            open={query}
            promote={promote}
            follow={follow}
            bookmark={show("bookmark", BOOKMARK)}
          />
        )}
      />
      <Suspense fallback={null}>
        {open === "new" && <QueryForm changes={changes} close={close} />}
        {open === "edit" && current?.saved && <QueryForm changes={changes} query={current} close={close} />}
        {open === "bookmark" && current && <BookmarkRows query={current} time={time} close={close} />}
      </Suspense>
    </>
  );
}
