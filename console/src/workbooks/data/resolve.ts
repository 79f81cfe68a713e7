// A query with its parameters written in, ready to be asked; or the names that it waits for.
import type { Workspace } from "~/api/workspaces";
import type { QueryItem } from "../model/item";
import { isJson, listOf, objectOf, parsed, textOf, type Json } from "../model/json";
import { mergePlan, type MergePlan } from "../model/merge";
import type { QuerySpec } from "../model/query";
import type { Scope } from "../model/scope";
import { namesIn, substitute } from "../model/substitute";
import { timespanOf } from "../model/timeRange";

export interface Transformer {
  readonly tablePath: string;
  readonly columns: readonly { readonly path: string; readonly name: string }[];
}

export type Resolved =
  | {
      readonly kind: "logs";
      readonly workspace: string;
      readonly others: readonly string[];
      readonly query: string;
      readonly timespan: string | undefined;
    }
  | { readonly kind: "graph"; readonly query: string; readonly workspace: string; readonly scopes: readonly string[] }
  | { readonly kind: "merge"; readonly plan: MergePlan; readonly tables: Readonly<Record<string, Resolved>> }
  | { readonly kind: "json"; readonly content: string; readonly transformers: readonly Transformer[] }
  | {
      readonly kind: "arm";
      readonly method: string;
      readonly path: string;
      readonly body: string;
      readonly transformers: readonly Transformer[];
    };

export type Resolution =
  | { readonly state: "ready"; readonly resolved: Resolved }
  /** Required parameters that nobody has set. */
  | { readonly state: "unset"; readonly names: readonly string[] }
  /** Parameters whose own queries still run. */
  | { readonly state: "waiting" }
  /** A source that is not asked from here. */
  | { readonly state: "unsupported"; readonly what: string }
  | { readonly state: "wrong"; readonly message: string };

export interface Around {
  readonly scope: Scope;
  readonly now: number;
  readonly workspace: Workspace;
  readonly workspaces: readonly Workspace[];
  /** The query items that a merge may name, by their names. */
  readonly named: (name: string) => QueryItem | undefined;
  readonly fallback: readonly string[];
}

const SOURCES: Readonly<Record<number, string>> = {
  0: "Logs",
  1: "Azure Resource Graph",
  7: "Merge",
  8: "JSON",
  9: "Azure Data Explorer",
  10: "custom endpoint",
  12: "Azure Resource Manager",
};
const SERVED = new Set([0, 1, 7, 8, 12]);
const DEEPEST_MERGE = 8;

/** What a source that is not served is called; undefined when it is. */
export function unservedSource(spec: QuerySpec): string | undefined {
  if (SERVED.has(spec.source)) return undefined;
  return `the source ${SOURCES[spec.source] ?? "of another service"} (query type ${spec.source})`;
}

export function resolve(spec: QuerySpec, around: Around, depth = 0): Resolution {
  const unserved = unservedSource(spec);
  if (unserved) return { state: "unsupported", what: unserved };
  const { scope } = around;
  const names = [...namesIn(spec.text), ...namesIn(spec.resources.join(" ")), spec.rangeFrom].filter(Boolean);
  const cells = names.map((name) => ({ name, cell: scope.cell(name) }));
  if (cells.some(({ cell }) => cell?.pending)) return { state: "waiting" };
  const unset = cells.filter(({ cell }) => cell?.isRequired && (cell.value === undefined || cell.value.value === ""));
  if (unset.length > 0) return { state: "unset", names: unset.map(({ name }) => name) };
  const write = (text: string): string => substitute(text, { valueOf: scope.valueOf, into: "query", now: around.now });
  switch (spec.source) {
    case 7:
      return merged(spec, around, depth);
    case 8:
      return json(write(spec.text));
    case 12:
      return management(write(spec.text));
    case 1:
      return {
        state: "ready",
        resolved: {
          kind: "graph",
          query: write(spec.text),
          workspace: around.workspace.customerId,
          scopes: scopesOf(spec, around),
        },
      };
    default:
      return logs(spec, around, write);
  }
}

function logs(spec: QuerySpec, around: Around, write: (text: string) => string): Resolution {
  const query = write(spec.text);
  if (query.trim() === "") return { state: "wrong", message: "There is no query." };
  const range = around.scope.cell(spec.rangeFrom)?.value?.time ?? (spec.rangeFrom ? undefined : spec.range);
  const wanted = resourcesOf(spec, around);
  const found = around.workspaces.filter((each) => wanted.some((id) => id.toLowerCase() === each.id.toLowerCase()));
  const [first, ...others] = found.length > 0 ? found : [around.workspace];
  return {
    state: "ready",
    resolved: {
      kind: "logs",
      workspace: (first ?? around.workspace).customerId,
      others: others.map((each) => each.customerId),
      query,
      timespan: timespanOf(range ?? spec.range),
    },
  };
}

/** The ids that a query is asked of: those it names, parameters written in, specials resolved. */
function resourcesOf(spec: QuerySpec, around: Around): string[] {
  const named = spec.resources.length > 0 ? spec.resources : around.fallback;
  return named.flatMap((each): string[] => {
    if (each === "value::selected") return [around.workspace.id];
    if (each === "value::all") return around.workspaces.map((workspace) => workspace.id);
    const name = /^\{(\w+)(?::\w+)?\}$/.exec(each)?.[1];
    const value = name === undefined ? undefined : around.scope.cell(name)?.value;
    return value ? [...value.each] : [each];
  });
}

/** The subscriptions and groups that Resource Graph is asked about; all there are when none is named. */
function scopesOf(spec: QuerySpec, around: Around): string[] {
  return resourcesOf(spec, around)
    .filter((each) => each.toLowerCase() !== around.workspace.id.toLowerCase())
    .map((each) => (/^[0-9a-f-]{36}$/i.test(each) ? `/subscriptions/${each}` : each))
    .filter((each) => /^\/subscriptions\/[^/]+/i.test(each));
}

function json(text: string): Resolution {
  const frame = parsed(text);
  if (!isJson(frame) || !("content" in frame)) return ready({ kind: "json", content: text, transformers: [] });
  const content = typeof frame["content"] === "string" ? frame["content"] : JSON.stringify(frame["content"]);
  return ready({ kind: "json", content, transformers: transformersOf(frame) });
}

function management(text: string): Resolution {
  const frame = parsed(text);
  if (!isJson(frame)) return { state: "wrong", message: "The request is no JSON." };
  const method = textOf(frame["method"], "GET").toUpperCase();
  if (method !== "GET" && method !== "POST") {
    return { state: "wrong", message: `A workbook only reads: ${method} is not sent from here.` };
  }
  const search = new URLSearchParams();
  for (const each of listOf(frame["urlParams"]).filter(isJson)) {
    const name = textOf(each["key"] ?? each["name"]);
    if (name) search.set(name, textOf(each["value"]));
  }
  const path = textOf(frame["path"]).replace(/^https?:\/\/[^/]+/i, "");
  if (!path.startsWith("/")) return { state: "wrong", message: "The request has no path." };
  if (method === "POST" && !onlyReads(path)) {
    return { state: "wrong", message: `A workbook only reads: POST ${path} may change something, and is not sent.` };
  }
  const query = search.toString();
  return ready({
    kind: "arm",
    method,
    path: query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`,
    body: textOf(frame["data"] ?? frame["body"]),
    transformers: transformersOf(frame),
  });
}

/** Actions that are asked by POST and change nothing; any other would be done with the rights of whoever looks. */
const READING =
  /\/(?:resources|query|queryresults|summarize|queryindicators|alerts|entities|bookmarks|graph|similarincidents|gettimeline)$/i;

function onlyReads(path: string): boolean {
  const bare = path.split(/[?#]/, 1)[0] ?? "";
  return /^[\w./@$~ -]+$/.test(bare) && !bare.includes("/../") && READING.test(bare);
}

function merged(spec: QuerySpec, around: Around, depth: number): Resolution {
  const plan = mergePlan(parsed(spec.text));
  if (!plan) return { state: "wrong", message: "What is to be merged cannot be read." };
  if (depth > DEEPEST_MERGE) return { state: "wrong", message: "Merges name one another." };
  const tables: Record<string, Resolved> = {};
  for (const name of plan.tables) {
    const item = around.named(name);
    if (!item) return { state: "wrong", message: `There is no query “${name}” to merge here.` };
    const found = resolve(item.query, around, depth + 1);
    if (found.state !== "ready") return found;
    tables[name] = found.resolved;
  }
  return ready({ kind: "merge", plan, tables });
}

function ready(resolved: Resolved): Resolution {
  return { state: "ready", resolved };
}

function transformersOf(frame: Json): Transformer[] {
  return listOf(frame["transformers"])
    .filter(isJson)
    .filter((each) => textOf(each["type"]).toLowerCase() === "jsonpath")
    .map((each) => objectOf(each["settings"]))
    .map((settings) => ({
      tablePath: textOf(settings["tablePath"]),
      columns: listOf(settings["columns"])
        .filter(isJson)
        .map((column) => ({
          path: textOf(column["path"]),
          name: textOf(column["columnid"]) || textOf(column["columnId"]) || textOf(column["path"]),
        })),
    }));
}
