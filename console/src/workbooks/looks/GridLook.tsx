// The grid of a workbook: formatted cells, sorting, finding, trees, and rows that are chosen for parameters.
import { useMemo, useState, type ReactNode } from "react";
import { Grid, rowHeight, type GridColumn } from "~/parts/Grid";
import { AUTOMATIC, boundsOf, formatterFor, formattersOf, type Bounds, type Formatter } from "../model/formatters";
import { aggregate, hierarchyOf, shownRows, sortOf, treeRows, type GridRow, type Sort } from "../model/gridRows";
import { isJson, listOf, numberOf, textOf, type Json } from "../model/json";
import { Cell, useCellText } from "./Cell";
import { download } from "~/parts/download";
import { csv } from "~/parts/sheet";
import type { LookProps } from "./Look";

const FREE_WIDTH = 900; // pixels that a width in percent is of
const CHARACTER = 7.5;

interface GridShape {
  /** The columns of the table that are shown, by their places in it. */
  readonly shown: readonly number[];
  readonly formatters: readonly Formatter[];
  readonly bounds: readonly Bounds[];
  readonly columns: readonly GridColumn[];
}

export function GridLook(props: LookProps) {
  const { result, label, height, choose, chosen, several, write } = props;
  const { table } = result;
  const settings = props.settings.grid;
  const names = useMemo(() => table.columns.map((each) => each.name), [table]);
  const text = useCellText();
  const hierarchy = useMemo(() => hierarchyOf(settings, names), [settings, names]);
  const shape = useMemo(
    () => shapeOf(props, hierarchy.kind === "group" ? hierarchy.columns : [], text),
    [props, hierarchy, text],
  );
  const [find, setFind] = useState("");
  const [sort, setSort] = useState<Sort | undefined>(() => sortOf(settings, props.settings.sortBy, names));
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  const limit = numberOf(settings["rowLimit"]);
  const flat = useMemo(() => shownRows(table, find, sort, limit), [table, find, sort, limit]);
  const rows = useMemo(() => treeRows(table, flat, hierarchy, toggled), [table, flat, hierarchy, toggled]);
  const isTree = hierarchy.kind !== "none";
  const expander = hierarchy.kind === "parent" && hierarchy.expander >= 0 ? shape.shown.indexOf(hierarchy.expander) : 0;
  const take = (row: number): void => {
    setAt(row);
    const found = rows[row];
    if (!choose || !found) return;
    const members = found.at >= 0 ? [found.at] : found.members;
    const has = members.every((each) => chosen.includes(each));
    if (!several) choose(members.slice(0, 1));
    else
      choose(
        has
          ? chosen.filter((each) => !members.includes(each))
          : [...chosen, ...members.filter((each) => !chosen.includes(each))],
      );
  };
  const toggle = (key: string): void => {
    const next = new Set(toggled);
    if (!next.delete(key)) next.add(key);
    setToggled(next);
  };
  const cut = limit !== undefined && table.rows.length > limit;
  const hasTools = settings["filter"] === true || cut || props.canDownload;
  const tall = Math.min(height, (rows.length + 1) * rowHeight() + 20);
  return (
    <div className="wb-grid">
      {hasTools && (
        <div className="row">
          {settings["filter"] === true && (
            <input
              type="search"
              aria-label={`Find in ${label}`}
              placeholder="Find"
              value={find}
              onChange={(event) => setFind(event.target.value)}
            />
          )}
          {find !== "" && <span className="faint">{flat.length} rows</span>}
          {cut && (
            <span className="faint">
              the first {limit} of {table.rows.length} rows
            </span>
          )}
          <span className="grow" />
          {props.canDownload && (
            <button
              type="button"
              onClick={() => download(`${label.replaceAll(/[^\w-]+/g, "-")}.csv`, "text/csv", csv(table))}
            >
              CSV
            </button>
          )}
        </div>
      )}
      <div style={{ height: tall }}>
        <Grid
          label={label}
          columns={shape.columns}
          count={rows.length}
          at={at}
          setAt={take}
          rowKey={(row) => rows[row]?.key ?? `${row}`}
          isChosen={(row) => isChosen(rows[row], chosen, row === at)}
          header={(column) => (
            <Heading
              title={shape.columns[column]?.title ?? ""}
              sort={sort?.column === shape.shown[column] ? (sort?.descending ? "↓" : "↑") : ""}
              press={() => setSort(nextSort(sort, shape.shown[column] ?? 0))}
            />
          )}
          cell={(row, column) => {
            const found = rows[row];
            if (!found) return null;
            const inside = (
              <OneCell
                found={found}
                column={column}
                shape={shape}
                table={table}
                write={write}
                isLead={isTree && column === expander}
              />
            );
            return isTree && column === expander ? (
              <Branch
                row={found}
                label={text(found.group || table.rows[found.at]?.[shape.shown[column] ?? 0], undefined, AUTOMATIC)}
                toggle={() => toggle(found.key)}
              >
                {inside}
              </Branch>
            ) : (
              inside
            );
          }}
        />
      </div>
    </div>
  );
}

function isChosen(row: GridRow | undefined, chosen: readonly number[], isAt: boolean): boolean {
  if (!row || chosen.length === 0) return isAt;
  return row.members.every((each) => chosen.includes(each));
}

function nextSort(sort: Sort | undefined, column: number): Sort | undefined {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? undefined : { column, descending: true };
}

function Heading({ title, sort, press }: { title: string; sort: string; press: () => void }) {
  return (
    <button type="button" className="wb-heading" tabIndex={-1} onClick={press}>
      {title} {sort && <span aria-label={sort === "↑" ? "ascending" : "descending"}>{sort}</span>}
    </button>
  );
}

function Branch(props: { row: GridRow; label: string; toggle: () => void; children: ReactNode }) {
  const { row, toggle } = props;
  return (
    <span className="wb-branch" style={{ paddingLeft: row.depth * 16 }}>
      {row.hasChildren ? (
        <button
          type="button"
          className="wb-twist"
          aria-label={`Open or close ${props.label || "this"}`}
          onClick={(event) => {
            event.stopPropagation();
            toggle();
          }}
        >
          ▸
        </button>
      ) : (
        <span className="wb-twist" />
      )}
      {props.children}
    </span>
  );
}

function OneCell(props: {
  found: GridRow;
  column: number;
  shape: GridShape;
  table: LookProps["result"]["table"];
  write: LookProps["write"];
  isLead: boolean;
}) {
  const { found, shape, table } = props;
  const at = shape.shown[props.column] ?? 0;
  const formatter = shape.formatters[props.column] ?? AUTOMATIC;
  const bounds = shape.bounds[props.column] ?? { least: 0, most: 0 };
  const isGroup = found.at < 0;
  if (isGroup && props.isLead) return <strong>{`${found.group || "(empty)"} (${found.members.length})`}</strong>;
  const value = isGroup
    ? aggregate(table, found.members, at, textOf(formatter.options["aggregation"]))
    : table.rows[found.at]?.[at];
  if (isGroup && value === null) return null;
  const cells = table.rows[isGroup ? (found.members[0] ?? 0) : found.at] ?? [];
  const row = Object.fromEntries(table.columns.map((column, index) => [column.name, cells[index]]));
  return (
    <Cell
      value={value}
      column={table.columns[at]}
      formatter={formatter}
      bounds={bounds}
      row={row}
      write={props.write}
    />
  );
}

function shapeOf(props: LookProps, grouped: readonly number[], text: ReturnType<typeof useCellText>): GridShape {
  const { table } = props.result;
  const settings = props.settings.grid;
  const formatters = formattersOf(settings);
  const lead = grouped[0];
  const order =
    lead === undefined
      ? table.columns.map((_each, at) => at)
      : [lead, ...table.columns.map((_each, at) => at).filter((at) => !grouped.includes(at))];
  const shown = order.filter(
    (at) => at === lead || formatterFor(table.columns[at]?.name ?? "", formatters).look !== "hidden",
  );
  const each = shown.map((at) => formatterFor(table.columns[at]?.name ?? "", formatters));
  const labels = new Map(
    listOf(settings["labelSettings"])
      .filter(isJson)
      .map((label) => [textOf(label["columnId"]), textOf(label["label"])]),
  );
  return {
    shown,
    formatters: each,
    bounds: shown.map((at, index) =>
      boundsOf(
        table.rows.map((row) => row[at]),
        each[index]?.options ?? {},
      ),
    ),
    columns: shown.map((at, index) => {
      const column = table.columns[at];
      const formatter = each[index] ?? AUTOMATIC;
      const title = labels.get(column?.name ?? "") || column?.name || "";
      const isNumber = ["int", "long", "real", "decimal"].includes(column?.type ?? "");
      const sample = table.rows.slice(0, 50).map((row) => text(row[at], column, formatter).length);
      const asked = widthOf(formatter.options);
      const isLead = at === lead || (isJson(settings["hierarchySettings"]) && index === 0);
      return {
        key: `${at}`,
        title,
        width:
          asked ??
          Math.max(
            70,
            Math.min(420, CHARACTER * Math.max(1.15 * title.length + 3, ...sample) + 18 + (isLead ? 70 : 0)),
          ),
        ...((isNumber && formatter.look === "automatic") || formatter.look === "right"
          ? { align: "right" as const }
          : {}),
      };
    }),
  };
}

/** `25ch`, `40%`, `200px`. */
function widthOf(options: Json): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(ch|%|px|fr)?$/.exec(textOf(options["customColumnWidthSetting"]).trim());
  if (!found) return undefined;
  const amount = Number(found[1]);
  const unit = found[2] ?? "px";
  if (unit === "fr") return undefined;
  const pixels = unit === "ch" ? amount * CHARACTER + 16 : unit === "%" ? (amount / 100) * FREE_WIDTH : amount;
  return Math.max(40, Math.min(1200, pixels));
}
