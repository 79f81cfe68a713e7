// The address bar is the state: what a page shows is read from the address and written there.
import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** One value of the address's query, such as `status=New`; an empty one is not written. */
export function useParameter(name: string, otherwise = ""): [string, (value: string) => void] {
  const search = useSearch();
  const value = useMemo(() => new URLSearchParams(search).get(name) ?? otherwise, [search, name, otherwise]);
  const set = useCallback(
    (next: string) => changeParameters({ [name]: next === otherwise ? "" : next }),
    [name, otherwise],
  );
  return [value, set];
}

/** Write several values at once, in the place of the present entry of the history. */
export function changeParameters(change: Readonly<Record<string, string>>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(change)) {
    if (value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/** Go to a page of this workspace: `go("incidents/42")`. */
export function useGo(): (to: string, more?: { replace?: boolean }) => void {
  const [at, navigate] = useLocation();
  const prefix = /^\/w\/[^/]+/.exec(at)?.[0] ?? "";
  return useCallback((to, more) => navigate(`${prefix}/${to}`, more), [prefix, navigate]);
}
