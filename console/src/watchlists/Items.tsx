// The items of a watchlist in the grid that all results have; a row is edited where it stands.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { quoted } from "~/api/kql";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useGuard } from "~/parts/gated";
import { Grid, type GridColumn } from "~/parts/Grid";
import { Empty, Failed, Loading } from "~/parts/states";
import { failed } from "~/parts/toast";
import { useGo, useParameter } from "~/shell/address";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { WatchlistChanges } from "./changes";
import { ItemCell, type Draft } from "./ItemCell";
import { WATCHLIST_ITEMS } from "./keys";
import { useWatchlists } from "./useWatchlists";
import { columnsOf, ITEM_DELETE, ITEM_WRITE, PROVIDER, textOf, WRITE, type Item } from "./watchlist";

const UploadDialog = lazy(() => import("./UploadDialog"));
const MOST = 20_000; // items that a page holds; a query has the rest

export function Items({ alias }: { alias: string }) {
  const place = usePlace();
  const client = useQueryClient();
  const go = useGo();
  const guard = useGuard();
  const openQuery = useOpenQuery();
  const changes = useMemo(() => new WatchlistChanges(place, client), [place, client]);
  const watchlists = useWatchlists();
  const watchlist = watchlists.data?.find(({ name }) => name.toLowerCase() === alias.toLowerCase());
  const [search, setSearch] = useParameter("q");
  const [atName, setAtName] = useParameter("at");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [draft, setDraft] = useState<Draft>();
  const [isAdding, setAdding] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const items = useQuery({
    queryKey: changes.itemsKey(alias),
    queryFn: ({ signal }) =>
      place.arm.list<Item>(`${changes.id(alias)}/watchlistItems`, PROVIDER, { $top: 1000 }, signal, MOST),
    staleTime: 10_000,
  });
  const key = watchlist?.properties.itemsSearchKey ?? "";
  const names = useMemo(() => columnsOf(items.data ?? [], key), [items.data, key]);
  const columns = useMemo(
    (): GridColumn[] => names.map((name) => ({ key: name, title: name === key ? `${name} (key)` : name, width: 200 })),
    [names, key],
  );
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return (items.data ?? []).filter(({ properties }) =>
      Object.values(properties.itemsKeyValue).some((value) => textOf(value).toLowerCase().includes(wanted)),
    );
  }, [items.data, search]);
  const isNew = draft?.item === undefined && draft !== undefined;
  const shown: readonly (Item | undefined)[] = isNew ? [undefined, ...found] : found;
  const found_ = shown.findIndex((item) => item?.name === atName);
  const at = draft ? shown.indexOf(draft.item) : found_ >= 0 ? found_ : shown.length > 0 ? 0 : -1;
  const setAt = (index: number): void => {
    if (!draft) setAtName(shown[index]?.name ?? "");
  };
  const targets = found.filter(({ name }) => chosen.has(name));
  const current = shown[at];
  const acted = targets.length > 0 ? targets : current ? [current] : [];
  const edit = (item: Item | undefined): void => {
    if (item) guard(ITEM_WRITE, () => setDraft({ item, values: { ...item.properties.itemsKeyValue } }));
  };
  const leave = (): void => {
    setDraft(undefined);
    document.querySelector<HTMLElement>('[role="grid"]')?.focus();
  };
  const save = async (): Promise<void> => {
    if (!draft) return;
    try {
      const name = draft.item?.name ?? crypto.randomUUID();
      await changes.saveItem(alias, name, draft.values, draft.item);
      setAtName(name);
      leave();
    } catch (error) {
      failed("The item was not saved.", error);
    }
  };
  const toggle = (item: Item | undefined): void => {
    if (!item) return;
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(item.name)) after.add(item.name);
      return after;
    });
  };
  const create = (): void => guard(ITEM_WRITE, () => setDraft({ item: undefined, values: {} }));
  const remove = (): void =>
    guard(ITEM_DELETE, () => void changes.removeItems(alias, acted).then(() => setChosen(new Set())));
  const query = (): void => openQuery({ query: `_GetWatchlist(${quoted(alias)})`, run: true });
  useScope(WATCHLIST_ITEMS);
  useActions({
    "page.search": () => box.current?.focus(),
    "page.loadNew": () => void items.refetch(),
    "items.next": () => setAt(Math.min(shown.length - 1, at + 1)),
    "items.previous": () => setAt(Math.max(0, at - 1)),
    "items.choose": () => toggle(current),
    "items.new": create,
    "items.edit": () => edit(current),
    "items.add": () => guard(WRITE, () => setAdding(true)),
    "items.query": query,
    "items.delete": remove,
    "items.close": () => go("watchlists"),
  });
  return (
    <div className="listdetail">
      <div className="row">
        <h1>{watchlist?.properties.displayName ?? alias}</h1>
        <span className="faint">
          {items.data && `${found.length} of ${items.data.length} items`}
          {targets.length > 0 && `, ${targets.length} selected`}
        </span>
        <input
          ref={box}
          type="search"
          aria-label="Search in items"
          placeholder="Search  /"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => (event.key === "Escape" || event.key === "Enter") && event.currentTarget.blur()}
        />
        <span className="grow" />
        <Gated action={ITEM_WRITE} className="primary" onClick={create}>
          New item <kbd>n</kbd>
        </Gated>
        <Gated action={ITEM_WRITE} disabled={!current} onClick={() => edit(current)}>
          Edit <kbd>e</kbd>
        </Gated>
        <Gated action={WRITE} disabled={!watchlist} onClick={() => setAdding(true)}>
          Add lines <kbd>a</kbd>
        </Gated>
        <Gated action={ITEM_DELETE} disabled={acted.length === 0} onClick={remove}>
          Delete
        </Gated>
        <button type="button" onClick={query}>
          Query it <kbd>o</kbd>
        </button>
        <button type="button" onClick={() => go("watchlists")}>
          Back <kbd>Esc</kbd>
        </button>
      </div>
      {items.data && items.data.length >= MOST && (
        <p className="warn">The first {MOST.toLocaleString("en")} items are here; a query finds the others.</p>
      )}
      {items.isPending && <Loading what="items" />}
      {items.isError && <Failed error={items.error} again={() => void items.refetch()} />}
      {items.data?.length === 0 && !isNew && (
        <Empty
          what="No item yet. n makes one, a adds lines; over the API:"
          how={`PUT ${changes.id(alias)}/watchlistItems/<guid>`}
        />
      )}
      {items.data && items.data.length > 0 && shown.length === 0 && <Empty what="No item has this text." />}
      {shown.length > 0 && (
        <div className="items">
          <Grid
            label="Items"
            columns={columns}
            count={shown.length}
            rowKey={(row) => shown[row]?.name ?? "new"}
            at={at}
            setAt={setAt}
            open={(row) => edit(shown[row])}
            isChosen={(row) => chosen.has(shown[row]?.name ?? "")}
            cell={(row, column) => (
              <ItemCell
                item={shown[row]}
                name={names[column] ?? ""}
                isFirst={column === 0}
                draft={draft && draft.item === shown[row] ? draft : undefined}
                set={setDraft}
                save={() => void save()}
                leave={leave}
              />
            )}
          />
        </div>
      )}
      <Suspense fallback={null}>
        {isAdding && watchlist && (
          <UploadDialog
            changes={changes}
            existing={watchlists.data ?? []}
            watchlist={watchlist}
            close={() => setAdding(false)}
          />
        )}
      </Suspense>
    </div>
  );
}
