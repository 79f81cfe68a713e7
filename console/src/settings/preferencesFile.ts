// What was chosen in this browser as one JSON text, to take along and to bring in.

import { VIEWS } from "~/incidents/savedViews";
import { ownKey } from "~/session/own";

/** The settings by their names in a file, and where this browser keeps them: no draft, no query, nobody else's. */
const places = (): Readonly<Record<string, string>> => ({
  "vedette.preferences": "vedette.preferences",
  [VIEWS]: ownKey(VIEWS),
});
const LARGEST = 1_000_000; // characters

interface File {
  readonly vedette: 1;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Preferences and saved views of the person who is signed in. */
export function exported(storage: Storage): string {
  const settings: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(places())) {
    const kept = storage.getItem(key);
    if (kept !== null) settings[name] = parsed(kept);
  }
  return JSON.stringify({ vedette: 1, settings } satisfies File, null, 2);
}

/** Write what a text holds; gives how many settings it had. Raises an Error that says what is wrong with it. */
export function imported(text: string, storage: Storage): number {
  if (text.length > LARGEST) throw new Error("That is larger than any export of settings.");
  const file = parsed(text) as Partial<File> | string;
  if (typeof file !== "object" || file?.vedette !== 1 || typeof file.settings !== "object" || file.settings === null) {
    throw new Error('That is no export of settings: it has no "vedette": 1 and "settings".');
  }
  const known = places();
  const entries = Object.entries(file.settings).filter(([name]) => known[name] !== undefined);
  for (const [name, value] of entries) {
    storage.setItem(known[name]!, typeof value === "string" ? value : JSON.stringify(value));
  }
  return entries.length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // a setting that is plain text
  }
}
