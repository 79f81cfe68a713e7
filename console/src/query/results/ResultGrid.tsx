// A result as a grid: sorted and resized by its head, columns hidden, found in, copied from, filtered by a cell, with the
// details of the row beside it.
import { useCallback, useEffect, useMemo, useState, type KeyboardEvent } from "react";
import type { Table } from "~/api/logs";
import { useActions } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { Grid } from "~/parts/Grid";
import { Menu } from "~/parts/Menu";
import { usePreferences } from "~/session/preferences";
import { cellText, tsv } from "~/parts/sheet";
import { record } from "../files";
import { DetailPanel, type Detail } from "./DetailPanel";
import { FindBox } from "./FindBox";
import { ordered, type Order } from "./rows";
import { emptyColumns, gridColumns, shortText } from "./shown";
import { useFind } from "./useFind";
import { useSelection } from "./useSelection";

interface Props {
  readonly table: Table;
  readonly filter: (column: number, value: unknown, isWanted: boolean) => void;
  readonly bookmark: (rows: readonly (readonly unknown[])[]) => void;
}

export function ResultGrid({ table, filter, bookmark }: Props) {
  const { zone } = usePreferences();
  const [order, setOrder] = useState<Order>();
  const empty = useMemo(() => emptyColumns(table), [table]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(empty);
  const [widths, setWidths] = useState<Readonly<Record<string, number>>>({});
  const [detail, setDetail] = useState<Detail>();
  const [text, setText] = useState("");
  const rows = useMemo(() => ordered(table, order), [table, order]);
  const all = useMemo(() => gridColumns(table), [table]);
  const shown = useMemo(() => all.map((_, at) => at).filter((at) => !hidden.has(at)), [all, hidden]);
  const columns = useMemo(
    () => shown.map((at) => ({ ...all[at]!, width: widths[all[at]!.key] ?? all[at]!.width })),
    [all, shown, widths],
  );
  useEffect(() => {
    const frame = requestAnimationFrame(() => performance.mark("result-drawn"));
    return () => cancelAnimationFrame(frame);
  }, [table]);
  const selection = useSelection(rows);
  const { at, atColumn, chosen } = selection;
  const found = useFind(table, rows, shown, text);
  const places = useMemo(() => new Set(found.places), [found]);
  const cell = useCallback(
    (place: number, column: number) => {
      const source = shown[column]!;
      const short = shortText(table.rows[rows[place]!]?.[source], table.columns[source]!.type, zone);
      return places.has(place) && text && short.toLowerCase().includes(text.toLowerCase()) ? (
        <mark>{short}</mark>
      ) : (
        short
      );
    },
    [table, rows, shown, zone, places, text],
  );
  const row = rows[at] ?? -1;
  const column = shown[atColumn] ?? 0;
  const value = table.rows[row]?.[column];
  const picked = (): (readonly unknown[])[] =>
    (chosen.size > 0 ? [...rows].filter((each) => chosen.has(each)) : [row]).flatMap((each) => {
      const found = table.rows[each];
      return found ? [found] : [];
    });
  const toggle = (next: Detail): void => setDetail(detail === next ? undefined : next);
  const copyRows = (): void => copy(tsv(table, picked(), true), `${picked().length} rows copied`);
  const copyCell = (): void => copy(cellText(value), "Cell copied");
  useActions({
    "query.next": () => selection.step(1, false),
    "query.previous": () => selection.step(-1, false),
    "query.choose": () => selection.choose(at, "toggle"),
    "query.chooseNext": () => selection.step(1, true),
    "query.choosePrevious": () => selection.step(-1, true),
    "query.include": () => filter(column, value, true),
    "query.exclude": () => filter(column, value, false),
    "query.open": () => toggle("row"),
    "query.facts": () => toggle("column"),
    "query.bookmark": () => bookmark(picked()),
    "query.copyCell": copyCell,
    "query.copyRows": copyRows,
    "query.copyJson": () =>
      copy(
        JSON.stringify(
          picked().map((each) => record(table, each)),
          null,
          2,
        ),
        `${picked().length} rows copied`,
      ),
  });
  const keyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === " ") toggle("row");
    else if (event.key === "Escape" && detail) setDetail(undefined);
    else if (event.key === "Escape" && chosen.size > 0) selection.clear();
    else if (event.shiftKey && event.key === "ArrowDown") selection.step(1, true);
    else if (event.shiftKey && event.key === "ArrowUp") selection.step(-1, true);
    else if (event.key === "c" && (event.ctrlKey || event.metaKey) && !getSelection()?.toString())
      if (chosen.size > 0) copyRows();
      else copyCell();
    else return;
    event.preventDefault();
  };
  const isChosen = useCallback((place: number) => chosen.has(rows[place]!), [chosen, rows]);
  return (
    <div className="result-grid">
      <div className="row result-tools">
        <FindBox text={text} setText={setText} found={found} at={at} goTo={selection.setAt} />
        <Menu
          label={hidden.size > 0 ? `Columns (${hidden.size} ${hidden === empty ? "empty " : ""}hidden)` : "Columns"}
          items={[
            ...(hidden.size > 0 ? [{ key: "all", label: "Show all", run: () => setHidden(new Set()) }] : []),
            ...(hidden !== empty && empty.size > 0
              ? [{ key: "empty", label: `Hide the ${empty.size} empty ones`, run: () => setHidden(empty) }]
              : []),
            ...all.map(({ key, title }, index) => ({
              key,
              label: title,
              checked: !hidden.has(index),
              run: () => setHidden(changed(hidden, index, all.length)),
            })),
          ]}
        />
        <span className="faint">
          {order ? `sorted by ${all[order.column]?.title}` : "in the answer's order"}
          {chosen.size > 0 && ` · ${chosen.size} selected`}
        </span>
      </div>
      <div className={detail ? "result-body with-detail" : "result-body"}>
        <Grid
          label="Result"
          columns={columns}
          count={rows.length}
          cell={cell}
          at={at}
          setAt={selection.setAt}
          atColumn={atColumn}
          setAtColumn={selection.setAtColumn}
          isChosen={isChosen}
          choose={selection.choose}
          open={() => setDetail("row")}
          sorted={order && { column: shown.indexOf(order.column), descending: order.descending }}
          onSort={(index) => setOrder(nextOrder(order, shown[index]!))}
          onResize={(index, width) => setWidths({ ...widths, [columns[index]!.key]: width })}
          onKeyDown={keyDown}
        />
        {detail && (
          <DetailPanel table={table} row={row} column={column} detail={detail} show={setDetail} filter={filter} />
        )}
      </div>
    </div>
  );
}

/** A click sorts upwards, the next downwards, the third as the answer has it. */
function nextOrder(order: Order | undefined, column: number): Order | undefined {
  if (order?.column !== column) return { column, descending: false };
  return order.descending ? undefined : { column, descending: true };
}

/** Hide or show a column; the last one stays. */
function changed(hidden: ReadonlySet<number>, column: number, count: number): ReadonlySet<number> {
  const next = new Set(hidden);
  if (!next.delete(column) && next.size < count - 1) next.add(column);
  return next;
}
