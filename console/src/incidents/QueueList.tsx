// The rows of the queue in a grid: what is in sight, one with the cursor, some chosen.
import { useCallback, useEffect, useMemo, useRef } from "react";
import { Grid } from "~/parts/Grid";
import { usePreferences } from "~/session/preferences";
import { columnsFor, type QueueColumn } from "./columns";
import { pendingOf } from "./edits";
import { entityKey } from "./rowEntities";
import { useGridWidth } from "./useGridWidth";
import type { Queue } from "./useQueue";
import { show } from "./ViewPickers";

export function QueueList(props: {
  queue: Queue;
  isEvery: boolean;
  entities: ReadonlyMap<string, string>;
  open: (row: number) => void;
  taken: () => void;
}) {
  const { queue, isEvery, entities } = props;
  const { rows, at, chosen, now } = queue;
  const { zone } = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const width = useGridWidth(box, 640);
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
  }, []);
  const columns = useMemo(() => columnsFor(width, isEvery), [width, isEvery]);
  const rowKey = useCallback((row: number) => rows[row]?.id ?? `${row}`, [rows]);
  const toggle = useRef(queue.toggle);
  useEffect(() => {
    toggle.current = queue.toggle;
  });
  // The same function while only the cursor moves: rows that stay are not drawn again.
  const cell = useCallback(
    (row: number, column: number) => {
      const incident = rows[row];
      const shown = columns[column];
      if (!incident || !shown) return null;
      const content = shown.show(incident, {
        now,
        zone,
        isChosen: chosen.has(incident.id),
        isSaving: pendingOf(incident.id) !== undefined,
        toggle: () => toggle.current(incident.id),
        entities: entities.get(entityKey(incident)),
      });
      const isClosed = incident.properties.status === "Closed";
      return isClosed ? <span className={`closed ${shown.key}`}>{content}</span> : content;
    },
    [rows, columns, now, zone, chosen, entities],
  );
  const sortedBy = columns.findIndex((each) => each.orders?.includes(queue.view.order));
  const sorted = sortedBy >= 0 && { column: sortedBy, descending: columns[sortedBy]?.orders?.[0] === queue.view.order };
  return (
    <div className="queue-list" ref={box}>
      <Grid
        label="Incidents"
        columns={columns}
        count={rows.length}
        rowKey={rowKey}
        at={at}
        setAt={(row) => {
          queue.setAt(row);
          props.taken();
        }}
        open={props.open}
        header={(column) => columns[column] && <Head column={columns[column]} queue={queue} />}
        {...(sorted ? { sorted } : {})}
        choose={(row, how) => {
          const from = how === "range" ? Math.min(row, at) : row;
          const to = how === "range" ? Math.max(row, at) : row;
          const ids = rows.slice(from, to + 1).map((each) => each.id);
          if (how === "toggle") ids.forEach(queue.toggle);
          else queue.choose(new Set([...chosen, ...ids]));
        }}
        isChosen={(row) => (chosen.size > 0 ? chosen.has(rows[row]?.id ?? "") : row === at)}
        cell={cell}
      />
    </div>
  );
}

/** A click orders by the column; the box at the left chooses all rows, or none. */
function Head({ column, queue: { view, rows, chosen, choose } }: { column: QueueColumn; queue: Queue }) {
  if (column.key === "chosen") {
    const isAll = chosen.size > 0 && chosen.size === rows.length;
    return (
      <input
        type="checkbox"
        tabIndex={-1}
        checked={isAll}
        aria-label="Choose all rows"
        onChange={() => choose(isAll ? new Set() : new Set(rows.map((each) => each.id)))}
      />
    );
  }
  const [first, second] = column.orders ?? [];
  if (!first) return column.title;
  const next = view.order === first && second ? second : first;
  return (
    <button type="button" tabIndex={-1} className="head" onClick={() => show({ ...view, order: next })}>
      {column.title}
      {view.order === first && <span aria-hidden="true"> ▾</span>}
      {view.order === second && <span aria-hidden="true"> ▴</span>}
    </button>
  );
}
