// A query item: its title, its rows drawn as the workbook says, and what stands there while there are none.
import { useEffect, useMemo, useState } from "react";
import { Failed } from "~/parts/states";
import { useCells, useItemPlace, useShown } from "../context";
import type { Result } from "../data/fetchTable";
import { useTable } from "../data/useTable";
import { Look } from "../looks/Look";
import { lookOf, unrenderedLook } from "../looks/kinds";
import { dependenciesOf } from "../model/dependencies";
import { exported } from "../model/export";
import type { QueryItem } from "../model/item";
import { choiceNow, type Scope } from "../model/scope";
import { substitute } from "../model/substitute";
import { plain, type ParameterValue } from "../model/values";
import { NotRendered } from "../NotRendered";

const HEIGHTS: Readonly<Record<number, number>> = { 0: 300, 1: 200, 2: 460, 3: 620, 4: 140 };

export function QueryView({ item, isSeen }: { item: QueryItem; isSeen: boolean }) {
  const { scope } = useItemPlace();
  const { now } = useShown();
  const names = useMemo(() => dependenciesOf(item), [item]);
  const cells = useCells(scope, names);
  const { resolution, answer } = useTable(item.query, isSeen, NONE);
  const write = useMemo(
    () =>
      (text: string, row?: Readonly<Record<string, unknown>>): string =>
        cells === "" ? text : substitute(text, { valueOf: scope.valueOf, into: "text", now, ...(row ? { row } : {}) }),
    [scope, now, cells],
  );
  const settings = useMemo(() => written(item.settings, write), [item, write]);
  const unrendered = resolution.state === "unsupported" ? resolution.what : unrenderedLook(item.visualization);
  if (unrendered) return <NotRendered what={unrendered} raw={item.raw} />;
  const title = write(item.title);
  return (
    <div className="wb-query" aria-busy={answer.isFetching || undefined}>
      <div className="wb-query-head row">
        {title && <h3>{title}</h3>}
        {answer.isFetching && <span className="faint">running …</span>}
        <span className="grow" />
        {item.canRefresh && (
          <button type="button" aria-label={`Ask ${title || "this"} anew`} onClick={() => void answer.refetch()}>
            ⟳
          </button>
        )}
      </div>
      {resolution.state === "unset" && (
        <p className="state">
          This waits for {resolution.names.map((name) => `“${name}”`).join(", ")}, without a value as yet.
        </p>
      )}
      {resolution.state === "wrong" && <p className="state failed">{resolution.message}</p>}
      {answer.isError && resolution.state === "ready" && (
        <Failed error={answer.error} again={() => void answer.refetch()} />
      )}
      {answer.data && resolution.state === "ready" && !answer.isError ? (
        <Rows item={item} settings={settings} result={answer.data} title={title} write={write} />
      ) : (
        (resolution.state === "waiting" || (resolution.state === "ready" && !answer.isError)) && (
          <div className="wb-place" style={{ height: HEIGHTS[item.size] ?? 300 }} />
        )
      )}
    </div>
  );
}

const NONE: readonly string[] = [];

type Write = (text: string, row?: Readonly<Record<string, unknown>>) => string;

/** Settings with parameters in them: titles of columns, thresholds, colours. */
function written(settings: QueryItem["settings"], write: Write): QueryItem["settings"] {
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return value.includes("{") ? write(value) : value;
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, deep(each)]));
    }
    return value;
  };
  return deep(settings) as QueryItem["settings"];
}

function Rows(props: {
  item: QueryItem;
  settings: QueryItem["settings"];
  result: Result;
  title: string;
  write: Write;
}) {
  const { item, result, title, write } = props;
  const { scope } = useItemPlace();
  const [chosen, setChosen] = useState<{ of: Result; rows: readonly number[] }>({ of: result, rows: [] });
  const rows = chosen.of === result ? chosen.rows : [];
  useEffect(() => {
    // Rows of another answer are chosen no more.
    if (item.exports.length > 0) offerRows(scope, item, result, chosen.of === result ? chosen.rows : []);
  }, [scope, item, result, chosen]);
  if (result.table.rows.length === 0) {
    return (
      <p className={`state${item.emptyTone ? ` tone ${item.emptyTone}` : ""}`}>
        {write(item.emptyText) || "The query returned no rows."}
      </p>
    );
  }
  const choose =
    item.exports.length > 0 ? (next: readonly number[]) => setChosen({ of: result, rows: next }) : undefined;
  return (
    <>
      {result.partial && <p className="state failed">Not all of it: {result.partial}</p>}
      <Look
        look={lookOf(item.visualization, result.render)}
        result={result}
        settings={props.settings}
        label={`${title || item.name || "Query"} (${item.key})`}
        height={HEIGHTS[item.size] ?? 300}
        size={item.size}
        canDownload={item.canDownload}
        chosen={rows}
        several={item.exportsSeveral}
        choose={choose}
        write={write}
        brush={
          item.brush
            ? (value: ParameterValue | undefined) =>
                scope.offer(item.brush, item.key, { value, at: value ? choiceNow() : 0 })
            : undefined
        }
      />
    </>
  );
}

/** Give what is chosen to the parameters that the item exports to; without a choice their defaults. */
function offerRows(scope: Scope, item: QueryItem, result: Result, rows: readonly number[]): void {
  for (const each of item.exports) {
    const value = exported(result.table, rows, each, item.exportsSeveral);
    const otherwise = each.otherwise === "" ? undefined : plain(each.otherwise);
    scope.offer(each.parameter, item.key, { value: value ?? otherwise, at: value ? choiceNow() : 0 });
  }
}
