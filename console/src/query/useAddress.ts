// The present query in the address, and an address's query in a tab.
import { useEffect, useRef } from "react";
import { fragment, readFragment, type Shared } from "./address";
import { chosenTab, openTab, type QueryTab } from "./tabs";

const PAUSE = 400; // milliseconds after a key
const MOVES = ["hashchange", "popstate", "pushState"];

/** Keep the address as the tab is; `opened` hears of a tab that an address opened, and whether it is to run. */
export function useAddress(workspace: string, tab: QueryTab, opened: (tab: string, shared: Shared) => void): void {
  const written = useRef<string>(undefined);
  const heard = useRef(opened);
  useEffect(() => {
    heard.current = opened;
  });
  useEffect(() => {
    const read = async (): Promise<void> => {
      if (location.hash === written.current) return;
      written.current = location.hash;
      const shared = await readFragment(location.hash);
      if (!shared) return;
      const present = chosenTab(workspace);
      const { query: text, timespan = "", view = "grid" } = shared;
      if (present.text !== text || present.timespan !== timespan) openTab(workspace, { text, timespan, view });
      heard.current(chosenTab(workspace).id, shared);
    };
    void read();
    const move = (): void => void read();
    for (const each of MOVES) addEventListener(each, move);
    return () => {
      for (const each of MOVES) removeEventListener(each, move);
    };
  }, [workspace]);
  useEffect(() => {
    const timer = setTimeout(async () => {
      const { text: query, timespan, view } = tab;
      const hash = query ? `#${await fragment({ query, timespan, view })}` : "";
      if (location.hash === hash || !location.pathname.endsWith("/query")) return;
      written.current = hash;
      history.replaceState(history.state, "", location.pathname + location.search + hash);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [tab]);
}
