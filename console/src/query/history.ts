// The last 500 queries of a person in a workspace, in this browser.
import type { Place } from "~/shell/place";

export interface Entry {
  readonly query: string;
  readonly timespan: string;
  readonly at: string;
  /** Milliseconds. */
  readonly took: number;
  /** Absent when it failed. */
  readonly rows?: number;
}

interface Kept extends Entry {
  readonly id?: number;
  readonly owner: string;
}

export const MOST = 500;
const LONGEST = 100_000; // characters of a query that is kept
const STORE = "queries";

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("vedette.history", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
      store.createIndex("owner", "owner");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no history."));
  });
  return opened;
}

function ownerOf(place: Place): string {
  return `${place.session.person.objectId} ${place.workspace.customerId}`;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's database failed."));
  });
}

/** Keep a query that was run; the oldest of more than 500 go. A browser that keeps nothing (private windows) is no fault. */
export async function keep(place: Place, entry: Entry): Promise<void> {
  if (entry.query.length > LONGEST) return;
  try {
    const owner = ownerOf(place);
    const store = (await database()).transaction(STORE, "readwrite").objectStore(STORE);
    await asked(store.add({ ...entry, owner } satisfies Kept));
    const keys = await asked(store.index("owner").getAllKeys(owner));
    for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) store.delete(key);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    opened = undefined;
  }
}

/** Newest first; a query that was run again is there once. */
export async function recall(place: Place): Promise<Entry[]> {
  const store = (await database()).transaction(STORE, "readonly").objectStore(STORE);
  const all = (await asked(store.index("owner").getAll(ownerOf(place)))) as Kept[];
  const seen = new Set<string>();
  return all.reverse().filter(({ query, timespan }) => {
    const key = `${timespan} ${query.trim()}`;
    return !seen.has(key) && seen.add(key);
  });
}
