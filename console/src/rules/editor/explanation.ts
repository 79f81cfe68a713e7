// Why a saved rule fired in a window, or did not, as the server tells it.
import type { Place } from "~/shell/place";
import type { WouldBeAlert, WouldBeIncident } from "./evaluation";

export interface Explanation {
  /** Null for a rule that is stored nowhere. */
  readonly next: { readonly at: string | null; readonly windowEnd: string | null; readonly reason: string } | null;
  readonly rows: WindowTold | WindowFailed | null;
}

export interface WindowTold {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly columns: readonly string[];
  readonly count: number;
  /** The first 50, as texts. */
  readonly rows: readonly (readonly string[])[];
  readonly condition: string;
  readonly fires: boolean;
  readonly entities: readonly Readonly<Record<string, unknown>>[];
  readonly entitiesDropped: readonly { readonly count: number; readonly reason: string }[];
  /** Columns that the rule names and the query does not give. */
  readonly missingColumns: readonly string[];
  readonly alertsCount: number;
  /** The first 50. */
  readonly alerts: readonly WouldBeAlert[];
  readonly incidents: readonly WouldBeIncident[];
}

/** The window that was looked at, when its query could be run. */
export function windowOf(told: Explanation | undefined): WindowTold | undefined {
  return told?.rows && !("failure" in told.rows) ? told.rows : undefined;
}

export interface WindowFailed {
  readonly windowEnd: string;
  readonly failure: { readonly code: string; readonly message: string };
}

export async function explain(
  { send, workspace }: Pick<Place, "send" | "workspace">,
  rule: string,
  end: string | undefined,
  signal?: AbortSignal,
): Promise<Explanation> {
  const search = new URLSearchParams({ rule, ...(end ? { end } : {}) });
  const path = `/vedette/workspaces/${workspace.customerId}/rules/explain?${search}`;
  return (await send<Explanation>({ audience: "arm", path, signal, patience: 60_000 })).body;
}
