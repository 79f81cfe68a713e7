// What the incident page fetches: each part by itself and all at once, the incident first.
import { useQuery, type QueryClient, type UseQueryResult } from "@tanstack/react-query";
import { quoted } from "~/api/kql";
import { records, runQuery } from "~/api/logs";
import { fetchIncident } from "~/incidents/edits";
import { usePlace, type Place } from "~/shell/place";
import { CHANGES_COLUMNS, type ChangeRow } from "./changes";
import type { Incident } from "~/incidents/incident";
import type { Alert, Bookmark, Comment, Entity, Graph, Relation, Similar, Task } from "./model";

const SENTINEL = "Microsoft.SecurityInsights";
const FRESH = 30_000; // milliseconds for which what was prefetched is good enough to be shown

type Fetch<T> = (place: Place, id: string, signal: AbortSignal) => Promise<T>;

const post =
  <T, R>(action: string, take: (body: T) => R): Fetch<R> =>
  async ({ arm }, id, signal) =>
    take(await arm.post<T>(`${id}/${action}`, SENTINEL, {}, signal));

const list =
  <T>(children: string): Fetch<T[]> =>
  ({ arm }, id, signal) =>
    arm.list<T>(`${id}/${children}`, SENTINEL, {}, signal);

/** The parts of an incident, each under its name in the cache: `["incident", <id>, <part>]`. */
const PARTS = {
  alerts: post<{ value: Alert[] }, Alert[]>("alerts", (body) => body.value),
  entities: post<{ entities: Entity[] }, Entity[]>("entities", (body) => body.entities),
  bookmarks: post<{ value: Bookmark[] }, Bookmark[]>("bookmarks", (body) => body.value),
  graph: post<Graph, Graph>("graph", (body) => body),
  similar: post<{ value: Similar[] }, Similar[]>("similarIncidents", (body) => body.value),
  comments: list<Comment>("comments"),
  tasks: list<Task>("tasks"),
  relations: list<Relation>("relations"),
  changes: ((place, id, signal) => kql<ChangeRow>(place, changesQuery(id), signal)) as Fetch<ChangeRow[]>,
  playbookRuns: ((place, id, signal) => kql<RunRow>(place, runsQuery(id), signal)) as Fetch<RunRow[]>,
};

type Parts = { [K in keyof typeof PARTS]: (typeof PARTS)[K] extends Fetch<infer R> ? R : never };
export type Part = keyof Parts;

/** What is on the page before anybody scrolls: it is fetched for the next incident too. */
const SOON: readonly Part[] = ["alerts", "comments", "tasks", "changes"];

/** A row of SentinelHealth about a playbook or an automation rule that worked on the incident. */
export interface RunRow {
  readonly TimeGenerated: string;
  readonly OperationName: string;
  readonly SentinelResourceName: string;
  readonly SentinelResourceId: string;
  readonly Status: string;
  readonly Description: string;
  readonly Who: string;
  readonly RunId: string;
}

async function kql<T>(place: Place, query: string, signal: AbortSignal): Promise<T[]> {
  const answer = await runQuery(place.send, place.workspace.customerId, { query, signal });
  return records(answer.tables[0]) as unknown as T[];
}

function changesQuery(id: string): string {
  return `SecurityIncident | where IncidentName == ${quoted(nameOf(id))} | project ${CHANGES_COLUMNS} | top 500 by TimeGenerated desc | sort by TimeGenerated asc, Alerts asc, Comments asc, Tasks asc`;
}

function runsQuery(id: string): string {
  return `SentinelHealth | where SentinelResourceType in ("Playbook", "Automation rule") and ExtendedProperties.IncidentName =~ ${quoted(id)} | top 200 by TimeGenerated desc | sort by TimeGenerated asc | project TimeGenerated, OperationName, SentinelResourceName, SentinelResourceId, Status, Description, Who = tostring(coalesce(ExtendedProperties.TriggeredByName.name, ExtendedProperties.TriggeredByName.userPrincipalName)), RunId = tostring(ExtendedProperties.RunId)`;
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

export function incidentId(place: Place, name: string): string {
  return `${place.sentinel}/incidents/${name}`;
}

/** The incident itself, asked for again while the page is in sight. */
export function useIncident(id: string): UseQueryResult<Incident> {
  const place = usePlace();
  return useQuery({
    queryKey: ["incident", id],
    queryFn: ({ signal }) => fetchIncident(place, id, signal),
    refetchInterval: 5000,
    staleTime: 2000,
  });
}

export function usePart<P extends Part>(id: string, part: P): UseQueryResult<Parts[P]> {
  const place = usePlace();
  return useQuery<Parts[P]>({
    queryKey: ["incident", id, part],
    queryFn: ({ signal }) => (PARTS[part] as Fetch<Parts[P]>)(place, id, signal),
    staleTime: FRESH,
  });
}

/** Fetch an incident that is likely to be opened next. */
export function prefetch(client: QueryClient, place: Place, id: string): void {
  void client.prefetchQuery({
    queryKey: ["incident", id],
    queryFn: ({ signal }) => fetchIncident(place, id, signal),
    staleTime: FRESH,
  });
  for (const part of SOON) {
    void client.prefetchQuery({
      queryKey: ["incident", id, part],
      queryFn: ({ signal }) => (PARTS[part] as Fetch<Parts[typeof part]>)(place, id, signal),
      staleTime: FRESH,
    });
  }
}

/** Fetch parts anew, such as after an edit; all of them when none is named. */
export function refresh(client: QueryClient, id: string, ...parts: readonly Part[]): Promise<void> {
  const keys = parts.length > 0 ? parts.map((part) => ["incident", id, part]) : [["incident", id]];
  return Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))).then(() => undefined);
}
