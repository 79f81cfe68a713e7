// A workbook drawn from its text.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { messageOf } from "~/api/errors";
import { Loading } from "~/parts/states";
import { changeParameters, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { ShownContext, type Shown } from "./context";
import { fetchTable } from "./data/fetchTable";
import { Items } from "./items/Items";
import { isJson, parsed } from "./model/json";
import { readWorkbook, type Workbook } from "./model/item";
import { NotRendered } from "./NotRendered";

export function WorkbookView({ serialized, round }: { serialized: string; round: number }) {
  const { send, arm, workspace, workspaces } = usePlace();
  const read = useMemo(() => readOrProblem(serialized), [serialized]);
  const clients = useMemo(
    () => ({ send, arm, subscriptions: [...new Set(workspaces.map((each) => each.subscriptionId))] }),
    [send, arm, workspaces],
  );
  const now = useServerNow(clients, workspace.customerId, round);
  const [values] = useParameter("values");
  const chosen = useCallback((key: string): unknown => keptIn(values)[key], [values]);
  const fallback = "workbook" in read ? read.workbook.fallback : NONE;
  const shown = useMemo((): Shown | undefined => {
    if (now === undefined) return undefined;
    return { clients, now, round, workspace, workspaces, fallback, chosen, keep };
  }, [clients, now, round, workspace, workspaces, fallback, chosen]);
  if ("problem" in read) {
    return <NotRendered what={`the workbook: ${read.problem}`} raw={serialized} />;
  }
  if (!shown) return <Loading what="the time of the server" />;
  return (
    <ShownContext.Provider value={shown}>
      <div className="wb-view">
        {read.workbook.items.length === 0 && (
          <p className="state">This workbook has no items. Edit it (e) to add some.</p>
        )}
        <Items items={read.workbook.items} />
      </div>
    </ShownContext.Provider>
  );
}

const NONE: readonly string[] = [];

function readOrProblem(serialized: string): { workbook: Workbook } | { problem: string } {
  try {
    return { workbook: readWorkbook(serialized) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** The choices in the address, by the parameter's key. */
function keptIn(text: string): Readonly<Record<string, unknown>> {
  const value = parsed(text);
  return isJson(value) ? value : {};
}

function keep(key: string, raw: unknown): void {
  const now = { ...keptIn(new URL(location.href).searchParams.get("values") ?? "") };
  if (raw === undefined) delete now[key];
  else now[key] = raw;
  changeParameters({ values: Object.keys(now).length === 0 ? "" : JSON.stringify(now) });
}

/** The server's now, which is not the browser's where the clock is virtual. */
function useServerNow(clients: Shown["clients"], workspace: string, round: number): number | undefined {
  const { session } = usePlace();
  const isVirtual = session.config.virtualClock;
  const told = useQuery({
    queryKey: ["workbook", "now", workspace, round],
    queryFn: async ({ signal }) => {
      if (!isVirtual) return Date.now();
      const asked = { kind: "logs", workspace, others: [], query: "print now()", timespan: undefined } as const;
      const { table } = await fetchTable(asked, clients, signal);
      return Date.parse(String(table.rows[0]?.[0]));
    },
    staleTime: 60_000,
  });
  return told.isError ? told.errorUpdatedAt : told.data;
}
