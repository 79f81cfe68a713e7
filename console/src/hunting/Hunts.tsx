// Hunts: what somebody looks for, with queries, comments and what came of the hypothesis.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { useActions, useScope } from "~/keys/useKeys";
import { each, tell } from "~/parts/changes";
import { Chips, Facts, Raw } from "~/parts/facts";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Markdown } from "~/parts/Markdown";
import { Picker } from "~/parts/picker";
import { failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { HuntForm } from "./HuntForm";
import { HuntRelations } from "./HuntRelations";
import { HUNTS } from "./keys";
import { useSavedQueries } from "./useHunting";

export const WRITE = "Microsoft.SecurityInsights/hunts/write";
const DELETE = "Microsoft.SecurityInsights/hunts/delete";
const RELATE = "Microsoft.SecurityInsights/hunts/relations/write";
const PROVIDER = "Microsoft.SecurityInsights";

export interface HuntProperties {
  readonly displayName: string;
  readonly description: string;
  readonly status?: string;
  readonly hypothesisStatus?: string;
  readonly attackTactics?: readonly string[];
  readonly attackTechniques?: readonly string[];
  readonly labels?: readonly string[];
  readonly owner?: {
    readonly objectId?: string;
    readonly assignedTo?: string | null;
    readonly userPrincipalName?: string | null;
  };
}

export type Hunt = Resource<HuntProperties>;

const COLUMNS: readonly ListColumn<Hunt>[] = [
  { key: "name", title: "Hunt", width: 260, cell: ({ properties }) => properties.displayName, sort: ({ properties }) => properties.displayName }, // prettier-ignore
  { key: "status", title: "Status", width: 90, cell: ({ properties }) => properties.status, sort: ({ properties }) => properties.status ?? "" }, // prettier-ignore
  { key: "hypothesis", title: "Hypothesis", width: 110, cell: ({ properties }) => properties.hypothesisStatus, sort: ({ properties }) => properties.hypothesisStatus ?? "" }, // prettier-ignore
  { key: "owner", title: "Owner", width: 150, cell: ({ properties }) => properties.owner?.assignedTo ?? properties.owner?.userPrincipalName ?? "" }, // prettier-ignore
];

export default function Hunts() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const [open, setOpen] = useState<"new" | "edit" | "add">();
  const queries = useSavedQueries().data ?? [];
  const key = ["hunts", place.sentinel];
  const asked = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => place.arm.list<Hunt>(`${place.sentinel}/hunts`, PROVIDER, {}, signal),
  });
  const list = useList({
    items: asked.data,
    columns: COLUMNS,
    order: "name",
    keyOf: ({ name }) => name,
    textOf: ({ properties }) => `${properties.displayName} ${properties.description}`,
  });
  const { current, acted } = list;
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: key });
  const put = async (name: string, properties: HuntProperties, etag?: string): Promise<void> => {
    await place.arm.put(`${place.sentinel}/hunts/${name}`, PROVIDER, { properties, etag }, etag);
    await again();
  };
  const remove = (): void =>
    guard(DELETE, () => {
      void each(acted, ({ id }) => place.arm.remove(id, PROVIDER)).then(async (removed) => {
        await again();
        tell("hunt", "deleted", removed, () => each(removed.done, ({ item }) => put(item.name, item.properties)));
      });
    });
  const relate = (id: string): void => {
    if (!current) return;
    place.arm
      .put(`${current.id}/relations/${crypto.randomUUID()}`, PROVIDER, { properties: { relatedResourceId: id } })
      .then(
        () => client.invalidateQueries({ queryKey: ["huntRelations", current.id] }),
        (error: unknown) => failed("The query was not added.", error),
      );
  };
  const show = (what: typeof open, action: string) => (): void => {
    if (what === "new" || current) guard(action, () => setOpen(what));
  };
  useScope(HUNTS);
  useActions({
    "hunts.new": show("new", WRITE),
    "hunts.edit": show("edit", WRITE),
    "hunts.add": show("add", RELATE),
    "hunts.delete": remove,
  });
  return (
    <>
      <ListDetail
        title="Hunts"
        heading={false}
        list={list}
        asked={asked}
        open={show("edit", WRITE)}
        call={`${place.sentinel}/hunts?api-version=2024-01-01-preview`}
        empty={{ what: "No hunt yet. n begins one; over the API:", how: `PUT ${place.sentinel}/hunts/<guid>` }}
        buttons={
          <>
            <Gated action={WRITE} className="primary" onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current} onClick={() => setOpen("edit")}>
              Edit <kbd>e</kbd>
            </Gated>
            <Gated action={RELATE} disabled={!current} onClick={() => setOpen("add")}>
              Add a query <kbd>q</kbd>
            </Gated>
            <Gated action={DELETE} disabled={!current} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        detail={(hunt) => (
          <>
            <h2>{hunt.properties.displayName}</h2>
            <Markdown text={hunt.properties.description} />
            <Chips of={hunt.properties.labels} />
            <Facts
              of={[
                ["Status", hunt.properties.status],
                ["Hypothesis", hunt.properties.hypothesisStatus],
                ["Tactics", hunt.properties.attackTactics?.join(", ")],
                ["Techniques", hunt.properties.attackTechniques?.join(", ")],
              ]}
            />
            <HuntRelations hunt={hunt} queries={queries} />
            <Raw value={hunt} />
          </>
        )}
      />
      {open === "new" && (
        <HuntForm save={(properties) => put(crypto.randomUUID(), properties)} close={() => setOpen(undefined)} />
      )}
      {open === "edit" && current && (
        <HuntForm
          hunt={current}
          save={(properties) => put(current.name, properties, current.etag)}
          close={() => setOpen(undefined)}
        />
      )}
      {open === "add" && current && (
        <Picker
          title={`Query for ${current.properties.displayName}`}
          choices={queries.flatMap((each) =>
            each.saved ? [{ key: each.saved.id, label: each.displayName, hint: each.techniques.join(", ") }] : [],
          )}
          choose={(choice) => relate(choice.key)}
          close={() => setOpen(undefined)}
        />
      )}
    </>
  );
}
