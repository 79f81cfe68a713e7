// What is written of a workbook and not saved: kept in this browser for the person, with the ETag that it began on.
import { useState } from "react";
import { ownKey } from "~/session/own";

export interface WorkbookDraft {
  readonly text?: string;
  readonly title?: string;
  /** Of the workbook as it was when the writing began: saving is refused when somebody else saved since. */
  readonly etag: string;
}

const PREFIX = "vedette.workbookDraft/";

function keyOf(id: string): string {
  return ownKey(PREFIX + id.toLowerCase());
}

export function readDraft(id: string): WorkbookDraft | undefined {
  const kept = localStorage.getItem(keyOf(id));
  if (!kept) return undefined;
  try {
    const draft = JSON.parse(kept) as WorkbookDraft;
    return typeof draft.etag === "string" ? draft : undefined;
  } catch {
    return undefined; // somebody else wrote there
  }
}

export function keepDraft(id: string, draft: WorkbookDraft | undefined): void {
  if (!draft || (draft.text === undefined && draft.title === undefined)) localStorage.removeItem(keyOf(id));
  else localStorage.setItem(keyOf(id), JSON.stringify(draft));
}

/** The draft of a workbook, and what puts another in its place. */
export function useDraft(id: string): [WorkbookDraft | undefined, (next: WorkbookDraft | undefined) => void] {
  const [draft, setDraft] = useState(() => readDraft(id));
  const set = (next: WorkbookDraft | undefined): void => {
    keepDraft(id, next);
    setDraft(next);
  };
  return [draft, set];
}
