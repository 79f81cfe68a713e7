// Tiles: a small card for each row.
import { useMemo } from "react";
import { boundsOf, formatterOf, type Formatter } from "../model/formatters";
import { compareCells } from "../model/gridRows";
import { isJson, numberOf, textOf } from "../model/json";
import { Cell } from "./Cell";
import type { LookProps } from "./Look";

const PARTS = ["titleContent", "subtitleContent", "leftContent", "rightContent", "secondaryContent"] as const;
const MOST = 500;

type Parts = Readonly<Partial<Record<(typeof PARTS)[number], Formatter>>>;

export function TilesLook({ result, settings, label, choose, chosen, several, write }: LookProps) {
  const { table } = result;
  const tiles = settings.tiles;
  const parts = useMemo((): Parts => {
    const found = PARTS.flatMap((name) => (isJson(tiles[name]) ? [[name, formatterOf(tiles[name])] as const] : []));
    return found.length > 0 ? Object.fromEntries(found) : partsOf(table.columns.map((each) => each.name));
  }, [tiles, table]);
  const limit = Math.min(numberOf(tiles["rowLimit"]) ?? MOST, MOST);
  const rows = useMemo(() => {
    const column = table.columns.findIndex((each) => each.name === textOf(tiles["sortCriteriaField"]));
    const all = table.rows.map((_row, at) => at);
    if (column < 0) return all.slice(0, limit);
    const turn = numberOf(tiles["sortOrderField"]) === 2 ? -1 : 1;
    return all.sort((a, b) => turn * compareCells(table.rows[a]?.[column], table.rows[b]?.[column])).slice(0, limit);
  }, [table, tiles, limit]);
  const bounds = useMemo(
    () =>
      Object.fromEntries(
        Object.entries(parts).map(([name, formatter]) => {
          const at = table.columns.findIndex((each) => each.name === formatter.match);
          return [
            name,
            boundsOf(
              table.rows.map((row) => row[at]),
              formatter.options,
            ),
          ];
        }),
      ),
    [parts, table],
  );
  const part = (name: (typeof PARTS)[number], at: number) => {
    const formatter = parts[name];
    if (!formatter) return null;
    const cells = table.rows[at] ?? [];
    const index = table.columns.findIndex((each) => each.name === formatter.match);
    const row = Object.fromEntries(table.columns.map((column, i) => [column.name, cells[i]]));
    return (
      <span className={`wb-tile-${name.replace("Content", "")}`}>
        <Cell
          value={cells[index]}
          column={table.columns[index]}
          formatter={formatter}
          bounds={bounds[name] ?? { least: 0, most: 0 }}
          row={row}
          write={write}
        />
      </span>
    );
  };
  const size = textOf(tiles["size"], "auto");
  return (
    <>
      <ul className={`wb-tiles ${size}${tiles["showBorder"] === false ? "" : " bordered"}`} aria-label={label}>
        {rows.map((at) => {
          const inside = PARTS.map((name) => <span key={name}>{part(name, at)}</span>);
          return (
            <li key={at} className={chosen.includes(at) ? "chosen" : undefined}>
              {choose ? (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the button inside has the keys
                <div className="wb-tile" onClick={() => choose(next(chosen, at, several))}>
                  {inside}
                  <button
                    type="button"
                    className="wb-pick"
                    aria-pressed={chosen.includes(at)}
                    onClick={(event) => {
                      event.stopPropagation();
                      choose(next(chosen, at, several));
                    }}
                  >
                    {chosen.includes(at) ? "chosen" : "choose"}
                  </button>
                </div>
              ) : (
                <div className="wb-tile">{inside}</div>
              )}
            </li>
          );
        })}
      </ul>
      {table.rows.length > rows.length && (
        <p className="faint">
          {rows.length} of {table.rows.length} tiles
        </p>
      )}
    </>
  );
}

function next(chosen: readonly number[], at: number, several: boolean): readonly number[] {
  if (chosen.includes(at)) return chosen.filter((each) => each !== at);
  return several ? [...chosen, at] : [at];
}

/** Without settings, the first column is the title and the second the number. */
function partsOf(columns: readonly string[]): Parts {
  const of = (name: string | undefined, formatter: number): Formatter | undefined =>
    name === undefined ? undefined : formatterOf({ columnMatch: name, formatter });
  const [title, left] = [of(columns[0], 1), of(columns[1], 12)];
  return { ...(title ? { titleContent: title } : {}), ...(left ? { leftContent: left } : {}) };
}
