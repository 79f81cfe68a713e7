// Texts that were begun and not sent: they survive the dialog, a reload and a new sign-in of this tab.
import { ownKey } from "~/session/own";

const PREFIX = "vedette.triage.draft.";

export function readDraft(key: string): string {
  return sessionStorage.getItem(ownKey(PREFIX + key)) ?? "";
}

/** An empty text is no draft. */
export function keepDraft(key: string, text: string): void {
  if (text === "") sessionStorage.removeItem(ownKey(PREFIX + key));
  else sessionStorage.setItem(ownKey(PREFIX + key), text);
}
