// Which incident comes before and after one: in the order of the queue that the person came from.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { workspaceIdOf, type Incident } from "~/incidents/incident";
import { keptLayout } from "~/incidents/layout";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";

export interface Neighbours {
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** From 1; 0 when the incident is not in the list. */
  readonly at: number;
  readonly of: number;
}

export function neighboursIn(ids: readonly string[], id: string): Neighbours {
  const at = ids.findIndex((each) => each.toLowerCase() === id.toLowerCase());
  if (at < 0) return { before: undefined, after: ids[0], at: 0, of: ids.length };
  return { before: ids[at - 1], after: ids[at + 1], at: at + 1, of: ids.length };
}

/** Somebody who came by a link has no queue: the newest incidents stand for it. */
export function useNeighbours(id: string): Neighbours {
  const { arm, sentinel } = usePlace();
  const queue = keptLayout()?.ids ?? [];
  const isFromQueue = queue.length > 0;
  const newest = useQuery({
    queryKey: ["incident order", sentinel],
    enabled: !isFromQueue,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = await arm.list<Incident>(
        `${sentinel}/incidents`,
        "Microsoft.SecurityInsights",
        { $orderby: "properties/createdTimeUtc desc", $top: 200 },
        signal,
        200,
      );
      return found.map((each) => each.id);
    },
  });
  const ids = isFromQueue ? queue : newest.data;
  return useMemo(() => neighboursIn(ids ?? [], id), [ids, id]);
}

/** What an entry of the history knows beside its address: from which queue, with which filters, the person came. */
interface From {
  readonly queue?: string;
}

/** Ways from an incident: to another, which may be another workspace's, and back to the queue as it was. */
export function useWays(): { to: (id: string) => void; back: () => void } {
  const { workspaces } = usePlace();
  const [, navigate] = useLocation();
  const go = useGo();
  const to = useCallback(
    (id: string) => {
      const of = workspaceIdOf(id).toLowerCase();
      const slug = workspaces.find((each) => each.id.toLowerCase() === of)?.slug;
      if (!slug) return;
      const name = id.slice(id.lastIndexOf("/") + 1);
      navigate(`/w/${encodeURIComponent(slug)}/incidents/${name}`, { state: history.state as unknown });
    },
    [workspaces, navigate],
  );
  const back = useCallback(() => {
    const { queue } = (history.state ?? {}) as From;
    if (queue?.startsWith("/w/")) navigate(queue);
    else go("incidents");
  }, [navigate, go]);
  return { to, back };
}
