// What the query API tells of a workspace's tables and functions, in the form that Kusto's language service takes.
// https://learn.microsoft.com/rest/api/logsquery/metadata/get
import type { Send } from "~/api/request";

export interface MetadataColumn {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
}

export interface MetadataTable {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly timespanColumn?: string;
  readonly columns?: readonly MetadataColumn[];
  readonly related?: { readonly solutions?: readonly string[] };
}

export interface MetadataFunction {
  readonly name: string;
  readonly parameters?: string;
  readonly body: string;
  readonly description?: string;
}

export interface MetadataQuery {
  readonly id: string;
  readonly displayName: string;
  readonly body: string;
  readonly related?: { readonly categories?: readonly string[] };
}

export interface Metadata {
  readonly tables: readonly MetadataTable[];
  readonly functions?: readonly MetadataFunction[];
  readonly queries?: readonly MetadataQuery[];
  readonly solutions?: readonly { readonly id: string; readonly displayName?: string; readonly name: string }[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly docstring?: string;
}

export interface EngineDatabase {
  readonly name: string;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly tables: readonly {
    readonly name: string;
    readonly entityType: "Table";
    readonly columns: readonly Column[];
    readonly docstring?: string;
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly body: string;
    readonly inputParameters: readonly object[];
  }[];
  readonly entityGroups: readonly [];
}

/** What `.show schema` gives, as the language service reads it. */
export interface EngineSchema {
  readonly clusterType: "Engine";
  readonly cluster: { readonly connectionString: string; readonly databases: readonly EngineDatabase[] };
  readonly database: EngineDatabase;
}

/** What can be queried in a workspace. Raises ApiError. */
export async function readMetadata(send: Send, workspaceId: string, signal?: AbortSignal): Promise<Metadata> {
  return (await send<Metadata>({ audience: "logs", path: `/v1/workspaces/${workspaceId}/metadata`, signal })).body;
}

const WATCHLIST = "datatable(_DTItemId:string, LastUpdatedTimeUTC:datetime, SearchKey:string, WatchlistItem:dynamic)[]";

/** Functions of Sentinel's own, which every workspace has and no metadata lists. */
const OWN = [
  { name: "_GetWatchlist", parameters: "watchlistAlias:string", body: WATCHLIST },
  { name: "_GetWatchlistAlias", parameters: "", body: "datatable(WatchlistAlias:string)[]" },
];

/** `version` must grow with each schema that is told, or the service keeps the one before. */
export function engineSchema(metadata: Metadata, version: number): EngineSchema {
  const known = new Set((metadata.functions ?? []).map((each) => each.name));
  const functions = [...(metadata.functions ?? []), ...OWN.filter((each) => !known.has(each.name))];
  const database: EngineDatabase = {
    name: "workspace",
    majorVersion: version,
    minorVersion: 0,
    tables: metadata.tables.map((table) => ({
      name: table.name,
      entityType: "Table",
      columns: (table.columns ?? []).map(({ name, type, description }) => ({ name, type, docstring: description })),
      docstring: table.description,
    })),
    functions: functions.map((each) => ({
      name: each.name,
      body: `{ ${each.body}\n}`,
      inputParameters: parameters(each.parameters ?? ""),
    })),
    entityGroups: [],
  };
  return {
    clusterType: "Engine",
    cluster: { connectionString: "https://vedette", databases: [database] },
    database,
  };
}

/** `a:string, t:(x:long, *), n:long=5` as the language service takes parameters. */
export function parameters(text: string): object[] {
  return split(text).map((each) => {
    const colon = each.indexOf(":");
    const name = each.slice(0, colon < 0 ? undefined : colon).trim();
    const rest = colon < 0 ? "dynamic" : each.slice(colon + 1).trim();
    if (rest.startsWith("(")) {
      const inside = rest.slice(1, rest.lastIndexOf(")"));
      const columns = split(inside).filter((column) => column.trim() !== "*");
      return { name, columns: columns.map((column) => scalar(column)) };
    }
    const [type, ...value] = rest.split("=");
    const cslDefaultValue = value.length > 0 ? value.join("=").trim() : undefined;
    const cslType = (type ?? "dynamic").trim();
    return { name, type: cslType, cslType, ...(cslDefaultValue ? { cslDefaultValue } : {}) };
  });
}

function scalar(text: string): object {
  const [name = "", type = "dynamic"] = text.split(":").map((part) => part.trim());
  return { name, cslType: type, type };
}

/** What stands between commas that are in no parentheses and no string. */
function split(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quote = "";
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote) quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      found.push(text.slice(from, at));
      from = at + 1;
    }
  }
  found.push(text.slice(from));
  return found.filter((each) => each.trim() !== "");
}
