// The rows of a query as its parameters have them now.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { useAround, useCells, useShown } from "../context";
import { namesIn } from "../model/substitute";
import type { QuerySpec } from "../model/query";
import { fetchTable, type Result } from "./fetchTable";
import { resolve, type Resolution } from "./resolve";

export interface Fetched {
  readonly resolution: Resolution;
  readonly answer: UseQueryResult<Result>;
}

/** Nothing is asked before `enabled`, or while a parameter is not known. */
export function useTable(spec: QuerySpec, enabled: boolean, alsoReads: readonly string[] = []): Fetched {
  const around = useAround();
  const { clients, round } = useShown();
  const names = useMemo(
    () => [...namesIn(spec.text), ...namesIn(spec.resources.join(" ")), spec.rangeFrom, ...alsoReads].filter(Boolean),
    [spec, alsoReads],
  );
  const cells = useCells(around.scope, names);
  const resolution = useMemo(() => ({ cells, found: resolve(spec, around) }), [spec, around, cells]).found;
  const isReady = resolution.state === "ready";
  const answer = useQuery({
    queryKey: ["workbook", "table", isReady ? JSON.stringify(resolution.resolved) : "", round],
    queryFn: ({ signal }) => {
      if (resolution.state !== "ready") throw new Error("The query is not ready.");
      return fetchTable(resolution.resolved, clients, signal);
    },
    enabled: enabled && isReady,
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
  });
  return { resolution, answer };
}
