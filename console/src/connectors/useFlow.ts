// The tables that have rows, and how each is fed.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { askRows } from "~/api/kql";
import { usePlace } from "~/shell/place";
import { flowOf, flowQuery, looked, USUAL } from "./tables";

export const DAYS = 14;

export function useFlow() {
  const place = usePlace();
  const { arm, workspace } = place;
  return useQuery({
    queryKey: ["tableFlow", workspace.id],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const [own, used] = await Promise.all([
        arm.list<Resource<{ readonly schema?: { readonly tableType?: string } }>>(
          `${workspace.id}/tables`,
          "Microsoft.OperationalInsights",
          {},
          signal,
        ),
        askRows(place, { query: `Usage | where TimeGenerated > ago(31d) | distinct DataType`, signal }),
      ]);
      const custom = own
        .filter(({ properties }) => properties.schema?.tableType === "CustomLog")
        .map(({ name }) => name);
      const tables = looked(
        used.map((row) => String(row["DataType"])),
        custom,
        USUAL,
      );
      return (await askRows(place, { query: flowQuery(tables, DAYS), signal })).map(flowOf);
    },
  });
}
