// A write that a person asked for: one at a time, its failure is told, a session that has ended goes to the sign-in.
import { useCallback, useRef, useState } from "react";
import { failed } from "~/parts/toast";
import { SignedOut, signInAgain } from "~/session/session";
import { usePlace } from "~/shell/place";

/** `[isBusy, run]`; `run` gives true when the work was done. While one runs, another is not begun. */
export function useWrite(): [boolean, (what: string, work: () => Promise<void>) => Promise<boolean>] {
  const { session } = usePlace();
  const running = useRef(false);
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(
    async (what: string, work: () => Promise<void>) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof SignedOut) void signInAgain(session.config);
        else failed(`${what} failed.`, error);
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [session.config],
  );
  return [isBusy, run];
}
