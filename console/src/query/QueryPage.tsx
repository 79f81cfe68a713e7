// The query page: an editor, and what the query gave.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { runQuery } from "~/api/logs";
import { Chart, readRender } from "~/charts";
import { useActions, useScope } from "~/keys/useKeys";
import { Grid } from "~/parts/Grid";
import { Failed, Loading } from "~/parts/states";
import { usePlace } from "~/shell/place";
import { readFragment } from "./address";
import { KqlEditor, type EditorHandle } from "./editor";
import { QUERY } from "./keys";
import "./query.css";

export default function QueryPage() {
  const { send, workspace } = usePlace();
  const [text, setText] = useState("");
  const [view, setView] = useState<"grid" | "chart">("grid");
  const editor = useRef<EditorHandle>(null);
  const run = useMutation({
    mutationFn: (query: string) => runQuery(send, workspace.customerId, { query }),
    onSuccess: (answer) => setView(answer.render?.["visualization"] ? "chart" : "grid"),
  });
  useEffect(() => {
    void readFragment(location.hash).then((shared) => shared && setText(shared.query));
  }, []);
  useScope(QUERY);
  useActions({
    "query.run": () => run.mutate(editor.current?.chosen() ?? text),
    "query.edit": () => editor.current?.focus(),
    "query.grid": () => setView("grid"),
    "query.chart": () => setView("chart"),
  });
  const [at, setAt] = useState(-1);
  const table = run.data?.tables[0];
  return (
    <div className="query-page">
      <h1 className="hidden-text">Query</h1>
      <div className="row">
        <button type="button" className="primary" onClick={() => run.mutate(editor.current?.chosen() ?? text)}>
          Run <kbd>Ctrl+Enter</kbd>
        </button>
      </div>
      <KqlEditor value={text} onChange={setText} onRun={(query) => run.mutate(query)} handle={editor} />
      <div className="query-result">
        {run.isPending && <Loading what="the rows" />}
        {run.isError && <Failed error={run.error} />}
        {table && view === "chart" && <Chart table={table} render={readRender(run.data?.render)} label="Result" />}
        {table && view === "grid" && (
          <Grid
            label="Result"
            columns={table.columns.map((each) => ({ key: each.name, title: each.name, width: 160 }))}
            count={table.rows.length}
            cell={(row, column) => String((table.rows[row]?.[column] ?? "") as string)}
            at={at}
            setAt={setAt}
          />
        )}
      </div>
    </div>
  );
}
