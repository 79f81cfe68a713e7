// Which incident comes before and after one: in the order of the queue that the person came from.
import { useQuery } from "@tanstack/react-query";
import type { Incident } from "~/incidents/incident";
import { usePlace } from "~/shell/place";

export interface Neighbours {
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** From 1; 0 when the incident is not in the list. */
  readonly at: number;
  readonly of: number;
}

export function neighboursIn(names: readonly string[], name: string): Neighbours {
  const at = names.indexOf(name);
  if (at < 0) return { before: undefined, after: names[0], at: 0, of: names.length };
  return { before: names[at - 1], after: names[at + 1], at: at + 1, of: names.length };
}

/** Somebody who came by a link has no queue: the newest incidents stand for it. */
export function useNeighbours(name: string): Neighbours {
  const { arm, sentinel } = usePlace();
  const names = useQuery({
    queryKey: ["incident order", sentinel],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = await arm.list<Incident>(
        `${sentinel}/incidents`,
        "Microsoft.SecurityInsights",
        { $orderby: "properties/createdTimeUtc desc", $top: 200 },
        signal,
        200,
      );
      return found.map((each) => each.name);
    },
  });
  return neighboursIn(names.data ?? [], name);
}
