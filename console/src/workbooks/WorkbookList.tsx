// The list of workbooks, those of this workspace first.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { missing } from "~/parts/gated";
import { Grid, type GridColumn } from "~/parts/Grid";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { done, failed } from "~/parts/toast";
import { useGo, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { WORKBOOK_LIST_KEYS } from "./keys";
import { GatedIn, useMayIn } from "./GatedIn";
import { EMPTY, groupOf, isOf, listWorkbooks, slugOf, TYPE, type WorkbookResource } from "./workbook";

const COLUMNS: readonly GridColumn[] = [
  { key: "title", title: "Workbook", width: 420 },
  { key: "category", title: "Category", width: 140 },
  { key: "of", title: "Of", width: 220 },
  { key: "modified", title: "Changed (UTC)", width: 190 },
];

export function WorkbookList() {
  useScope(WORKBOOK_LIST_KEYS);
  const { arm, workspace } = usePlace();
  const go = useGo();
  const cache = useQueryClient();
  const [search, setSearch] = useParameter("find");
  const [which, setWhich] = useParameter("of", "this");
  const [category, setCategory] = useParameter("category");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useQuery({
    queryKey: ["workbooks", workspace.id],
    queryFn: ({ signal }) => listWorkbooks(arm, workspace, signal),
  });
  const all = useMemo(() => list.data ?? [], [list.data]);
  const here = useMemo(
    () => all.filter((each) => which === "all" || isOf(each, workspace)).sort(byCategory),
    [all, which, workspace],
  );
  const categories = [...new Set(here.map((each) => each.properties.category))];
  const shown = here.filter(
    (each) => matches(each, search) && (category === "" || each.properties.category === category),
  );
  const chosen = Math.min(at, shown.length - 1);
  const open = (row: number): void => {
    const found = shown[row];
    if (found) go(`workbooks/${encodeURIComponent(slugOf(found, all))}`);
  };
  const make = async (): Promise<void> => {
    const name = crypto.randomUUID();
    try {
      await arm.put(`${groupOf(workspace)}/providers/${TYPE}/${name}`, TYPE, {
        location: workspace.location,
        kind: "shared",
        properties: {
          displayName: "New workbook",
          serializedData: EMPTY,
          category: "sentinel",
          sourceId: workspace.id,
        },
      });
      await cache.invalidateQueries({ queryKey: ["workbooks", workspace.id] });
      go(`workbooks/${name}?edit=1`);
    } catch (error) {
      failed("The workbook was not made.", error);
    }
  };
  const may = useMayIn(groupOf(workspace));
  useActions({
    "workbooks.next": () => setAt(Math.min(shown.length - 1, chosen + 1)),
    "workbooks.previous": () => setAt(Math.max(0, chosen - 1)),
    "workbooks.open": () => open(chosen),
    "workbooks.new": () => (may(`${TYPE}/write`) ? void make() : done(missing(`${TYPE}/write`))),
    "workbooks.all": () => setWhich(which === "all" ? "this" : "all"),
    "page.search": () => box.current?.focus(),
  });
  return (
    <div className="wb-list">
      <div className="row">
        <h1>Workbooks</h1>
        <input
          ref={box}
          type="search"
          aria-label="Find a workbook"
          placeholder="Find  /"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <select aria-label="Category" value={category} onChange={(event) => setCategory(event.target.value)}>
          <option value="">All categories</option>
          {categories.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button type="button" aria-pressed={which === "all"} onClick={() => setWhich(which === "all" ? "this" : "all")}>
          All of the subscription
        </button>
        <span className="faint">
          {shown.length} of {all.length}
        </span>
        <span className="grow" />
        <GatedIn scope={groupOf(workspace)} action={`${TYPE}/write`} onClick={() => void make()}>
          New <kbd>n</kbd>
        </GatedIn>
      </div>
      {list.isPending && <Loading what="workbooks" />}
      {list.isError && <Failed error={list.error} again={() => void list.refetch()} />}
      {list.data && here.length === 0 && (
        <Empty
          what="No workbook of this workspace yet. New makes an empty one; a template of a solution brings its own:"
          how={`az deployment group create -g ${workspace.resourceGroup} --template-file mainTemplate.json --parameters workspace=${workspace.name}`}
        />
      )}
      {here.length > 0 && shown.length === 0 && <p className="state">No workbook has all of these words.</p>}
      {shown.length > 0 && (
        <div className="wb-list-grid">
          <Grid
            label="Workbooks"
            columns={COLUMNS}
            count={shown.length}
            at={chosen}
            setAt={setAt}
            open={open}
            rowKey={(row) => shown[row]?.id ?? ""}
            cell={(row, column) => cellOf(shown[row], COLUMNS[column]?.key, workspace.id, () => open(row))}
          />
        </div>
      )}
    </div>
  );
}

function byCategory(one: WorkbookResource, other: WorkbookResource): number {
  return (
    one.properties.category.localeCompare(other.properties.category) ||
    one.properties.displayName.localeCompare(other.properties.displayName)
  );
}

function matches(workbook: WorkbookResource, search: string): boolean {
  const text = `${workbook.properties.displayName} ${workbook.properties.category}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function cellOf(workbook: WorkbookResource | undefined, column: string | undefined, own: string, open: () => void) {
  if (!workbook) return null;
  const { displayName, category, sourceId, timeModified } = workbook.properties;
  switch (column) {
    case "title":
      return (
        <button type="button" className="link" tabIndex={-1} onClick={open}>
          {displayName}
        </button>
      );
    case "category":
      return category;
    case "of":
      return (sourceId ?? "").toLowerCase() === own.toLowerCase()
        ? "this workspace"
        : (sourceId ?? "").split("/").at(-1) || "–";
    default:
      return <Instant value={timeModified} />;
  }
}
