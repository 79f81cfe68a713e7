// The five most frequent values of a column in the time window, asked for when the column is opened.
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "~/api/logs";
import { messageOf } from "~/api/errors";
import { usePlace } from "~/shell/place";
import { cellText } from "~/parts/sheet";
import { columnName } from "../literal";
import { timespanText } from "../timespan";

interface Props {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly timespan: string;
  readonly filter: (value: unknown) => void;
}

export const MOST = 5;

/** Two results: how many rows there are, and the most frequent values. */
export function facetQuery(table: string, column: string, type: string): string {
  const value = type === "dynamic" ? `tostring(${columnName(column)})` : columnName(column);
  return `${columnName(table)} | summarize n = count() by v = ${value} | top ${MOST} by n desc`;
}

export function Facets({ table, column, type, timespan, filter }: Props) {
  const { send, workspace } = usePlace();
  const facets = useQuery({
    queryKey: ["facets", workspace.customerId, table, column, timespan],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const ask = (query: string) => runQuery(send, workspace.customerId, { query, timespan, signal, wait: 30 });
      const [top, all] = await Promise.all([
        ask(facetQuery(table, column, type)),
        ask(`${columnName(table)} | summarize n = count()`),
      ]);
      return { values: top.tables[0]?.rows ?? [], total: Number(all.tables[0]?.rows[0]?.[0] ?? 0) };
    },
  });
  if (facets.isPending) return <span className="faint">counting …</span>;
  if (facets.isError) return <span className="bad">{messageOf(facets.error)}</span>;
  const { values, total } = facets.data;
  if (total === 0) return <span className="faint">no rows in {timespanText(timespan)}</span>;
  return (
    <ul className="facets" aria-label={`Most frequent values of ${column}`}>
      {values.map(([value, count]) => (
        <li key={cellText(value)}>
          <button
            type="button"
            title={`${cellText(value).slice(0, 500)}: only rows with this value`}
            onClick={() => filter(value)}
          >
            <span className="facet-value">{cellText(value).slice(0, 60) || "(empty)"}</span>
            <span className="faint"> {Math.round((100 * Number(count)) / total)}%</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
