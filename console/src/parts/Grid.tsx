// A grid of many rows and columns of which only what is in sight is in the page: real text, one row with the focus.
// https://www.w3.org/WAI/ARIA/apg/patterns/grid/
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";

export interface GridColumn {
  readonly key: string;
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly align?: "right";
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  readonly cell: (row: number, column: number) => ReactNode;
  /** What makes a row itself over changes of the list. */
  readonly rowKey?: (row: number) => string;
  /** The row that has the focus; -1 is none. */
  readonly at: number;
  readonly setAt: (row: number) => void;
  readonly open?: (row: number) => void;
  readonly isChosen?: (row: number) => boolean;
  readonly header?: (column: number) => ReactNode;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

const ROW = { compact: 26, comfortable: 34 };

/** Rows have one height, so that the place of each is known without drawing it. */
export function rowHeight(): number {
  return document.documentElement.dataset["density"] === "comfortable" ? ROW.comfortable : ROW.compact;
}

export function Grid(props: GridProps) {
  const { columns, count, at, setAt } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    overscan: 12,
    getItemKey: props.rowKey ?? ((row) => row),
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroll.current,
    estimateSize: (column) => columns[column]?.width ?? 120,
    overscan: 4,
  });
  useEffect(() => across.measure(), [across, columns]);
  useEffect(() => {
    if (at >= 0 && at < count) rows.scrollToIndex(at, { align: "auto" });
  }, [rows, at, count]);
  const seen = across.getVirtualItems();
  const move = (event: KeyboardEvent): void => {
    props.onKeyDown?.(event);
    if (event.defaultPrevented || event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight()) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    if (step !== undefined) setAt(Math.max(0, Math.min(count - 1, at + step)));
    else if (event.key === "Home" && event.ctrlKey) setAt(0);
    else if (event.key === "End" && event.ctrlKey) setAt(count - 1);
    else if (event.key === "Enter" && at >= 0 && props.open) props.open(at);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="grid"
      ref={scroll}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={at >= 0 ? `${props.label}-row-${at}`.replaceAll(/\s/g, "-") : undefined}
      onKeyDown={move}
    >
      <div style={{ width: across.getTotalSize(), height: rows.getTotalSize() + rowHeight() }} role="presentation">
        <div
          className="grid-head"
          role="row"
          aria-rowindex={1}
          style={{ height: rowHeight(), width: across.getTotalSize() }}
        >
          {seen.map(({ index, start, size }) => (
            <div
              key={columns[index]?.key}
              role="columnheader"
              aria-colindex={index + 1}
              style={{ left: start, width: size }}
              className={columns[index]?.align}
            >
              {props.header ? props.header(index) : columns[index]?.title}
            </div>
          ))}
        </div>
        {rows.getVirtualItems().map((row) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid has the keys
          <div
            key={row.key}
            id={`${props.label}-row-${row.index}`.replaceAll(/\s/g, "-")}
            role="row"
            tabIndex={-1}
            aria-rowindex={row.index + 2}
            aria-selected={props.isChosen?.(row.index) ?? row.index === at}
            className={row.index === at ? "at" : undefined}
            style={{ top: row.start + rowHeight(), height: row.size, width: across.getTotalSize() }}
            onClick={() => setAt(row.index)}
            onDoubleClick={() => props.open?.(row.index)}
          >
            {seen.map(({ index, start, size }) => (
              <div
                key={columns[index]?.key}
                role="gridcell"
                aria-colindex={index + 1}
                style={{ left: start, width: size }}
                className={columns[index]?.align}
              >
                {props.cell(row.index, index)}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
