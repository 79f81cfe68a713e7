// Whom and what the rows in sight are about: one query for all of them.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { records, runQuery } from "~/api/logs";
import { usePlace } from "~/shell/place";
import { workspaceIdOf, type Incident } from "./incident";

const BLOCK = 50; // rows that are asked for at a time
const SHOWN = 3;

interface SentEntity {
  readonly $id?: string;
  readonly Type?: string;
  readonly [name: string]: unknown;
}

/** Names of the first entities of each incident, by the incident's folded id; those around a row. */
export function useRowEntities(rows: readonly Incident[], at: number): ReadonlyMap<string, string> {
  const { send, workspaces } = usePlace();
  const block = Math.floor(Math.max(0, at) / BLOCK);
  const { names, key } = useMemo(() => {
    const near = rows.slice(block * BLOCK, (block + 1) * BLOCK);
    const alerted = near.filter((each) => (each.properties.additionalData?.alertsCount ?? 0) > 0);
    const told = alerted.map((each) => `${each.id} ${each.properties.additionalData?.alertsCount}`).join();
    return { names: alerted, key: told };
  }, [rows, block]);
  const found = useQuery({
    queryKey: ["incidents", "entities", key],
    queryFn: async ({ signal }) => {
      const lists = workspaces.map(async (workspace) => {
        const own = names.filter((each) => workspaceIdOf(each.id).toLowerCase() === workspace.id.toLowerCase());
        if (own.length === 0) return [];
        const { tables } = await runQuery(send, workspace.customerId, { query: query(own), signal, wait: 30 });
        return records(tables[0]).map((row): [string, string] => [
          `${workspace.id}/${String(row["IncidentName"])}`.toLowerCase(),
          entitiesText(String(row["Entities"] ?? "")),
        ]);
      });
      return (await Promise.all(lists)).flat();
    },
    enabled: names.length > 0,
    staleTime: Infinity,
    gcTime: 60_000,
    placeholderData: (before) => before,
  });
  return useMemo(() => new Map(found.data ?? []), [found.data]);
}

export function entityKey(incident: Incident): string {
  return `${workspaceIdOf(incident.id)}/${incident.name}`.toLowerCase();
}

function query(incidents: readonly Incident[]): string {
  const names = incidents.map((each) => `'${each.name.replaceAll(/[^\w-]/g, "")}'`).join(", ");
  return [
    `SecurityIncident | where IncidentName in (${names})`,
    "| summarize arg_max(TimeGenerated, AlertIds) by IncidentName",
    "| mv-expand AlertId = AlertIds to typeof(string)",
    "| join kind=inner (SecurityAlert | summarize arg_max(TimeGenerated, Entities) by SystemAlertId) on $left.AlertId == $right.SystemAlertId",
    "| summarize arg_max(TimeGenerated1, Entities) by IncidentName",
    "| project IncidentName, Entities",
  ].join("\n");
}

/** `svc-sql, WEB-03, 10.2.0.17` of the entities of an alert as they are sent. */
export function entitiesText(json: string): string {
  let sent: unknown;
  try {
    sent = JSON.parse(json);
  } catch {
    return "";
  }
  if (!Array.isArray(sent)) return "";
  const names = (sent as SentEntity[]).map(nameOf).filter((each) => each !== "");
  const shown = [...new Set(names)];
  return shown.slice(0, SHOWN).join(", ") + (shown.length > SHOWN ? ` +${shown.length - SHOWN}` : "");
}

const NAMES = [
  "HostName",
  "Address",
  "Url",
  "DomainName",
  "Name",
  "DisplayName",
  "CommandLine",
  "Recipient",
  "MailboxPrimaryAddress",
  "ResourceId",
  "Value",
];

function nameOf(entity: SentEntity): string {
  for (const name of NAMES) {
    const value = entity[name];
    if (typeof value === "string" && value !== "") return value.slice(0, 80);
  }
  return "";
}
