// Bookmarks: rows that a hunter kept, with notes, entities, and the incident that each is in.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { DELETE, INCIDENT_WRITE, RELATION_WRITE, timespanOf, whoText, WRITE, type Bookmark } from "./bookmark";
import { BookmarkDetail } from "./BookmarkDetail";
import { BookmarkForm } from "./BookmarkForm";
import { BookmarkChanges } from "./changes";
import { IncidentForm, IncidentPicker } from "./IncidentChoice";
import { BOOKMARKS } from "./keys";

const COLUMNS: readonly ListColumn<Bookmark>[] = [
  { key: "name", title: "Name", width: 250, cell: ({ properties }) => properties.displayName, sort: ({ properties }) => properties.displayName }, // prettier-ignore
  {
    key: "event",
    title: "Event time",
    width: 176,
    cell: ({ properties }) => <Instant value={properties.eventTime} />,
    sort: ({ properties }) => properties.eventTime ?? "",
  },
  {
    key: "incident",
    title: "Incident",
    width: 150,
    cell: ({ properties }) => properties.incidentInfo?.title ?? <span className="faint">none</span>,
    sort: ({ properties }) => properties.incidentInfo?.title ?? "",
  },
  { key: "tags", title: "Tags", width: 130, cell: ({ properties }) => properties.labels?.join(", ") },
  {
    key: "created",
    title: "Kept",
    width: 176,
    cell: ({ properties }) => <Instant value={properties.created} />,
    sort: ({ properties }) => properties.created ?? "",
  },
  { key: "by", title: "By", width: 120, cell: ({ properties }) => whoText(properties.createdBy) },
];

type Open = "new" | "edit" | "link" | "incident" | undefined;

export default function BookmarksPage() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const openQuery = useOpenQuery();
  const [open, setOpen] = useState<Open>();
  const changes = useMemo(() => new BookmarkChanges(place, client), [place, client]);
  const asked = useQuery({
    queryKey: ["bookmarks", place.sentinel],
    queryFn: ({ signal }) =>
      place.arm.list<Bookmark>(`${place.sentinel}/bookmarks`, "Microsoft.SecurityInsights", {}, signal),
  });
  const list = useList({
    items: asked.data,
    columns: COLUMNS,
    order: "-created",
    keyOf: ({ name }) => name,
    textOf: ({ properties }) =>
      [
        properties.displayName,
        properties.notes,
        properties.query,
        properties.queryResult,
        properties.incidentInfo?.title,
        ...(properties.labels ?? []),
        ...(properties.techniques ?? []),
      ].join(" "),
  });
  const { acted, current } = list;
  const none = acted.length === 0;
  const show = (what: Open, action: string) => (): void => {
    if (what === "new" || !none) guard(action, () => setOpen(what));
  };
  const remove = (): void => guard(DELETE, () => void changes.remove(acted).then(list.clear));
  const query = (bookmark: Bookmark | undefined): void => {
    if (!bookmark) return;
    const timespan = timespanOf(bookmark.properties);
    openQuery({ query: bookmark.properties.query, run: true, ...(timespan ? { timespan } : {}) });
  };
  useScope(BOOKMARKS);
  useActions({
    "bookmarks.new": show("new", WRITE),
    "bookmarks.edit": show("edit", WRITE),
    "bookmarks.query": () => query(current),
    "bookmarks.link": show("link", RELATION_WRITE),
    "bookmarks.incident": show("incident", INCIDENT_WRITE),
    "bookmarks.delete": remove,
  });
  const close = (): void => setOpen(undefined);
  const closeAll = (): void => {
    close();
    list.clear();
  };
  return (
    <>
      <ListDetail
        title="Bookmarks"
        list={list}
        asked={asked}
        call={`${place.sentinel}/bookmarks?api-version=2024-01-01-preview`}
        open={() => show("edit", WRITE)()}
        empty={{
          what: "No bookmark yet. A row of a query becomes one by b on the query page, n makes one by hand, and so does:",
          how: `vedette hunt bookmark "SigninLogs | where ResultType == 50126" --name "Failed sign-ins"`,
        }}
        buttons={
          <>
            <Gated action={WRITE} className="primary" onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={none} onClick={() => setOpen("edit")}>
              Edit <kbd>e</kbd>
            </Gated>
            <Gated action={RELATION_WRITE} disabled={none} onClick={() => setOpen("link")}>
              Add to an incident <kbd>i</kbd>
            </Gated>
            <Gated action={INCIDENT_WRITE} disabled={none} onClick={() => setOpen("incident")}>
              New incident <kbd>I</kbd>
            </Gated>
            <Gated action={DELETE} disabled={none} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        detail={(bookmark) => (
          <BookmarkDetail
            bookmark={bookmark}
            openQuery={() => query(bookmark)}
            unlink={() => changes.unlink(bookmark)}
          />
        )}
      />
      {open === "new" && <BookmarkForm changes={changes} close={close} />}
      {open === "edit" && current && <BookmarkForm changes={changes} bookmark={current} close={close} />}
      {open === "link" && <IncidentPicker changes={changes} bookmarks={acted} close={closeAll} />}
      {open === "incident" && <IncidentForm changes={changes} bookmarks={acted} close={closeAll} />}
    </>
  );
}
