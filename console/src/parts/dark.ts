// Whether dark is shown now, told again when the person or the system changes it: for what draws with colours of its own.
import { useSyncExternalStore } from "react";
import { isDark, usePreferences } from "~/session/preferences";

function watchSystem(watcher: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", watcher);
  return () => system.removeEventListener("change", watcher);
}

export function useDark(): boolean {
  usePreferences();
  return useSyncExternalStore(watchSystem, isDark);
}
