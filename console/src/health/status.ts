// What the server says of itself (`GET /vedette/status`): clock, memory, disk, queues, tables.
import type { Send } from "~/api/request";

export const READ_STATUS = "Vedette/status/read";

export interface Rate {
  readonly rowsPerSecond: number;
  readonly lagSeconds: number | null;
}

export interface Status {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly clock: { readonly now: string; readonly virtual: boolean };
  readonly residentBytes: number | null;
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
  readonly writer: { readonly waitingBatches: number; readonly waitingBytes: number };
  readonly outboxRows: number;
  readonly queries: { readonly slowest: readonly SlowQuery[] };
  readonly workspaces: readonly {
    readonly id: string;
    readonly ingest: Rate;
    readonly tables: readonly TableStatus[];
  }[];
}

export interface SlowQuery {
  readonly text: string;
  readonly origin: string;
  readonly caller: string;
  readonly milliseconds: number;
  readonly rows: number;
  readonly secondsAgo: number;
}

export interface TableStatus {
  readonly name: string;
  readonly rows: number;
  readonly bytesOnDisk: number;
  readonly newest: string | null;
  readonly ingest: Rate;
}

export async function readStatus(send: Send, signal?: AbortSignal): Promise<Status> {
  return (await send<Status>({ audience: "arm", path: "/vedette/status", signal })).body;
}
