// The query page: tabs of queries, the editor, what can be queried beside it, what a run gave below.
import { useCallback, useRef, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import type { Table } from "~/api/logs";
import { BookmarkDialog } from "./BookmarkDialog";
import { fragment } from "./address";
import { KqlEditor, type EditorHandle } from "./editor";
import { curl } from "./files";
import { HistoryPicker } from "./HistoryPicker";
import { QUERY } from "./keys";
import { columnName, condition, filtered } from "./literal";
import { QueryTabs } from "./QueryTabs";
import { ResultView } from "./results/ResultView";
import { forget, run, runOf, useRun } from "./runs";
import { SaveDialog } from "./save/SaveDialog";
import { SchemaTree } from "./schema/SchemaTree";
import { changeTab, chooseTab, chosenTab, closeTab, openTab, restoreTab, useTabs, type View } from "./tabs";
import { moved } from "./timespan";
import { Toolbar } from "./Toolbar";
import { useAddress } from "./useAddress";
import { useNow } from "./useNow";
import "./query.css";

type Open =
  | { readonly kind: "save"; readonly query: string }
  | { readonly kind: "history" }
  | { readonly kind: "bookmark"; readonly table: Table; readonly rows: readonly (readonly unknown[])[] };

export default function QueryPage() {
  const place = usePlace();
  const workspace = place.workspace.customerId;
  const { tabs, chosen } = useTabs(workspace);
  const tab = tabs.find((each) => each.id === chosen) ?? tabs[0]!;
  const result = useRun(tab.id);
  const editor = useRef<EditorHandle>(null);
  const [open, setOpen] = useState<Open>();
  const now = useNow();

  const start = useCallback(
    async (id: string, query: string, timespan: string) => {
      if (!query.trim()) return;
      const isAgain = runOf(id)?.query === query;
      const answer = await run(place, id, query, timespan);
      // A query that says how it is drawn is drawn; another one that does not is read.
      const drawn = Boolean(answer?.render?.["visualization"]);
      const { view } = chosenTab(workspace);
      if (answer && !isAgain) changeTab(workspace, id, { view: drawn ? "chart" : view === "chart" ? "grid" : view });
    },
    [place, workspace],
  );
  const change = useCallback(
    (to: Parameters<typeof changeTab>[2]) => changeTab(workspace, tab.id, to),
    [workspace, tab.id],
  );
  const runChosen = (): void => void start(tab.id, editor.current?.chosen() || tab.text, tab.timespan);
  const setTimespan = (timespan: string): void => {
    change({ timespan });
    if (result) void start(tab.id, result.query, timespan);
  };
  const move = (by: -1 | 1): void =>
    void now().then((at) => {
      const next = moved(tab.timespan, by, at);
      if (next) setTimespan(next);
    });
  /** Put another query in the place of the one that ran, and run it. */
  const replace = (before: string, after: string): void => {
    const text = tab.text.includes(before) ? tab.text.replace(before, () => after) : `${tab.text}\n\n${after}`;
    change({ text });
    void start(tab.id, after, tab.timespan);
  };
  const filter = (table: Table, column: number, value: unknown, isWanted: boolean): void => {
    const { name, type } = table.columns[column] ?? {};
    if (!result || name === undefined || type === undefined) return;
    replace(result.query, filtered(result.query, condition(name, type, value, isWanted)));
  };
  const close = (id: string): void => {
    const gone = closeTab(workspace, id);
    forget(id);
    if (gone?.text.trim()) done(`${gone.name} is closed.`, () => restoreTab(workspace, gone));
  };
  const step = (by: number): void => {
    const at = tabs.indexOf(tab) + by;
    chooseTab(workspace, tabs[(at + tabs.length) % tabs.length]!.id);
  };
  const setView = (view: View) => (): void => change({ view });
  const asked = {
    origin: location.origin,
    workspaceId: workspace,
    query: result?.query ?? tab.text,
    timespan: tab.timespan,
  };
  /** Of the query as it is now: the address is a moment behind the keys. */
  const copyLink = (): void =>
    void fragment({ query: tab.text, timespan: tab.timespan, view: tab.view }).then((hash) =>
      copy(`${location.origin}${location.pathname}#${hash}`, "Link copied"),
    );
  const openSave = (): void => setOpen({ kind: "save", query: editor.current?.chosen() || tab.text });

  useAddress(workspace, tab, (id, shared) => {
    if (shared.run) void start(id, shared.query, shared.timespan ?? "");
  });
  useScope(QUERY);
  useActions({
    "query.run": runChosen,
    "query.cancel": () => result?.cancel(),
    "query.format": () => editor.current?.format(),
    "query.save": openSave,
    "query.edit": () => editor.current?.focus(),
    "query.history": () => setOpen({ kind: "history" }),
    "query.grid": setView("grid"),
    "query.chart": setView("chart"),
    "query.json": setView("json"),
    "query.newTab": () => openTab(workspace, { timespan: tab.timespan }),
    "query.closeTab": () => close(tab.id),
    "query.nextTab": () => step(1),
    "query.previousTab": () => step(-1),
    "time.back": () => move(-1),
    "time.forward": () => move(1),
    "page.copyLink": copyLink,
    "page.copyCall": () => copy(curl(asked), "Copied as a call with curl"),
  });
  return (
    <div className="query-page">
      <h1 className="hidden-text">Query</h1>
      <SchemaTree
        timespan={tab.timespan}
        insert={(text) => editor.current?.insert(text)}
        openQuery={(text) => openTab(workspace, { text, timespan: tab.timespan })}
        filter={(table, column, type, value) => {
          const clause = condition(column, type, value, true);
          const present = editor.current?.chosen() ?? "";
          const isOfTable = new RegExp(String.raw`(^|\W)${table}(\W|$)`).test(present);
          if (isOfTable) editor.current?.replaceChosen(filtered(present, clause));
          else
            editor.current?.replaceChosen(filtered([present, columnName(table)].filter(Boolean).join("\n\n"), clause));
          editor.current?.focus();
        }}
      />
      <div className="query-main">
        <div className="row query-bar">
          <QueryTabs
            tabs={tabs}
            chosen={tab.id}
            choose={(id) => chooseTab(workspace, id)}
            close={close}
            add={() => openTab(workspace, { timespan: tab.timespan })}
          />
          <span className="grow" />
          <Toolbar
            timespan={tab.timespan}
            setTimespan={setTimespan}
            isRunning={result?.state === "running"}
            run={runChosen}
            cancel={() => result?.cancel()}
            save={openSave}
            copyLink={copyLink}
            history={() => setOpen({ kind: "history" })}
            table={result?.answer?.tables[0]}
            name={tab.name}
            text={tab.text}
            asked={asked}
          />
        </div>
        <KqlEditor
          document={tab.id}
          confined={tab.timespan !== ""}
          value={tab.text}
          onChange={(text) => change({ text })}
          onRun={(query) => void start(tab.id, query, tab.timespan)}
          handle={editor}
        />
        <ResultView
          key={`${tab.id} ${result?.startedAt.getTime()}`}
          run={result}
          view={tab.view}
          setView={(view) => change({ view })}
          again={() => result && void start(tab.id, result.query, result.timespan)}
          filter={filter}
          bookmark={(table, rows) => setOpen({ kind: "bookmark", table, rows })}
        />
      </div>
      {open?.kind === "save" && <SaveDialog query={open.query} close={() => setOpen(undefined)} />}
      {open?.kind === "history" && (
        <HistoryPicker
          open={({ query, timespan }) => openTab(workspace, { text: query, timespan })}
          close={() => setOpen(undefined)}
        />
      )}
      {open?.kind === "bookmark" && result && (
        <BookmarkDialog
          source={{ table: open.table, query: result.query, timespan: result.timespan, ranAt: result.startedAt }}
          rows={open.rows}
          close={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}
