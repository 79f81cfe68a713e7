// What was chosen in this browser as one JSON text, to take along and to bring in.

const PREFIX = "vedette.";
const LARGEST = 1_000_000; // characters

interface File {
  readonly vedette: 1;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Everything that the console keeps in localStorage: preferences, saved views, widths. */
export function exported(storage: Storage): string {
  const settings: Record<string, unknown> = {};
  for (const key of Object.keys(storage).sort()) {
    if (!key.startsWith(PREFIX)) continue;
    settings[key] = parsed(storage.getItem(key) ?? "");
  }
  return JSON.stringify({ vedette: 1, settings } satisfies File, null, 2);
}

/** Write what a text holds; gives how many settings it had. Raises an Error that says what is wrong with it. */
export function imported(text: string, storage: Storage): number {
  if (text.length > LARGEST) throw new Error("That is larger than any export of settings.");
  const file = parsed(text) as Partial<File> | string;
  if (typeof file !== "object" || file?.vedette !== 1 || typeof file.settings !== "object") {
    throw new Error('That is no export of settings: it has no "vedette": 1 and "settings".');
  }
  const entries = Object.entries(file.settings).filter(([key]) => key.startsWith(PREFIX));
  for (const [key, value] of entries) storage.setItem(key, typeof value === "string" ? value : JSON.stringify(value));
  return entries.length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // a setting that is plain text
  }
}
