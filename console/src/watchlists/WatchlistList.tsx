// The list of watchlists.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { Facts, Raw, Code } from "~/parts/facts";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { useGo } from "~/shell/address";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { quoted } from "~/api/kql";
import { WatchlistChanges } from "./changes";
import { WATCHLISTS } from "./keys";
import { useCounts, useWatchlists } from "./useWatchlists";
import { DELETE, WRITE, type Watchlist } from "./watchlist";

const UploadDialog = lazy(() => import("./UploadDialog"));
const EditDialog = lazy(() => import("./EditDialog"));

type Open = "new" | "edit" | "add" | undefined;

export function WatchlistList() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const go = useGo();
  const openQuery = useOpenQuery();
  const [open, setOpen] = useState<Open>();
  const changes = useMemo(() => new WatchlistChanges(place, client), [place, client]);
  const asked = useWatchlists();
  const counts = useCounts();
  const columns = useMemo((): readonly ListColumn<Watchlist>[] => {
    const countOf = (each: Watchlist): number => counts?.get(each.name.toLowerCase()) ?? 0;
    return [
      { key: "name", title: "Name", width: 220, cell: ({ properties }) => properties.displayName, sort: ({ properties }) => properties.displayName }, // prettier-ignore
      { key: "alias", title: "Alias", width: 176, cell: ({ name }) => <code>{name}</code>, sort: ({ name }) => name },
      { key: "items", title: "Items", width: 80, align: "right", cell: (each) => (counts ? countOf(each) : "…"), sort: countOf }, // prettier-ignore
      { key: "key", title: "Search key", width: 130, cell: ({ properties }) => properties.itemsSearchKey },
      {
        key: "changed",
        title: "Changed",
        width: 176,
        cell: ({ properties }) => <Instant value={properties.updated} />,
        sort: ({ properties }) => properties.updated ?? "",
      },
      { key: "source", title: "Source", width: 140, cell: ({ properties }) => properties.source },
    ];
  }, [counts]);
  const list = useList({
    items: asked.data,
    columns,
    order: "name",
    keyOf: ({ name }) => name,
    textOf: ({ name, properties }) => `${name} ${properties.displayName} ${properties.description ?? ""}`,
  });
  const { acted, current } = list;
  const openItems = (watchlist: Watchlist | undefined): void => {
    if (watchlist) go(`watchlists/${encodeURIComponent(watchlist.name)}`);
  };
  const query = (): void => {
    if (current) openQuery({ query: `_GetWatchlist(${quoted(current.name)})`, run: true });
  };
  const show = (what: Open): void => {
    if (what === "new" || current) guard(WRITE, () => setOpen(what));
  };
  const remove = (): void => guard(DELETE, () => void changes.remove(acted).then(list.clear));
  useScope(WATCHLISTS);
  useActions({
    "watchlists.new": () => show("new"),
    "watchlists.edit": () => show("edit"),
    "watchlists.add": () => show("add"),
    "watchlists.query": query,
    "watchlists.delete": remove,
  });
  const close = (): void => setOpen(undefined);
  return (
    <>
      <ListDetail
        title="Watchlists"
        list={list}
        asked={asked}
        open={openItems}
        call={`${place.sentinel}/watchlists?api-version=2024-01-01-preview`}
        empty={{
          what: "No watchlist yet. n makes one of pasted lines or a file; a folder of content can bring some:",
          how: "vedette content apply watchlists/",
        }}
        buttons={
          <>
            <Gated action={WRITE} className="primary" onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current} onClick={() => setOpen("edit")}>
              Edit <kbd>e</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current} onClick={() => setOpen("add")}>
              Add lines <kbd>a</kbd>
            </Gated>
            <Gated action={DELETE} disabled={!current} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        detail={(watchlist) => (
          <>
            <h2>{watchlist.properties.displayName}</h2>
            <p>{watchlist.properties.description || <span className="faint">No description.</span>}</p>
            <p className="row">
              <button type="button" onClick={() => openItems(watchlist)}>
                Items <kbd>Enter</kbd>
              </button>
              <button type="button" onClick={query}>
                Query it <kbd>o</kbd>
              </button>
            </p>
            <Facts
              of={[
                ["Items", counts ? String(counts.get(watchlist.name.toLowerCase()) ?? 0) : "…"],
                ["Search key", watchlist.properties.itemsSearchKey],
                ["Provider", watchlist.properties.provider],
                ["Source", watchlist.properties.source],
                ["Labels", watchlist.properties.labels?.join(", ")],
                ["State", watchlist.properties.provisioningState],
                ["Made", <Instant key="made" value={watchlist.properties.created} />],
                ["By", watchlist.properties.createdBy?.name],
                ["Changed", <Instant key="changed" value={watchlist.properties.updated} />],
                ["By whom", watchlist.properties.updatedBy?.name],
              ]}
            />
            <h3>In a query</h3>
            <Code text={joinOf(watchlist)} />
            <Raw value={watchlist} />
          </>
        )}
      />
      <Suspense fallback={null}>
        {open === "new" && <UploadDialog changes={changes} existing={asked.data ?? []} close={close} />}
        {open === "add" && current && (
          <UploadDialog changes={changes} existing={asked.data ?? []} watchlist={current} close={close} />
        )}
        {open === "edit" && current && <EditDialog changes={changes} watchlist={current} close={close} />}
      </Suspense>
    </>
  );
}

function joinOf({ name, properties }: Watchlist): string {
  return `SigninLogs\n| where IPAddress in (_GetWatchlist(${quoted(name)}) | project ${identifier(properties.itemsSearchKey)})`;
}

function identifier(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name}']`;
}
