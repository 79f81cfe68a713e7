// Keys for components: a page brings in its scope, and says what its actions do.
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Scope } from "./bindings";
import { begun, enterScope, handle, watchKeys } from "./keys";

type Handlers = Readonly<Record<string, (() => void) | undefined>>;

/** Bring in a scope while the component is mounted. */
export function useScope(scope: Scope): void {
  useEffect(() => enterScope(scope), [scope]);
}

/** Handle actions while the component is mounted; always the handlers of the newest render. */
export function useActions(now: Handlers): void {
  const newest = useRef(now);
  useEffect(() => {
    newest.current = now;
  });
  const names = Object.keys(now)
    .filter((name) => now[name])
    .sort()
    .join(" ");
  useEffect(() => {
    const undo = names
      .split(" ")
      .filter(Boolean)
      .map((name) => handle(name, () => newest.current[name]?.()));
    return () => {
      for (const each of undo) each();
    };
  }, [names]);
}

/** The keys of a sequence that was begun, for the status line. */
export function useBegun(): string {
  return useSyncExternalStore(watchKeys, begun);
}
