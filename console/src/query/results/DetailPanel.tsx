// Beside the grid: all fields of the row with the focus, the row as JSON, or what a column holds.
import { useState } from "react";
import type { Table } from "~/api/logs";
import { copy } from "~/parts/clipboard";
import { Tabs } from "~/parts/tabs";
import { usePreferences } from "~/session/preferences";
import { cellText } from "~/parts/sheet";
import { parsed, record } from "../files";
import { JsonTree, LongText } from "./JsonTree";
import { factsOf } from "./rows";
import { datetimeText } from "./shown";

export type Detail = "row" | "json" | "column";

interface Props {
  readonly table: Table;
  /** Of the answer. */
  readonly row: number;
  readonly column: number;
  readonly detail: Detail;
  readonly show: (detail: Detail | undefined) => void;
  readonly filter: (column: number, value: unknown, isWanted: boolean) => void;
}

export function DetailPanel(props: Props) {
  const { table, row, column, detail, show } = props;
  const values = table.rows[row];
  return (
    <aside className="detail" aria-label="Details">
      <div className="row">
        <strong>{detail === "column" ? table.columns[column]?.name : `Row ${row + 1}`}</strong>
        <span className="grow" />
        {values && detail !== "column" && (
          <button
            type="button"
            onClick={() => copy(JSON.stringify(record(table, values), null, 2), "Row copied as JSON")}
          >
            Copy JSON
          </button>
        )}
        <button type="button" aria-label="Close the details" onClick={() => show(undefined)}>
          ×
        </button>
      </div>
      <Tabs
        label="Details"
        tabs={[
          { key: "row", label: "Fields" },
          { key: "json", label: "JSON" },
          { key: "column", label: "Column" },
        ]}
        chosen={detail}
        choose={(key) => show(key as Detail)}
      >
        {detail === "column" ? (
          <Facts {...props} />
        ) : !values ? (
          <p className="faint">No row has the focus.</p>
        ) : detail === "json" ? (
          <JsonTree value={record(table, values)} />
        ) : (
          <Fields {...props} values={values} />
        )}
      </Tabs>
    </aside>
  );
}

function Fields({ table, values, column, filter }: Props & { values: readonly unknown[] }) {
  const [all, setAll] = useState(false);
  const isEmpty = (at: number): boolean => values[at] === null || values[at] === undefined || values[at] === "";
  const shown = table.columns.map((_, at) => at).filter((at) => all || at === column || !isEmpty(at));
  // The field that has the focus comes first, so that Space shows a cell whole.
  const first = shown.includes(column) ? [column, ...shown.filter((at) => at !== column)] : shown;
  const left = table.columns.length - shown.length;
  return (
    <dl className="fields">
      {first.map((at) => (
        <div key={at} className={at === column ? "at" : undefined}>
          <dt title={table.columns[at]?.type}>
            {table.columns[at]?.name}
            <span className="field-acts">
              <button type="button" title="Copy" onClick={() => copy(cellText(values[at]))}>
                copy
              </button>
              <button type="button" title="Only rows with this value (+)" onClick={() => filter(at, values[at], true)}>
                +
              </button>
              <button type="button" title="No rows with this value (-)" onClick={() => filter(at, values[at], false)}>
                −
              </button>
            </span>
          </dt>
          <dd>
            <Value value={values[at]} type={table.columns[at]?.type ?? "string"} />
          </dd>
        </div>
      ))}
      {left > 0 && (
        <button type="button" onClick={() => setAll(true)}>
          {left} empty
        </button>
      )}
    </dl>
  );
}

function Value({ value, type }: { value: unknown; type: string }) {
  const { zone } = usePreferences();
  if (value === null || value === undefined || value === "") return <span className="faint">(empty)</span>;
  if (type === "datetime" && typeof value === "string") return <span>{datetimeText(value, zone)}</span>;
  if (type === "dynamic") return <JsonTree value={parsed(value)} />;
  return <LongText text={cellText(value)} />;
}

function Facts({ table, column, filter }: Props) {
  const facts = factsOf(table, column);
  const { type } = table.columns[column] ?? { type: "" };
  const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 3 });
  return (
    <>
      <p className="faint">Of the {number(facts.rows)} rows that are here.</p>
      <table>
        <tbody>
          <Fact name="type" value={type} />
          <Fact name="empty" value={number(facts.empty)} />
          <Fact name="distinct" value={number(facts.distinct)} />
          {facts.least !== undefined && <Fact name="least" value={facts.least} />}
          {facts.most !== undefined && <Fact name="most" value={facts.most} />}
          {facts.average !== undefined && <Fact name="average" value={number(facts.average)} />}
          {facts.sum !== undefined && <Fact name="sum" value={number(facts.sum)} />}
        </tbody>
      </table>
      <h3>Most frequent</h3>
      <ul className="facets">
        {facts.top.map(({ value, count }) => (
          <li key={cellText(value)}>
            <button type="button" onClick={() => filter(column, value, true)} title="Only rows with this value">
              <span className="facet-value">{cellText(value).slice(0, 200)}</span>
              <span className="faint"> {number(count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="long-text">{value.slice(0, 500)}</td>
    </tr>
  );
}
