// One value as a text or as a large number.
import { Markdown } from "~/parts/Markdown";
import { formatterOf } from "../model/formatters";
import { objectOf, textOf } from "../model/json";
import { Cell } from "./Cell";
import type { LookProps } from "./Look";

export function StatLook({ look, result, settings, label, write }: LookProps) {
  const { table } = result;
  const own = look === "stat" ? settings.stat : settings.text;
  const formatter = formatterOf(objectOf(own["valueField"] ? { columnMatch: own["valueField"], ...own } : own));
  const named = table.columns.findIndex((column) => column.name === textOf(own["valueField"] ?? own["columnMatch"]));
  const at = Math.max(0, named);
  const cells = table.rows[0] ?? [];
  const row = Object.fromEntries(table.columns.map((column, index) => [column.name, cells[index]]));
  const style = textOf(own["style"]).toLowerCase();
  if (look === "text" && style === "markdown") return <Markdown text={textOf(cells[at])} />;
  return (
    <div className={`wb-stat ${/^[a-z]+$/.test(style) ? style : ""}`} aria-label={label} role="group">
      <span className={look === "stat" || style === "bignumber" || style === "header" ? "wb-big" : undefined}>
        <Cell
          value={cells[at]}
          column={table.columns[at]}
          formatter={formatter}
          bounds={{ least: 0, most: 0 }}
          row={row}
          write={write}
        />
      </span>
    </div>
  );
}
