// What a person chose for this browser: theme, density, time zone. Kept in localStorage, told to whoever watches.
import { useSyncExternalStore } from "react";

export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly density: "compact" | "comfortable";
  readonly zone: "utc" | "local";
}

const KEPT = "vedette.preferences";
export const DEFAULTS: Preferences = { theme: "system", density: "compact", zone: "utc" };

let now: Preferences = read();
const watchers = new Set<() => void>();

function read(): Preferences {
  const text = globalThis.localStorage?.getItem(KEPT);
  if (!text) return DEFAULTS;
  try {
    return { ...DEFAULTS, ...(JSON.parse(text) as Partial<Preferences>) };
  } catch {
    return DEFAULTS; // somebody else wrote there; the next choice writes it anew
  }
}

export function preferences(): Preferences {
  return now;
}

export function prefer(change: Partial<Preferences>): void {
  now = { ...now, ...change };
  localStorage.setItem(KEPT, JSON.stringify(now));
  apply();
  for (const watcher of watchers) watcher();
}

/** Take what somebody else wrote into localStorage, such as an import of settings. */
export function reread(): void {
  now = read();
  apply();
  for (const watcher of watchers) watcher();
}

/** Put theme and density where the styles see them. */
export function apply(): void {
  const root = document.documentElement;
  root.style.colorScheme = now.theme === "system" ? "light dark" : now.theme;
  root.dataset["density"] = now.density;
}

/** Whether dark is shown now. */
export function isDark(): boolean {
  return now.theme === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : now.theme === "dark";
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => now,
  );
}
