// Where indicators were seen in the workspace's own rows, by one query.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { askRows, type Row } from "~/api/kql";
import { useActions } from "~/keys/useKeys";
import { Grid, type GridColumn } from "~/parts/Grid";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { changeParameters, useParameter } from "~/shell/address";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { matchesQuery } from "./indicator";

const COLUMNS: readonly GridColumn[] = [
  { key: "Value", title: "Value", width: 240 },
  { key: "ObservableKey", title: "Kind", width: 160 },
  { key: "Table", title: "Table", width: 190 },
  { key: "Column", title: "Column", width: 150 },
  { key: "Rows", title: "Rows", width: 80, align: "right" },
  { key: "First", title: "First", width: 170 },
  { key: "Last", title: "Last", width: 170 },
  { key: "Confidence", title: "Conf.", width: 70, align: "right" },
];

export default function Matches() {
  const place = usePlace();
  const openQuery = useOpenQuery();
  const [days] = useParameter("days", "1");
  const [at, setAt] = useState(0);
  const query = matchesQuery(Number(days) || 1);
  const asked = useQuery({
    queryKey: ["indicatorMatches", place.workspace.id, days],
    staleTime: 60_000,
    queryFn: ({ signal }) => askRows(place, { query, signal }),
  });
  useActions({ "page.loadNew": () => void asked.refetch() });
  const rows: readonly Row[] = asked.data ?? [];
  return (
    <div className="listdetail">
      <div className="row">
        <span className="faint">{asked.data && `${rows.length} values seen`}</span>
        <select
          aria-label="Time"
          value={days}
          onChange={(event) => changeParameters({ days: event.target.value === "1" ? "" : event.target.value })}
        >
          <option value="1">last day</option>
          <option value="7">last 7 days</option>
          <option value="14">last 14 days</option>
        </select>
        <span className="grow" />
        <button type="button" onClick={() => openQuery({ query, run: true })}>
          Open the query
        </button>
      </div>
      {asked.isPending && <Loading what="matches" />}
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && rows.length === 0 && (
        <Empty
          what="No active indicator was seen in this time. A rule of kind ThreatIntelligence looks each minute, and makes incidents:"
          how={`PUT ${place.sentinel}/alertRules/ti {"kind": "ThreatIntelligence", "properties": {"enabled": true, "alertRuleTemplateName": "0dd422ee-e6af-4204-b219-f59ac172e4c6"}}`}
        />
      )}
      {rows.length > 0 && (
        <div className="matches">
          <Grid
            label="Matches"
            columns={COLUMNS}
            count={rows.length}
            at={Math.min(at, rows.length - 1)}
            setAt={setAt}
            open={(row) => openQuery({ query: rowsQuery(rows[row]), timespan: `P${days}D`, run: true })}
            cell={(row, column) => {
              const key = COLUMNS[column]?.key ?? "";
              const value = rows[row]?.[key];
              return key === "First" || key === "Last" ? <Instant value={String(value)} /> : String(value ?? "");
            }}
          />
        </div>
      )}
    </div>
  );
}

function rowsQuery(row: Row | undefined): string {
  const value = JSON.stringify(String(row?.["Value"] ?? ""));
  return `${String(row?.["Table"])}\n| where tostring(${String(row?.["Column"])}) =~ ${value}`;
}
