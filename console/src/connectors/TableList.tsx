// The tables: last event, events a minute, lag.
import { useQuery } from "@tanstack/react-query";
import { askRows, quoted } from "~/api/kql";
import { useActions } from "~/keys/useKeys";
import { Facts } from "~/parts/facts";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { ERRORS, lagText, rateText, type TableFlow } from "./tables";
import { DAYS, useFlow } from "./useFlow";

const COLUMNS: readonly ListColumn<TableFlow>[] = [
  { key: "table", title: "Table", width: 190, cell: ({ table }) => table, sort: ({ table }) => table },
  { key: "last", title: "Last event", width: 176, cell: ({ last }) => <Instant value={last} />, sort: ({ last }) => last }, // prettier-ignore
  { key: "rate", title: "A minute", width: 80, align: "right", cell: ({ perMinute }) => rateText(perMinute), sort: ({ perMinute }) => perMinute }, // prettier-ignore
  { key: "lag", title: "Lag", width: 70, align: "right", cell: ({ lag }) => lagText(lag), sort: ({ lag }) => lag ?? -1 }, // prettier-ignore
  { key: "high", title: "Lag p95", width: 76, align: "right", cell: ({ lagHigh }) => lagText(lagHigh), sort: ({ lagHigh }) => lagHigh ?? -1 }, // prettier-ignore
  { key: "rows", title: `Rows, ${DAYS} d`, width: 100, align: "right", cell: ({ rows }) => rows.toLocaleString("en"), sort: ({ rows }) => rows }, // prettier-ignore
];

export function TableList() {
  const asked = useFlow();
  const openQuery = useOpenQuery();
  const list = useList({
    items: asked.data,
    columns: COLUMNS,
    order: "-last",
    keyOf: ({ table }) => table,
    textOf: ({ table }) => table,
  });
  const query = (flow: TableFlow | undefined): void => {
    if (flow) openQuery({ query: `${flow.table}\n| top 100 by TimeGenerated`, timespan: `P${DAYS}D`, run: true });
  };
  useActions({ "connectors.query": () => query(list.current) });
  return (
    <ListDetail
      title="Tables"
      heading={false}
      list={list}
      asked={asked}
      open={query}
      empty={{ what: `No table got a row in ${DAYS} days. A file of events comes in by:`, how: "vedette ingest Syslog /var/log/auth.log" }} // prettier-ignore
      detail={(flow) => <Detail flow={flow} open={() => query(flow)} />}
    />
  );
}

function Detail({ flow, open }: { flow: TableFlow; open: () => void }) {
  const place = usePlace();
  const { table } = flow;
  const errors = useQuery({
    queryKey: ["tableErrors", place.workspace.id, table],
    staleTime: 30_000,
    queryFn: ({ signal }) => askRows(place, { query: `${ERRORS}\n| where Text has ${quoted(table)}`, signal }),
  });
  return (
    <>
      <h2>{table}</h2>
      <Facts
        of={[
          ["Last event", <Instant key="last" value={flow.last} />],
          ["In the last hour", `${rateText(flow.perMinute)} events a minute`],
          ["Lag", `${lagText(flow.lag)} in the middle, ${lagText(flow.lagHigh)} for 95 of 100`],
          [`Rows, ${DAYS} days`, flow.rows.toLocaleString("en")],
        ]}
      />
      <p className="faint">
        The lag is from an event’s TimeGenerated to its ingestion_time(), of what came in the last hour.
      </p>
      <p>
        <button type="button" onClick={open}>
          Newest rows <kbd>o</kbd>
        </button>
      </p>
      <h3>Errors, 7 days</h3>
      {errors.data?.length === 0 && <p className="faint">None.</p>}
      {errors.data?.map((row, at) => (
        <p key={at}>
          <span className={row["Level"] === "Error" ? "bad" : "warn"}>{String(row["Level"])}</span>{" "}
          <Instant value={String(row["Last"])} /> {String(row["Text"])}
        </p>
      ))}
    </>
  );
}
