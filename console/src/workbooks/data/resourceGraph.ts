// Azure Resource Graph by what the server's public APIs have: the resources that the management API lists, put as a table
// before the query, which the query API runs. https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
import { VERSIONS, type Resource, type Version } from "~/api/arm";
import { lastOfId, partOfId } from "../model/substitute";
import type { Clients } from "./fetchTable";

const MOST = 2000; // resources in the table
const MOST_WITH_PROPERTIES = 200;
const AT_ONCE = 20; // requests in a batch

interface Row {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly location: string;
  readonly tags: unknown;
  readonly sku: unknown;
  readonly identity: unknown;
  readonly properties: unknown;
}

const COLUMNS = [
  "id:string",
  "name:string",
  "type:string",
  "tenantId:string",
  "kind:string",
  "location:string",
  "resourceGroup:string",
  "subscriptionId:string",
  "managedBy:string",
  "sku:dynamic",
  "plan:dynamic",
  "properties:dynamic",
  "tags:dynamic",
  "identity:dynamic",
  "zones:dynamic",
];

/** A query of Logs that answers one of Resource Graph. */
export async function graphQuery(
  query: string,
  scopes: readonly string[],
  clients: Clients,
  signal: AbortSignal,
): Promise<string> {
  const text = startsWithOperator(query) ? `resources | ${query.trim().replace(/^\|/, "")}` : query;
  const needs = (table: string): string[] => [
    ...new Set([...text.matchAll(new RegExp(String.raw`(?<![\w."'])${table}(?![\w."'])`, "gi"))].map(([name]) => name)),
  ];
  const subscriptions = subscriptionsOf(scopes, clients);
  const resources = needs("resources");
  const containers = needs("resourcecontainers");
  const lets: string[] = [];
  if (resources.length > 0) {
    const rows = await resourcesIn(subscriptions, scopes, clients, signal, /\bproperties\b/.test(text));
    lets.push(...resources.map((name) => letOf(name, rows)));
  }
  if (containers.length > 0) {
    const rows = await containersIn(subscriptions, clients, signal);
    lets.push(...containers.map((name) => letOf(name, rows)));
  }
  return `${lets.join("\n")}\n${text}`;
}

const OPERATORS =
  /^\s*\|?\s*(where|project|summarize|extend|order|sort|take|limit|top|distinct|count|mv-expand|join)\b/i;

/** Without a table first, it is about resources. */
function startsWithOperator(query: string): boolean {
  return OPERATORS.test(query.replace(/^(\s*\/\/[^\n]*\n)+/, ""));
}

function subscriptionsOf(scopes: readonly string[], clients: Clients): string[] {
  const named = scopes.map((each) => partOfId(each, "subscriptions").toLowerCase()).filter(Boolean);
  const known = clients.subscriptions.filter((each) => named.includes(each.toLowerCase()));
  return known.length > 0 ? known : [...clients.subscriptions];
}

async function resourcesIn(
  subscriptions: readonly string[],
  scopes: readonly string[],
  clients: Clients,
  signal: AbortSignal,
  withProperties: boolean,
): Promise<Row[]> {
  const lists = await Promise.all(
    subscriptions.map((each) =>
      clients.arm.list<Resource & Readonly<Record<string, unknown>>>(
        `/subscriptions/${each}/resources`,
        "Microsoft.Resources",
        {},
        signal,
        MOST,
      ),
    ),
  );
  const groups = scopes.filter((each) => /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$/i.test(each));
  const found = lists
    .flat()
    .filter((each) => groups.length === 0 || groups.some((group) => isUnder(each.id, group)))
    .slice(0, MOST);
  const own = withProperties ? await propertiesOf(found.slice(0, MOST_WITH_PROPERTIES), clients, signal) : new Map();
  return found.map((each) => rowOf(each, (own.get(each.id) as unknown) ?? each.properties ?? {}));
}

function isUnder(id: string, group: string): boolean {
  return id.toLowerCase().startsWith(`${group.toLowerCase()}/`);
}

function rowOf(resource: Resource & { readonly sku?: unknown; readonly identity?: unknown }, properties: unknown): Row {
  return {
    id: resource.id,
    name: resource.name,
    type: resource.type.toLowerCase(),
    kind: resource.kind ?? "",
    location: resource.location ?? "",
    tags: resource.tags ?? {},
    sku: resource.sku ?? null,
    identity: resource.identity ?? null,
    properties,
  };
}

async function propertiesOf(
  resources: readonly Resource[],
  clients: Clients,
  signal: AbortSignal,
): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  const asked = resources.flatMap((each) => {
    const version = versionOf(each.type);
    return version ? [{ name: each.id, httpMethod: "GET", relativeUrl: `${each.id}?api-version=${version}` }] : [];
  });
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const { body } = await clients.send<{
      responses: readonly { name: string; httpStatusCode: number; content: { properties?: unknown } }[];
    }>({
      audience: "arm",
      method: "POST",
      path: "/batch?api-version=2020-06-01",
      body: { requests: asked.slice(at, at + AT_ONCE) },
      signal,
    });
    for (const each of body.responses) if (each.httpStatusCode < 400) found.set(each.name, each.content.properties);
  }
  return found;
}

function versionOf(type: string): string | undefined {
  const name = Object.keys(VERSIONS).find((each) => each.toLowerCase() === type.toLowerCase());
  const provider = Object.keys(VERSIONS).find((each) => type.toLowerCase().startsWith(`${each.toLowerCase()}/`));
  const found = (name ?? provider) as Version | undefined;
  return found && VERSIONS[found];
}

/** The subscriptions that the person sees, and their groups; a group's list that is refused has none. */
async function containersIn(subscriptions: readonly string[], clients: Clients, signal: AbortSignal): Promise<Row[]> {
  const seen = await clients.arm.list<{ subscriptionId: string; displayName?: string }>(
    "/subscriptions",
    "Microsoft.Resources",
    {},
    signal,
  );
  const asked = seen.filter((each) => subscriptions.includes(each.subscriptionId)).slice(0, AT_ONCE);
  const { body } = await clients.send<{
    responses: readonly { httpStatusCode: number; content: { value?: readonly Resource[] } }[];
  }>({
    audience: "arm",
    method: "POST",
    path: "/batch?api-version=2020-06-01",
    body: {
      requests: asked.map(({ subscriptionId }) => ({
        name: subscriptionId,
        httpMethod: "GET",
        relativeUrl: `/subscriptions/${subscriptionId}/resourcegroups?api-version=${VERSIONS["Microsoft.Resources"]}`,
      })),
    },
    signal,
  });
  const groups = body.responses.flatMap((each) => (each.httpStatusCode < 400 ? (each.content.value ?? []) : []));
  return [
    ...asked.map((each) => container(`/subscriptions/${each.subscriptionId}`, each.displayName ?? each.subscriptionId)),
    ...groups.map((each) => rowOf({ ...each, type: `${SUBSCRIPTION}/resourcegroups` }, each.properties ?? {})),
  ];
}

const SUBSCRIPTION = "microsoft.resources/subscriptions";

function container(id: string, name: string): Row {
  const nothing = { kind: "", location: "", tags: {}, sku: null, identity: null, properties: {} };
  return { id, name, type: SUBSCRIPTION, ...nothing };
}

/** `let resources = datatable(…)[…];`; without rows an empty one. */
export function letOf(name: string, rows: readonly Row[]): string {
  const text = (value: string): string => JSON.stringify(value);
  const dynamic = (value: unknown): string =>
    value === null || value === undefined ? "dynamic(null)" : `dynamic(${JSON.stringify(value)})`;
  const lines = rows.map((row) =>
    [
      text(row.id),
      text(row.name),
      text(row.type),
      '""',
      text(row.kind),
      text(row.location),
      text(groupOf(row)),
      text(partOfId(row.id, "subscriptions")),
      '""',
      dynamic(row.sku),
      "dynamic(null)",
      dynamic(row.properties),
      dynamic(row.tags),
      dynamic(row.identity),
      "dynamic(null)",
    ].join(","),
  );
  return `let ${name} = datatable(${COLUMNS.join(", ")})[\n${lines.join(",\n")}\n];`;
}

function groupOf(row: Row): string {
  return (
    partOfId(row.id, "resourcegroups") || (row.type.endsWith("/resourcegroups") ? lastOfId(row.id) : "")
  ).toLowerCase();
}
