// One row of a grid, drawn anew only when something of its own changes: scrolling draws rows that come into sight.
import { memo, type HTMLAttributes, type MouseEvent, type ReactNode } from "react";
import type { GridColumn } from "./Grid";

export interface Across {
  readonly index: number;
  readonly start: number;
  readonly size: number;
}

interface Props {
  readonly id: string;
  readonly row: number;
  readonly top: number;
  readonly height: number;
  readonly width: number;
  readonly columns: readonly GridColumn[];
  readonly seen: readonly Across[];
  readonly cell: (row: number, column: number) => ReactNode;
  readonly isAt: boolean;
  /** The column of the cell with the focus; -1 is none. */
  readonly atColumn: number;
  readonly isChosen: boolean;
  readonly click: (row: number, column: number, event: MouseEvent) => void;
  readonly open: (row: number) => void;
  /** Put a row where another stands; absent where rows are not dragged. */
  readonly drag: ((from: number, to: number) => void) | undefined;
}

export const GridRow = memo(function GridRow(props: Props) {
  const { row, columns } = props;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid has the keys
    <div
      id={props.id}
      role="row"
      tabIndex={-1}
      aria-rowindex={row + 2}
      aria-selected={props.isChosen}
      className={props.isAt ? "at" : undefined}
      style={{ top: props.top, height: props.height, width: props.width }}
      onClick={(event) => {
        const cell = (event.target as Element).closest("[aria-colindex]");
        props.click(row, Number(cell?.getAttribute("aria-colindex") ?? 1) - 1, event);
      }}
      onDoubleClick={() => props.open(row)}
      {...(props.drag ? dragged(row, props.drag) : {})}
    >
      {props.seen.map(({ index, start, size }) => (
        <div
          key={columns[index]?.key}
          id={props.isAt && index === props.atColumn ? `${props.id}-cell` : undefined}
          role="gridcell"
          aria-colindex={index + 1}
          style={{ left: start, width: size }}
          className={cellClass(columns[index], index === props.atColumn && props.isAt)}
        >
          {props.cell(row, index)}
        </div>
      ))}
    </div>
  );
});

function cellClass(column: GridColumn | undefined, isAt: boolean): string | undefined {
  return [column?.align, isAt ? "at-cell" : ""].filter(Boolean).join(" ") || undefined;
}

const DRAGGED = "application/x-vedette-row";

/** What makes a row one that can be dragged to the place of another. */
function dragged(row: number, move: (from: number, to: number) => void): HTMLAttributes<HTMLDivElement> {
  return {
    draggable: true,
    onDragStart: (event) => event.dataTransfer.setData(DRAGGED, String(row)),
    onDragOver: (event) => {
      if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
    },
    onDrop: (event) => {
      const from = event.dataTransfer.getData(DRAGGED);
      if (from !== "") move(Number(from), row);
      event.preventDefault();
    },
  };
}
