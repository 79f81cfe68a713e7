// A card: the cells of the first row, each under the name of its column.
import { useMemo } from "react";
import { AUTOMATIC, formatterFor, formattersOf } from "../model/formatters";
import { Cell } from "./Cell";
import type { LookProps } from "./Look";

export function CardLook({ result, settings, label, write }: LookProps) {
  const { table } = result;
  const formatters = useMemo(() => formattersOf(settings.grid), [settings.grid]);
  const cells = table.rows[0] ?? [];
  const row = Object.fromEntries(table.columns.map((column, at) => [column.name, cells[at]]));
  return (
    <dl className="wb-cards" aria-label={label}>
      {table.columns.map((column, at) => (
        <div key={column.name}>
          <dt>{column.name}</dt>
          <dd className="wb-big">
            <Cell
              value={cells[at]}
              column={column}
              formatter={formatterFor(column.name, formatters) ?? AUTOMATIC}
              bounds={{ least: 0, most: 0 }}
              row={row}
              write={write}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}
