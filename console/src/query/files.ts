// A row as an object, a query as a text for elsewhere: Python, curl.
import type { Table } from "~/api/logs";

/** A row as an object; a dynamic is itself and no text. */
export function record(table: Pick<Table, "columns">, row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    table.columns.map(({ name, type }, at) => [name, type === "dynamic" ? parsed(row[at]) : row[at]]),
  );
}

/** The value of a dynamic, which the API gives as text. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{"\d-]|^(true|false|null)$/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

interface Asked {
  readonly origin: string;
  readonly workspaceId: string;
  readonly query: string;
  readonly timespan: string;
}

export function curl({ origin, workspaceId, query, timespan }: Asked): string {
  const body = JSON.stringify({ query, ...(timespan ? { timespan } : {}) });
  return [
    "TOKEN=$(az account get-access-token --resource https://api.loganalytics.io --query accessToken -o tsv)",
    `curl -sS -X POST ${shell(`${origin}/v1/workspaces/${workspaceId}/query`)} \\`,
    `  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
    `  --data-binary ${shell(body)}`,
  ].join("\n");
}

function shell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function python({ origin, workspaceId, query, timespan }: Asked): string {
  const span = timespan ? python3(timespan) : "None";
  return `from datetime import datetime, timedelta

from azure.identity import DefaultAzureCredential
from azure.monitor.query import LogsQueryClient

client = LogsQueryClient(DefaultAzureCredential(), endpoint=${literal(`${origin}/v1`)})
answer = client.query_workspace(
    ${literal(workspaceId)},
    ${literal(query)},
    timespan=${span},
)
for row in answer.tables[0].rows:
    print(dict(zip(answer.tables[0].columns, row)))
`;
}

function python3(timespan: string): string {
  const [from = "", to] = timespan.split("/");
  if (to !== undefined)
    return `(${[from, to].map((each) => `datetime.fromisoformat(${literal(each.replace("Z", "+00:00"))})`).join(", ")})`;
  const [, days = "0", hours = "0", minutes = "0"] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?/.exec(from) ?? [];
  return `timedelta(days=${days}, hours=${hours}, minutes=${minutes})`;
}

/** A JSON string is a Python string too. */
function literal(text: string): string {
  return JSON.stringify(text);
}
