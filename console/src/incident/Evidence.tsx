// The rows that made an alert: its query over its time, mapped columns first, as they were then where that is another answer.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { records, runQuery, type Table } from "~/api/logs";
import { perform } from "~/keys/keys";
import { useActions } from "~/keys/useKeys";
import { Gated } from "~/parts/gated";
import { Grid, rowHeight } from "~/parts/Grid";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { BookmarkDialog } from "./BookmarkDialog";
import { cellText, columnOrder, evidenceOf, mappedAs, reordered, type Evidence as Of } from "./evidence";
import type { Alert, Incident } from "./model";
import { useRule } from "./rule";

const MOST_SEEN = 12; // rows before the grid scrolls
const WIDEST = 340; // pixels
const SAMPLE = 40; // rows that are looked at for the width of a column

function useRows(of: Of, query: string | undefined, which: string) {
  const { send, workspace } = usePlace();
  return useQuery({
    queryKey: ["evidence", workspace.id, which, query, of.timespan],
    enabled: query !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const timespan = which === "then" ? undefined : of.timespan;
      const answer = await runQuery(send, workspace.customerId, { query: query!, timespan, signal });
      return answer.tables[0]!;
    },
  });
}

/** `stands` is told once there is nothing more to wait for. */
export function Evidence({ incident, alert, stands }: { incident: Incident; alert: Alert; stands: () => void }) {
  const of = useMemo(() => evidenceOf(alert), [alert]);
  const rule = useRule(of.ruleName);
  const now = useRows(of, of.query, "now");
  const then = useRows(of, of.kept, "then");
  const [chosen, setChosen] = useState<"then" | "now">();
  const which = chosen ?? (of.kept === undefined ? "now" : "then");
  const rows = which === "then" ? then : now;
  const isPending = of.query !== undefined && rows.isPending;
  useEffect(() => {
    if (!isPending) stands();
  }, [isPending, stands]);
  const ordered = useMemo(() => {
    if (!rows.data) return undefined;
    const details = Object.values(rule.data?.properties.customDetails ?? {});
    return reordered(rows.data, columnOrder(rows.data.columns, rule.data?.properties.entityMappings ?? [], details));
  }, [rows.data, rule.data]);
  if (of.query === undefined) {
    return (
      <Empty
        what={`${alert.properties.productName ?? "The product"} raised this alert without a query that finds its rows; what it says is under Raw.`}
      />
    );
  }
  const isOther = of.count !== undefined && now.data !== undefined && now.data.rows.length !== of.count;
  return (
    <>
      <p className="row facts">
        <span>
          <Instant value={of.timespan?.split("/")[0]} /> – <Instant value={of.timespan?.split("/")[1]} />
        </span>
        {of.count !== undefined && (
          <span>
            {of.count.toLocaleString("en")} {of.count === 1 ? "row" : "rows"} then
          </span>
        )}
        {now.data && <span>{now.data.rows.length.toLocaleString("en")} now</span>}
        {(of.kept !== undefined || isOther) && (
          <span role="group" aria-label="Rows of when">
            {of.kept !== undefined && (
              <button type="button" className="small" aria-pressed={which === "then"} onClick={() => setChosen("then")}>
                Rows then
              </button>
            )}{" "}
            <button type="button" className="small" aria-pressed={which === "now"} onClick={() => setChosen("now")}>
              Rows now
            </button>
          </span>
        )}
        <span className="grow" />
        <button type="button" className="small" onClick={() => perform("incident.query")}>
          Open in Query <kbd>o</kbd>
        </button>
      </p>
      {isOther && (
        <p className="warn">
          {of.kept === undefined
            ? "The log has other rows for this time than when the alert was raised: some came late, or are gone. The alert kept their number only."
            : "The log has other rows for this time than when the alert was raised: some came late, or are gone. “Rows then” is what the alert kept."}
        </p>
      )}
      {rows.isPending && <Loading what="the rows" />}
      {rows.isError && <Failed error={rows.error} again={() => void rows.refetch()} />}
      {ordered && ordered.rows.length === 0 && (
        <p className="state">
          The log has no row of this time any more: they were deleted, or are older than it keeps.
        </p>
      )}
      {ordered && ordered.rows.length > 0 && (
        <Rows
          key={`${alert.id} ${which}`}
          incident={incident}
          of={of}
          table={ordered}
          mapped={(column) => mappedAs(column, rule.data?.properties.entityMappings ?? [])}
        />
      )}
    </>
  );
}

function Rows(props: { incident: Incident; of: Of; table: Table; mapped: (column: string) => string }) {
  const { table } = props;
  const [at, setAt] = useState(0);
  const [kept, setKept] = useState<Record<string, unknown>>();
  const columns = useMemo(
    () => table.columns.map((column, index) => ({ key: column.name, title: column.name, width: width(table, index) })),
    [table],
  );
  const bookmark = (): void => setKept(records({ ...table, rows: table.rows.slice(at, at + 1) })[0]);
  useActions({ "incident.bookmark": bookmark });
  return (
    <>
      <div
        className="evidence-grid"
        style={{ height: (Math.min(table.rows.length, MOST_SEEN) + 1) * rowHeight() + 18 }}
      >
        <Grid
          label="Evidence rows"
          columns={columns}
          count={table.rows.length}
          at={at}
          setAt={setAt}
          open={bookmark}
          header={(column) => {
            const mapped = props.mapped(table.columns[column]!.name);
            return (
              <span title={mapped && `mapped to ${mapped}`}>
                {table.columns[column]!.name} {mapped && <span className="mapped">◆</span>}
              </span>
            );
          }}
          cell={(row, column) => {
            const text = cellText(table.rows[row]?.[column]);
            if (table.columns[column]?.type === "datetime") return <Instant value={text} />;
            return <bdi title={text.length > 40 ? text.slice(0, 2000) : undefined}>{text.slice(0, 500)}</bdi>;
          }}
        />
      </div>
      <p className="row">
        <Gated action="Microsoft.SecurityInsights/bookmarks/write" className="small" onClick={bookmark}>
          Bookmark the row <kbd>b</kbd>
        </Gated>
        <small className="faint">
          row {at + 1} of {table.rows.length.toLocaleString("en")} · <span className="mapped">◆</span> is mapped to an
          entity
        </small>
      </p>
      {kept && <BookmarkDialog {...props} row={kept} close={() => setKept(undefined)} />}
    </>
  );
}

function width(table: Table, column: number): number {
  let longest = (table.columns[column]?.name.length ?? 0) + 3;
  for (const row of table.rows.slice(0, SAMPLE)) longest = Math.max(longest, cellText(row[column]).length);
  return Math.min(WIDEST, longest * 7.4 + 18);
}
