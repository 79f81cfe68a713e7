// Rows of a window in the grid, the columns that are mapped first.
import { useMemo, useState } from "react";
import { Grid, type GridColumn } from "~/parts/Grid";
import type { RuleProperties } from "../model";

interface Props {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** How many there are; more than are here, perhaps. */
  readonly count: number;
  readonly properties: RuleProperties;
  readonly label: string;
}

export function ResultRows({ columns, rows, count, properties, label }: Props) {
  const [at, setAt] = useState(-1);
  const mapped = useMemo(
    () =>
      new Set((properties.entityMappings ?? []).flatMap((each) => each.fieldMappings.map((field) => field.columnName))),
    [properties],
  );
  const order = useMemo(() => {
    const places = columns.map((_, index) => index);
    const isMapped = (index: number): boolean => mapped.has(columns[index]!);
    return [...places.filter(isMapped), ...places.filter((index) => !isMapped(index))];
  }, [columns, mapped]);
  const shown = useMemo(
    () =>
      order.map((index): GridColumn => ({
        key: columns[index]!,
        title: columns[index]!,
        width: widthOf(columns[index]!, rows, index),
      })),
    [order, columns, rows],
  );
  if (rows.length === 0) return <p className="state">The window has no rows that pass the query.</p>;
  return (
    <>
      <div className="result-rows" style={{ height: `calc(var(--row) * ${Math.min(rows.length, 9) + 2})` }}>
        <Grid
          label={label}
          columns={shown}
          count={rows.length}
          at={at}
          setAt={setAt}
          header={(column) => {
            const name = shown[column]?.key ?? "";
            return mapped.has(name) ? <span title="An entity is mapped to it">{name} ◂</span> : name;
          }}
          cell={(row, column) => cellText(rows[row]?.[order[column]!])}
        />
      </div>
      {count > rows.length && (
        <p className="faint">
          The first {rows.length.toLocaleString("en")} of {count.toLocaleString("en")} rows.
        </p>
      )}
    </>
  );
}

function widthOf(name: string, rows: Props["rows"], index: number): number {
  const longest = Math.max(name.length + 2, ...rows.slice(0, 50).map((row) => cellText(row[index]).length));
  return Math.min(360, Math.max(70, longest * 7.5 + 18));
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
