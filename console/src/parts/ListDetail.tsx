// A list with the details of one item beside it: the pattern of the pages that keep things of one kind.
import { useCallback, useRef, type ReactNode } from "react";
import { useActions } from "~/keys/useKeys";
import { changeParameters } from "~/shell/address";
import { copy } from "./clipboard";
import { Grid } from "./Grid";
import type { List } from "./list";
import "./listdetail.css";
import { Empty, Failed, Loading } from "./states";

export interface Asked {
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

export interface ListDetailProps<T> {
  readonly title: string;
  readonly list: List<T>;
  readonly asked: Asked;
  /** One sentence and the exact command or call that fills the list. */
  readonly empty: { readonly what: string; readonly how: string };
  readonly detail: (item: T) => ReactNode;
  /** Buttons at the right of the title. */
  readonly buttons?: ReactNode;
  readonly filters?: ReactNode;
  /** The path of the management API that the list comes from, for "copy as API call". */
  readonly call?: string;
  readonly open?: (item: T) => void;
  /** Put an item where another stands, in a list that has an order of its own. */
  readonly move?: (from: number, to: number) => void;
  readonly above?: ReactNode;
  /** Where the page has a heading already, as in a tab. */
  readonly heading?: boolean;
}

export function ListDetail<T>(props: ListDetailProps<T>) {
  const { list, asked } = props;
  const { shown, at, columns, items } = list;
  const search = useRef<HTMLInputElement>(null);
  const step = (by: number): void => list.setAt(Math.max(0, Math.min(shown.length - 1, at + by)));
  const chooseAnd = (by: number): void => {
    const [item, next] = [shown[at], shown[at + by]];
    if (item && !list.chosen.has(list.keyOf(item))) list.toggle(item);
    if (next && !list.chosen.has(list.keyOf(next))) list.toggle(next);
    step(by);
  };
  useActions({
    "page.search": () => search.current?.focus(),
    "page.loadNew": () => void asked.refetch(),
    "page.copyCall": props.call
      ? () => copy(`curl -H "Authorization: Bearer $TOKEN" '${location.origin}${props.call}'`, "API call copied")
      : undefined,
    "list.next": () => step(1),
    "list.previous": () => step(-1),
    "list.choose": () => list.toggle(list.current),
    "list.chooseNext": () => chooseAnd(1),
    "list.choosePrevious": () => chooseAnd(-1),
    "list.open": () => list.current && props.open?.(list.current),
  });
  const cell = useCallback(
    (row: number, column: number) => shown[row] !== undefined && columns[column]?.cell(shown[row]),
    [shown, columns],
  );
  const sortBy = (key: string): void => changeParameters({ sort: list.sort === key ? `-${key}` : key });
  const count = items && (shown.length === items.length ? `${items.length}` : `${shown.length} of ${items.length}`);
  return (
    <div className="listdetail">
      <div className="row">
        {props.heading === false ? null : <h1>{props.title}</h1>}
        <span className="faint">
          {count}
          {list.chosen.size > 0 && `, ${list.acted.length} selected`}
        </span>
        <input
          ref={search}
          type="search"
          aria-label={`Search in ${props.title.toLowerCase()}`}
          placeholder="Search  /"
          value={list.search}
          onChange={(event) => changeParameters({ q: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
          }}
        />
        {props.filters}
        <span className="grow" />
        {props.buttons}
      </div>
      {props.above}
      {asked.isPending && <Loading what={props.title.toLowerCase()} />}
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {items?.length === 0 && <Empty what={props.empty.what} how={props.empty.how} />}
      {items && items.length > 0 && shown.length === 0 && <Empty what="Nothing passes the search and the filters." />}
      {shown.length > 0 && (
        <div className="beside">
          <div className="beside-list">
            <Grid
              label={props.title}
              columns={columns}
              count={shown.length}
              rowKey={(row) => (shown[row] ? list.keyOf(shown[row]) : String(row))}
              at={at}
              setAt={list.setAt}
              open={(row) => shown[row] && props.open?.(shown[row])}
              isChosen={(row) => shown[row] !== undefined && list.chosen.has(list.keyOf(shown[row]))}
              {...(props.move ? { move: props.move } : {})}
              header={(column) => <Head column={columns[column]} sort={list.sort} sortBy={sortBy} />}
              cell={cell}
            />
          </div>
          {list.current !== undefined && (
            <section className="beside-detail" aria-label="Details" key={list.keyOf(list.current)}>
              {props.detail(list.current)}
            </section>
          )}
        </div>
      )}
    </div>
  );
}

function Head(props: {
  column: { key: string; title: string; sort?: unknown } | undefined;
  sort: string;
  sortBy: (key: string) => void;
}) {
  const { column, sort } = props;
  if (!column?.sort) return <>{column?.title}</>;
  const mark = sort === column.key ? " ▴" : sort === `-${column.key}` ? " ▾" : "";
  return (
    <button type="button" className="plain" tabIndex={-1} onClick={() => props.sortBy(column.key)}>
      {column.title}
      {mark}
    </button>
  );
}
