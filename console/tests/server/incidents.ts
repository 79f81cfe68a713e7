// Incidents for a test, made through the management API as a person's script would.
import { randomUUID } from "node:crypto";
import type { Server } from "./server";

export const VERSION = "api-version=2024-01-01-preview";
const AT_A_TIME = 8;

export interface SeededIncident {
  readonly id: string;
  readonly name: string;
  readonly etag: string;
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly incidentNumber: number;
    readonly title: string;
    readonly status: string;
    readonly severity: string;
  };
}

/** So many incidents with one tag, a few at a time; in the order of `make`. A thousand take about 20 seconds. */
export async function seedIncidents(
  server: Server,
  count: number,
  tag: string,
  make: (n: number) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<SeededIncident[]> {
  const made: SeededIncident[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      made[n] = await putIncident(server, randomUUID(), {
        title: `${tag} ${n}`,
        severity: ["High", "Medium", "Low", "Informational"][n % 4],
        status: "New",
        labels: [{ labelName: tag }],
        ...make(n),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return made;
}

export function putIncident(
  server: Server,
  name: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<SeededIncident> {
  return server.call("PUT", `${server.sentinel}/incidents/${name}?${VERSION}`, { properties });
}

export function getIncident(server: Server, name: string): Promise<SeededIncident> {
  return server.call("GET", `${server.sentinel}/incidents/${name}?${VERSION}`);
}
