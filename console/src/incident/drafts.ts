// Texts that are not sent yet, kept in this browser for the person: a reload, a crash or a sign-in loses none.
import { useCallback, useState } from "react";
import { usePlace } from "~/shell/place";

export interface Draft {
  readonly text: string;
  /** The name that the thing will have: a second try after a lost answer makes no second one. */
  readonly name: string;
}

const PREFIX = "vedette.draft.";
const MOST = 100; // of one browser; the oldest go

interface Kept extends Draft {
  readonly at: number;
}

function read(key: string): Draft | undefined {
  const text = localStorage.getItem(key);
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return undefined; // somebody else wrote there
  }
}

function write(key: string, draft: Draft | undefined): void {
  if (!draft) {
    localStorage.removeItem(key);
    return;
  }
  localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() } satisfies Kept));
  const keys = Object.keys(localStorage).filter((each) => each.startsWith(PREFIX));
  if (keys.length <= MOST) return;
  const age = (each: string): number => (read(each) as Kept | undefined)?.at ?? 0;
  for (const old of keys.sort((a, b) => age(a) - age(b)).slice(0, keys.length - MOST)) localStorage.removeItem(old);
}

export interface DraftState {
  readonly draft: Draft | undefined;
  readonly set: (text: string) => void;
  readonly clear: () => void;
}

/** The draft of one thing, such as a comment on an incident; an empty text is no draft. */
export function useDraft(of: string): DraftState {
  const { session } = usePlace();
  const key = `${PREFIX}${session.person.objectId}.${of}`;
  const [held, setHeld] = useState(() => ({ key, draft: read(key) }));
  const draft = held.key === key ? held.draft : read(key);
  if (held.key !== key) setHeld({ key, draft });
  const set = useCallback(
    (text: string) => {
      const next = text === "" ? undefined : { text, name: read(key)?.name ?? crypto.randomUUID() };
      write(key, next);
      setHeld({ key, draft: next });
    },
    [key],
  );
  return { draft, set, clear: useCallback(() => set(""), [set]) };
}
