// A grid of many rows and columns of which only what is in sight is in the page: real text, one row with the focus, and
// one cell of it where the page says so.
// https://www.w3.org/WAI/ARIA/apg/patterns/grid/
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from "react";
import { GridHead } from "./GridHead";
import { GridRow, type Across } from "./GridRow";

export interface GridColumn {
  readonly key: string;
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly align?: "right";
  /** What is told of the column when the mouse rests on its head, such as its type. */
  readonly hint?: string;
}

export interface GridSort {
  readonly column: number;
  readonly descending: boolean;
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  /** Draws a cell. Where it is the same function from one render to the next, rows that stay are not drawn again. */
  readonly cell: (row: number, column: number) => ReactNode;
  /** What makes a row itself over changes of the list. */
  readonly rowKey?: (row: number) => string;
  /** The row that has the focus; -1 is none. */
  readonly at: number;
  readonly setAt: (row: number) => void;
  /** The column that has the focus in its row; absent where only rows have it. */
  readonly atColumn?: number;
  readonly setAtColumn?: (column: number) => void;
  readonly open?: (row: number) => void;
  readonly isChosen?: (row: number) => boolean;
  /** A click with Shift or Ctrl on a row, for choosing several. */
  readonly choose?: (row: number, how: "range" | "toggle") => void;
  readonly header?: (column: number) => ReactNode;
  readonly sorted?: GridSort;
  readonly onSort?: (column: number) => void;
  readonly onResize?: (column: number, width: number) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  /** Put a row where another stands: by dragging it, or with Shift and an arrow. */
  readonly move?: (from: number, to: number) => void;
}

const ROW = { compact: 26, comfortable: 34 };
const NO_CELL = -1;

/** Rows have one height, so that the place of each is known without drawing it. */
export function rowHeight(): number {
  return document.documentElement.dataset["density"] === "comfortable" ? ROW.comfortable : ROW.compact;
}

export function Grid(props: GridProps) {
  const { columns, count, at, setAt, atColumn = NO_CELL, isChosen } = props;
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const height = rowHeight();
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    overscan: 8,
    ...(props.rowKey ? { getItemKey: props.rowKey } : {}),
    scrollPaddingStart: height,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroll.current,
    estimateSize: (column) => columns[column]?.width ?? 120,
    overscan: 2,
  });
  useEffect(() => across.measure(), [across, columns]);
  useEffect(() => {
    if (at >= 0 && at < count) rows.scrollToIndex(at, { align: "auto" });
  }, [rows, at, count]);
  useEffect(() => {
    if (atColumn >= 0) across.scrollToIndex(atColumn, { align: "auto" });
  }, [across, atColumn]);
  const seen = useSame(across.getVirtualItems());
  const width = across.getTotalSize();
  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });
  const click = useCallback((row: number, column: number, event: MouseEvent) => {
    const { choose, setAtColumn } = newest.current;
    if (choose && (event.shiftKey || event.ctrlKey || event.metaKey)) choose(row, event.shiftKey ? "range" : "toggle");
    newest.current.setAt(row);
    setAtColumn?.(column);
  }, []);
  const open = useCallback((row: number) => newest.current.open?.(row), []);
  const drag = useCallback((from: number, to: number) => newest.current.move?.(from, to), []);
  const move = (event: KeyboardEvent): void => {
    props.onKeyDown?.(event);
    if (event.defaultPrevented || event.target !== event.currentTarget) return;
    if (event.shiftKey && props.move && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      props.move(at, at + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    const sideways = props.setAtColumn && !event.altKey ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined;
    if (step !== undefined) setAt(Math.max(0, Math.min(count - 1, at + step)));
    else if (sideways) props.setAtColumn?.(Math.max(0, Math.min(columns.length - 1, atColumn + sideways)));
    else if (event.key === "Home") (event.ctrlKey || !props.setAtColumn ? setAt : props.setAtColumn)(0);
    else if (event.key === "End")
      if (event.ctrlKey || !props.setAtColumn) setAt(count - 1);
      else props.setAtColumn(columns.length - 1);
    else if (event.key === "Enter" && at >= 0 && props.open) props.open(at);
    else return;
    event.preventDefault();
  };
  const rowId = (row: number): string => `${id}row${row}`;
  const isInSight = at >= 0 && rows.getVirtualItems().some((row) => row.index === at);
  const isCellInSight = isInSight && seen.some((each) => each.index === atColumn);
  return (
    <div
      className="grid"
      ref={scroll}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-multiselectable={isChosen ? true : undefined}
      aria-activedescendant={isCellInSight ? `${rowId(at)}-cell` : isInSight ? rowId(at) : undefined}
      onKeyDown={move}
    >
      <div style={{ width, height: rows.getTotalSize() + height }} role="presentation">
        <GridHead
          columns={columns}
          seen={seen}
          height={height}
          width={width}
          header={props.header}
          sorted={props.sorted}
          sort={props.onSort}
          resize={props.onResize}
        />
        {rows.getVirtualItems().map((row) => (
          <GridRow
            key={row.key}
            id={rowId(row.index)}
            row={row.index}
            top={row.start + height}
            height={height}
            width={width}
            columns={columns}
            seen={seen}
            cell={props.cell}
            isAt={row.index === at}
            atColumn={row.index === at ? atColumn : NO_CELL}
            isChosen={isChosen?.(row.index) ?? row.index === at}
            click={click}
            open={open}
            drag={props.move && drag}
          />
        ))}
      </div>
    </div>
  );
}

/** The same list as before while it holds the same columns at the same places. */
function useSame(items: readonly Across[]): readonly Across[] {
  const key = items.map(({ index, start, size }) => `${index}:${start}:${size}`).join(" ");
  // oxlint-disable-next-line react/exhaustive-deps -- the key tells of every change
  return useMemo(() => items.map(({ index, start, size }) => ({ index, start, size })), [key]);
}
