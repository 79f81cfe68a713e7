// The head of a grid: a click on a name sorts, a drag at its edge (or Alt with an arrow) makes the column wider.
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";
import type { GridColumn, GridSort } from "./Grid";
import type { Across } from "./GridRow";

interface Props {
  readonly columns: readonly GridColumn[];
  readonly seen: readonly Across[];
  readonly height: number;
  readonly width: number;
  readonly header: ((column: number) => ReactNode) | undefined;
  readonly sorted: GridSort | undefined;
  readonly sort: ((column: number) => void) | undefined;
  readonly resize: ((column: number, width: number) => void) | undefined;
}

const LEAST = 40; // pixels of a column
const STEP = 24;

export function GridHead(props: Props) {
  const { columns, resize, sorted } = props;
  const resizeBy = (event: KeyboardEvent, column: number, size: number): void => {
    const step = event.key === "ArrowRight" ? STEP : event.key === "ArrowLeft" ? -STEP : 0;
    if (!event.altKey || step === 0 || !resize) return;
    event.preventDefault();
    event.stopPropagation();
    resize(column, Math.max(LEAST, size + step));
  };
  return (
    <div className="grid-head" role="row" aria-rowindex={1} style={{ height: props.height, width: props.width }}>
      {props.seen.map(({ index, start, size }) => {
        const column = columns[index];
        const order = sorted?.column === index ? (sorted.descending ? "descending" : "ascending") : undefined;
        return (
          <div
            key={column?.key}
            role="columnheader"
            aria-colindex={index + 1}
            aria-sort={order}
            style={{ left: start, width: size }}
            className={column?.align}
            title={column?.hint}
          >
            {props.header ? (
              props.header(index)
            ) : props.sort ? (
              <button
                type="button"
                tabIndex={-1}
                className="plain"
                onClick={() => props.sort?.(index)}
                onKeyDown={(event) => resizeBy(event, index, size)}
              >
                {column?.title}
                {order && <span aria-hidden="true">{order === "descending" ? " ▾" : " ▴"}</span>}
              </button>
            ) : (
              column?.title
            )}
            {resize && <Edge width={size} resize={(width) => resize(index, width)} />}
          </div>
        );
      })}
    </div>
  );
}

function Edge({ width, resize }: { width: number; resize: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLSpanElement>): void => {
    event.preventDefault();
    const from = event.clientX;
    const edge = event.currentTarget;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (moved) => resize(Math.max(LEAST, width + moved.clientX - from));
    edge.onpointerup = () => (edge.onpointermove = null);
  };
  return <span className="grid-edge" aria-hidden="true" onPointerDown={drag} />;
}
