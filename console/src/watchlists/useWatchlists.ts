// The watchlists of the workspace, and how many items each has.
import { useQuery } from "@tanstack/react-query";
import { askRows } from "~/api/kql";
import { usePlace } from "~/shell/place";
import { COUNTS, PROVIDER, type Watchlist } from "./watchlist";

export function useWatchlists() {
  const place = usePlace();
  return useQuery({
    queryKey: ["watchlists", place.sentinel],
    queryFn: ({ signal }) => place.arm.list<Watchlist>(`${place.sentinel}/watchlists`, PROVIDER, {}, signal),
  });
}

/** By the alias in lower case; undefined until it is known. */
export function useCounts(): ReadonlyMap<string, number> | undefined {
  const place = usePlace();
  return useQuery({
    queryKey: ["watchlistCounts", place.workspace.id],
    queryFn: async ({ signal }) =>
      new Map(
        (await askRows(place, { query: COUNTS, signal })).map((row) => [String(row["Alias"]), Number(row["Items"])]),
      ),
    staleTime: 10_000,
  }).data;
}
