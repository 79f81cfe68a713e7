// Texts that were begun and not sent: they survive the dialog, a reload and a new sign-in of this tab.
const PREFIX = "vedette.triage.draft.";

export function readDraft(key: string): string {
  return sessionStorage.getItem(PREFIX + key) ?? "";
}

/** An empty text is no draft. */
export function keepDraft(key: string, text: string): void {
  if (text === "") sessionStorage.removeItem(PREFIX + key);
  else sessionStorage.setItem(PREFIX + key, text);
}
