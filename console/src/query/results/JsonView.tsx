// A result as JSON, line by line; only the lines in sight are in the page.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import type { Table } from "~/api/logs";
import { record } from "../files";

const MOST_ROWS = 1000;
const LONGEST = 2000; // characters of a line
const LINE = 18; // pixels

export function JsonView({ table }: { table: Table }) {
  const lines = useMemo(() => linesOf(table), [table]);
  const scroll = useRef<HTMLDivElement>(null);
  const shown = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  return (
    <div className="json-view">
      {table.rows.length > MOST_ROWS && (
        <p className="faint">
          The first {MOST_ROWS.toLocaleString("en-US")} of {table.rows.length.toLocaleString("en-US")} rows; CSV and the
          API have all.
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard */}
      <div ref={scroll} className="json-lines mono" tabIndex={0} role="region" aria-label="Result as JSON">
        <div style={{ height: shown.getTotalSize(), position: "relative" }}>
          {shown.getVirtualItems().map((line) => (
            <div key={line.key} className="json-line" style={{ top: line.start }}>
              {lines[line.index]}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function linesOf(table: Table): string[] {
  const rows = table.rows.slice(0, MOST_ROWS).map((row) => record(table, row));
  return JSON.stringify(rows, null, 2)
    .split("\n")
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}
