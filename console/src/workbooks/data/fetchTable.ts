// Asking a source for a table of rows.
import type { Arm } from "~/api/arm";
import { ApiError, errorOf } from "~/api/errors";
import type { Column, QueryAnswer, Table } from "~/api/logs";
import type { Send } from "~/api/request";
import { isJson, parsed, textOf } from "../model/json";
import { allAtPath, atPath } from "../model/jsonPath";
import { merge } from "../model/merge";
import { graphQuery } from "./resourceGraph";
import type { Resolved, Transformer } from "./resolve";
import { inTurn } from "./turns";

export interface Clients {
  readonly send: Send;
  readonly arm: Arm;
  readonly subscriptions: readonly string[];
}

export interface Result {
  readonly table: Table;
  readonly render: Readonly<Record<string, unknown>> | undefined;
  /** What went wrong although there are rows. */
  readonly partial: string | undefined;
}

const WAIT = 120; // seconds that a query may run

/** Raises ApiError for what the server refused, Error for a text that is no table. */
export async function fetchTable(asked: Resolved, clients: Clients, signal: AbortSignal): Promise<Result> {
  switch (asked.kind) {
    case "logs":
      return inTurn(signal, () => logs(asked, clients.send, signal));
    case "graph": {
      const query = await graphQuery(asked.query, asked.scopes, clients, signal);
      return inTurn(signal, () =>
        logs({ workspace: asked.workspace, others: [], query, timespan: undefined }, clients.send, signal),
      );
    }
    case "json":
      return whole(tableOfJson(parsedOr(asked.content), asked.transformers));
    case "arm":
      return whole(
        tableOfJson(await inTurn(signal, () => management(asked, clients.send, signal)), asked.transformers),
      );
    case "merge": {
      const names = Object.keys(asked.tables);
      const results = await Promise.all(
        names.map((name) => fetchTable(asked.tables[name] as Resolved, clients, signal)),
      );
      return whole(merge(asked.plan, Object.fromEntries(names.map((name, at) => [name, results[at]!.table]))));
    }
  }
}

function whole(table: Table): Result {
  return { table, render: undefined, partial: undefined };
}

function parsedOr(text: string): unknown {
  const value = parsed(text);
  if (value === undefined) throw new Error("The text is no JSON.");
  return value;
}

interface BatchAnswer {
  readonly responses: readonly { readonly id: string; readonly status: number; readonly body: QueryAnswer }[];
}

/** A batch of one: a query that the server refuses is an answer of this item, and no failed request of the page. */
async function logs(
  asked: { workspace: string; others: readonly string[]; query: string; timespan: string | undefined },
  send: Send,
  signal: AbortSignal,
): Promise<Result> {
  const body = {
    query: asked.query,
    ...(asked.timespan ? { timespan: asked.timespan } : {}),
    ...(asked.others.length > 0 ? { workspaces: asked.others } : {}),
  };
  const { body: batch } = await send<BatchAnswer>({
    audience: "logs",
    method: "POST",
    path: "/v1/$batch",
    body: {
      requests: [
        {
          id: "1",
          workspace: asked.workspace,
          method: "POST",
          path: "/query",
          headers: { "Content-Type": "application/json", Prefer: `wait=${WAIT},include-render=true` },
          body,
        },
      ],
    },
    signal,
    patience: (WAIT + 15) * 1000,
  });
  const answer = batch.responses[0];
  if (!answer) throw new Error("The server answered nothing.");
  if (answer.status >= 400) throw errorOf(answer.status, answer.body, new Headers());
  const table = answer.body.tables[0];
  if (!table) throw new Error("The answer has no table.");
  return { table, render: answer.body.render, partial: answer.body.error?.message };
}

interface ManagementBatch {
  readonly responses: readonly { readonly httpStatusCode: number; readonly content: unknown }[];
}

async function management(
  asked: { method: string; path: string; body: string },
  send: Send,
  signal: AbortSignal,
): Promise<unknown> {
  const content = asked.method === "POST" && asked.body !== "" ? parsed(asked.body) : undefined;
  const { body } = await send<ManagementBatch>({
    audience: "arm",
    method: "POST",
    path: "/batch?api-version=2020-06-01",
    body: {
      requests: [
        {
          name: "1",
          httpMethod: asked.method,
          relativeUrl: asked.path,
          ...(content === undefined ? {} : { content }),
        },
      ],
    },
    signal,
  });
  const answer = body.responses[0];
  if (!answer) throw new ApiError(0, "NoAnswer", "The server answered nothing.", "");
  if (answer.httpStatusCode >= 400) throw errorOf(answer.httpStatusCode, answer.content, new Headers());
  return answer.content;
}

/** A table of JSON: as the transformers say, else the list that is there, else its one object. */
export function tableOfJson(value: unknown, transformers: readonly Transformer[]): Table {
  const first = transformers[0];
  if (!first) return tableOfRows(rowsIn(value));
  const path = first.tablePath.trim();
  const found = path === "" || path === "$" ? rowsIn(value) : allAtPath(value, path).flatMap(rowsIn);
  if (first.columns.length === 0) return tableOfRows(found);
  const rows = found.map((row) => first.columns.map((column) => cellAt(row, column.path)));
  return {
    name: "json",
    columns: first.columns.map((column, at) => ({ name: column.name, type: typeOf(rows.map((row) => row[at])) })),
    rows,
  };
}

function cellAt(row: unknown, path: string): unknown {
  const found = atPath(row, path === "" ? "$" : path);
  return typeof found === "object" && found !== null ? JSON.stringify(found) : (found ?? null);
}

function rowsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (isJson(value) && Array.isArray(value["value"])) return value["value"] as unknown[];
  return value === undefined ? [] : [value];
}

function tableOfRows(found: readonly unknown[]): Table {
  const names = [...new Set(found.flatMap((row) => (isJson(row) ? Object.keys(row) : ["value"])))];
  const rows = found.map((row) =>
    names.map((name) => (isJson(row) ? cellOf(row[name]) : name === "value" ? row : null)),
  );
  const columns: Column[] = names.map((name, at) => ({ name, type: typeOf(rows.map((row) => row[at])) }));
  return { name: "json", columns, rows };
}

function cellOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? null);
}

function typeOf(values: readonly unknown[]): string {
  const held = values.filter((value) => value !== null && value !== undefined);
  if (held.length > 0 && held.every((value) => typeof value === "number")) return "real";
  if (held.length > 0 && held.every((value) => typeof value === "boolean")) return "bool";
  const instants = held.length > 0 && held.every((value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(textOf(value)));
  return instants ? "datetime" : "string";
}
