// The server's present: that of a virtual clock may be another than this computer's.
import { useCallback } from "react";
import { runQuery } from "~/api/logs";
import { usePlace } from "~/shell/place";

export function useNow(): () => Promise<Date> {
  const { send, session, workspace } = usePlace();
  return useCallback(async () => {
    if (!session.config.virtualClock) return new Date();
    const answer = await runQuery(send, workspace.customerId, { query: "print now()" });
    return new Date(String(answer.tables[0]?.rows[0]?.[0]));
  }, [send, session, workspace]);
}
