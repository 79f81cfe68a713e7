// A group: items in a scope of their own, loaded when they come to be shown, on demand, or from another workbook.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Arm } from "~/api/arm";
import { Loading } from "~/parts/states";
import { usePlace } from "~/shell/place";
import { useCells, useItemPlace, useShown } from "../context";
import { mergedItems, readWorkbook, type GroupItem, type Item } from "../model/item";
import { namesIn, substitute } from "../model/substitute";
import { NotRendered } from "../NotRendered";
import { listWorkbooks, TYPE, type WorkbookResource } from "../workbook";
import { Items } from "./Items";

export function GroupView({ item }: { item: GroupItem }) {
  const place = useItemPlace();
  const { now } = useShown();
  const [isLoaded, setLoaded] = useState(item.load === "always");
  const [isOpen, setOpen] = useState(!item.expandable || item.expanded);
  const [wasOpen, setWasOpen] = useState(isOpen);
  useCells(
    place.scope,
    useMemo(() => namesIn(item.title), [item]),
  );
  const toggle = (): void => {
    setOpen(!isOpen);
    setWasOpen(true);
  };
  const title = substitute(item.title, { valueOf: place.scope.valueOf, into: "text", now });
  if (!isLoaded) {
    return (
      <button type="button" onClick={() => setLoaded(true)}>
        {item.loadText}
      </button>
    );
  }
  const inside = item.template ? <FromTemplate item={item} /> : <Items items={item.items} above={place} />;
  return (
    <div className="wb-group">
      {item.expandable ? (
        <button type="button" className="wb-expander" aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? "▾" : "▸"} {title || "Group"}
        </button>
      ) : (
        title && <h2>{title}</h2>
      )}
      {(isOpen || wasOpen) && <div hidden={!isOpen}>{inside}</div>}
    </div>
  );
}

function FromTemplate({ item }: { item: GroupItem }) {
  const place = useItemPlace();
  const { arm, workspace } = usePlace();
  const template = useQuery({
    queryKey: ["workbook", "template", item.template, workspace.id],
    queryFn: ({ signal }) => templateOf(item.template, arm, () => listWorkbooks(arm, workspace, signal), signal),
    staleTime: 300_000,
  });
  const items = useMemo((): readonly Item[] | undefined => {
    if (!template.data) return undefined;
    return mergedItems(readWorkbook(template.data).items, (name) => place.scope.owner(name) !== undefined, item.key);
  }, [template.data, place, item.key]);
  if (template.isPending) return <Loading what="the group" />;
  if (!items) return <NotRendered what={`a group from the template ${item.template} (type 12)`} raw={item.raw} />;
  return <Items items={items} above={place} />;
}

/** The content of a workbook by its id; null when there is none here. */
async function templateOf(
  id: string,
  arm: Arm,
  list: () => Promise<WorkbookResource[]>,
  signal: AbortSignal,
): Promise<string | null> {
  const found = (await list()).find((each) => each.id.toLowerCase() === id.toLowerCase());
  if (!found) return null;
  return (await arm.get<WorkbookResource>(found.id, TYPE, signal)).properties.serializedData ?? null;
}
