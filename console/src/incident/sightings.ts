// Where the log has an entity: each table that got rows lately is asked by itself, a few at a time, and told as it answers.
import { useQueries, useQuery } from "@tanstack/react-query";
import { records, runQuery } from "~/api/logs";
import { usePlace } from "~/shell/place";
import { sightingsQuery, TABLES_QUERY } from "./entityValue";

export const LOOKED_BACK = "P14D";
const AT_A_TIME = 3; // the server takes five of a person, and the page has others
const FRESH = 60_000; // milliseconds

export interface Sighting {
  readonly table: string;
  readonly rows: number;
  readonly first: string;
  readonly last: string;
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) await new Promise<void>((go) => waiting.push(go));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

export interface Sightings {
  readonly found: readonly Sighting[];
  /** Tables that were asked, and how many there are. */
  readonly asked: number;
  readonly tables: number | undefined;
  readonly error: unknown;
}

export function useSightings(value: string | undefined): Sightings {
  const { send, workspace } = usePlace();
  const tables = useQuery({
    queryKey: ["tables with rows", workspace.id],
    enabled: value !== undefined,
    staleTime: FRESH,
    queryFn: async ({ signal }) => {
      const ask = { query: TABLES_QUERY, timespan: LOOKED_BACK, signal };
      const { tables: answer } = await runQuery(send, workspace.customerId, ask);
      return records(answer[0]).map((row) => String(row["DataType"]));
    },
  });
  return useQueries({
    queries: (value === undefined ? [] : (tables.data ?? [])).map((table) => ({
      queryKey: ["entity", workspace.id, "seen", table, value],
      staleTime: FRESH,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        inTurn(async (): Promise<Sighting> => {
          const ask = { query: sightingsQuery(table, value!), timespan: LOOKED_BACK, signal };
          const [row] = records((await runQuery(send, workspace.customerId, ask)).tables[0]);
          return { table, rows: Number(row?.["Rows"] ?? 0), first: text(row?.["First"]), last: text(row?.["Last"]) };
        }),
    })),
    combine: (results) => ({
      found: results.flatMap(({ data }) => (data && data.rows > 0 ? [data] : [])).sort((a, b) => b.rows - a.rows),
      asked: results.filter((each) => !each.isPending).length,
      tables: tables.data?.length,
      error: tables.error ?? results.find((each) => each.isError)?.error ?? undefined,
    }),
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
