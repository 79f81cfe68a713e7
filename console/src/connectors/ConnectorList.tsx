// The data connectors of the workspace, each with the tables that it fills and what its health says.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Resource } from "~/api/arm";
import { askRows } from "~/api/kql";
import { Facts, Raw } from "~/parts/facts";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { TABLES_OF, type TableFlow } from "./tables";
import { useFlow } from "./useFlow";

const PROVIDER = "Microsoft.SecurityInsights";
const HEALTH = `SentinelHealth
| where TimeGenerated > ago(30d) and SentinelResourceType == "Data connector"
| summarize arg_max(TimeGenerated, Status, Description) by Id = tolower(SentinelResourceId)`;

interface ConnectorProperties {
  readonly dataTypes?: Readonly<Record<string, { readonly state?: string }>>;
  readonly connectorUiConfig?: { readonly title?: string; readonly dataTypes?: readonly { readonly name: string }[] };
  readonly friendlyName?: string;
}

type Connector = Resource<ConnectorProperties>;

function titleOf({ name, properties }: Connector): string {
  return properties.connectorUiConfig?.title ?? properties.friendlyName ?? name;
}

function tablesOf({ kind, properties }: Connector): readonly string[] {
  const named = properties.connectorUiConfig?.dataTypes?.map(({ name }) => name.replace(/\s*\(.*\)$/, ""));
  return named ?? TABLES_OF[kind ?? ""] ?? [];
}

export default function ConnectorList() {
  const place = usePlace();
  const flow = useFlow().data;
  const asked = useQuery({
    queryKey: ["dataConnectors", place.sentinel],
    queryFn: ({ signal }) => place.arm.list<Connector>(`${place.sentinel}/dataConnectors`, PROVIDER, {}, signal),
  });
  const health = useQuery({
    queryKey: ["connectorHealth", place.workspace.id],
    queryFn: async ({ signal }) =>
      new Map((await askRows(place, { query: HEALTH, signal })).map((row) => [String(row["Id"]), row])),
  }).data;
  const columns = useMemo((): readonly ListColumn<Connector>[] => {
    const lastOf = (connector: Connector): string =>
      flowsOf(connector, flow)
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? "";
    return [
      { key: "name", title: "Connector", width: 240, cell: titleOf, sort: titleOf },
      { key: "kind", title: "Kind", width: 190, cell: ({ kind }) => kind, sort: ({ kind }) => kind ?? "" },
      { key: "tables", title: "Tables", width: 160, cell: (each) => tablesOf(each).join(", ") },
      { key: "last", title: "Last event", width: 176, cell: (each) => <Instant value={lastOf(each) || undefined} />, sort: lastOf }, // prettier-ignore
    ];
  }, [flow]);
  const list = useList({
    items: asked.data,
    columns,
    order: "name",
    keyOf: ({ name }) => name,
    textOf: (connector) => `${titleOf(connector)} ${connector.kind ?? ""} ${tablesOf(connector).join(" ")}`,
  });
  return (
    <ListDetail
      title="Data connectors"
      heading={false}
      list={list}
      asked={asked}
      call={`${place.sentinel}/dataConnectors?api-version=2024-01-01-preview`}
      empty={{
        what: "No data connector yet. They come with solutions, by templates, or over the API:",
        how: `PUT ${place.sentinel}/dataConnectors/<name>`,
      }}
      detail={(connector) => {
        const said = health?.get(connector.id.toLowerCase());
        return (
          <>
            <h2>{titleOf(connector)}</h2>
            <Facts
              of={[
                ["Kind", connector.kind],
                ["Takes", Object.entries(connector.properties.dataTypes ?? {}).map(([name, { state }]) => `${name} ${state ?? ""}`).join(", ")], // prettier-ignore
                ["Health", said && String(said["Status"])],
                ["It said", said && String(said["Description"])],
                ["When", said && <Instant value={String(said["TimeGenerated"])} />],
              ]}
            />
            <h3>Tables</h3>
            {tablesOf(connector).length === 0 && <p className="faint">It does not say which tables it fills.</p>}
            <Facts
              of={tablesOf(connector).map((table) => [
                table,
                <Instant key={table} value={flow?.find((each) => each.table === table)?.last} />,
              ])}
            />
            <Raw value={connector} />
          </>
        );
      }}
    />
  );
}

function flowsOf(connector: Connector, flow: readonly TableFlow[] | undefined): readonly TableFlow[] {
  const tables = tablesOf(connector);
  return (flow ?? []).filter(({ table }) => tables.includes(table));
}
