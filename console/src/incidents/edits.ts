// Editing incidents in this browser: the one patch queue, kept over reloads of the tab, and hooks that show an incident
// as it will be.
import { useCallback, useMemo } from "react";
import { ApiError } from "~/api/errors";
import { SignedOut } from "~/session/session";
import type { Place } from "~/shell/place";
import { failed } from "~/parts/toast";
import { bodyOf, fieldsOf, type IncidentChange } from "./change";
import type { Incident, IncidentProperties } from "./incident";
import { knownChanged, learn, newest, useKnown } from "./known";
import { PatchQueue, withPending, type Outcome, type Pending, type Port, type Verdict } from "./patchQueue";

export type EditPlace = Pick<Place, "arm" | "session">;

const KEPT = "vedette.edits";
const LONGEST_PAUSE = 30_000; // milliseconds
const KEPT_FOR = 12 * 3_600_000; // milliseconds: an edit of yesterday's shift is not sent unseen

let queue: PatchQueue | undefined;
let owner = "";

/**
 * Edit an incident: it shows at once, and is sent when the server takes it. The outcome tells what others had set
 * meanwhile, or why it was refused.
 */
export function editIncident(place: EditPlace, incident: Incident, change: IncidentChange): Promise<Outcome> {
  return queueOf(place).edit(newest(incident.id) ?? incident, change);
}

/** The person's word where others keep changing the same: ours hold, or theirs are taken. */
export function resolveConflict(id: string, keepOurs: boolean): void {
  queue?.resolve(id, keepOurs);
}

/** Read an incident, so that every part of the console knows it. */
export async function fetchIncident(place: EditPlace, id: string, signal?: AbortSignal): Promise<Incident> {
  const at = performance.now();
  const found = await place.arm.get<Incident>(id, "Microsoft.SecurityInsights", signal);
  learn([found], at);
  return newest(id) ?? found;
}

export interface ShownIncident {
  /** With the edits that are under way. */
  readonly incident: Incident;
  readonly pending: Pending | undefined;
}

/** An incident as it will be; what was passed counts only until something newer is known. */
export function useIncident(incident: Incident): ShownIncident;
export function useIncident(incident: Incident | undefined): ShownIncident | undefined;
export function useIncident(incident: Incident | undefined): ShownIncident | undefined {
  const id = incident?.id ?? "";
  const known = useKnown(useCallback(() => newest(id), [id]));
  const pending = useKnown(useCallback(() => pendingOf(id), [id]));
  return useMemo(() => {
    const base = known ?? incident;
    return base && { incident: withPending(base, pending), pending };
  }, [incident, known, pending]);
}

export function pendingOf(id: string): Pending | undefined {
  return queue?.pending(id);
}

/** An incident as it will be, outside of components. */
export function shownIncident(incident: Incident): Incident {
  return withPending(newest(incident.id) ?? incident, pendingOf(incident.id));
}

export function allPending(): readonly Pending[] {
  return queue?.all() ?? [];
}

/** Send what a reload of the tab, or a sign-in, interrupted. */
export function resumeEdits(place: EditPlace): readonly Promise<Outcome>[] {
  const kept = readKept(place.session.person.objectId);
  return kept.map(({ incident, change }) => queueOf(place).edit(incident, change, true));
}

function queueOf(place: EditPlace): PatchQueue {
  if (queue && owner === place.session.person.objectId) return queue;
  owner = place.session.person.objectId;
  queue = new PatchQueue(portOf(place));
  return queue;
}

function portOf({ arm }: EditPlace): Port {
  const version = "Microsoft.SecurityInsights";
  return {
    get: (id) => arm.get<Incident>(id, version),
    put: async (incident, change) =>
      (await arm.put<Incident>(incident.id, version, bodyOf(incident, change), incident.etag)).body,
    judge,
    pause,
    learn: (incident) => learn([incident], performance.now()),
    changed: () => {
      keepSoon();
      knownChanged();
    },
  };
}

function judge(error: unknown): Verdict {
  if (error instanceof SignedOut) return "away"; // the page goes to the sign-in; the edit is kept
  if (!(error instanceof ApiError)) return "refused";
  if (error.status === 409 || error.status === 412) return "conflict";
  return error.status === 0 || error.status === 429 || (error.status >= 502 && error.status <= 504)
    ? "away"
    : "refused";
}

/** Longer and longer, and over at once when the browser is online again. */
function pause(attempt: number): Promise<void> {
  return new Promise((over) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener("online", end);
      over();
    };
    const timer = setTimeout(end, Math.min(LONGEST_PAUSE, 500 * 2 ** attempt));
    addEventListener("online", end);
  });
}

interface KeptEdit {
  /** Its id, number, title, and what the edited fields were. */
  readonly incident: Incident;
  readonly change: IncidentChange;
}

interface Kept {
  readonly owner: string;
  readonly at: number;
  readonly edits: readonly KeptEdit[];
}

const SOON = 50; // milliseconds
let isToKeep = false;

/** Keep what is under way for the next page of this tab; soon, for many may be edited at once. */
function keepSoon(): void {
  if (isToKeep) return;
  isToKeep = true;
  setTimeout(keep, SOON);
}

function keep(): void {
  isToKeep = false;
  const edits = allPending().map(({ newest: incident, change }) => slim(incident, change));
  if (edits.length === 0) {
    sessionStorage.removeItem(KEPT);
    return;
  }
  const kept: Kept = { owner, at: Date.now(), edits };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch (error) {
    failed("These edits are sent, but would not survive a reload of this tab before that.", error);
  }
}

function slim({ id, name, type, properties }: Incident, change: IncidentChange): KeptEdit {
  const { incidentNumber, title } = properties;
  const before = Object.fromEntries(fieldsOf(change).map((field) => [field, properties[field]]));
  return {
    incident: { id, name, type, properties: { incidentNumber, title, ...before } as IncidentProperties },
    change,
  };
}

globalThis.addEventListener?.("pagehide", () => isToKeep && keep());

function readKept(person: string): readonly KeptEdit[] {
  const text = sessionStorage.getItem(KEPT);
  if (!text) return [];
  sessionStorage.removeItem(KEPT);
  const kept = JSON.parse(text) as Kept;
  return kept.owner === person && Date.now() - kept.at < KEPT_FOR ? kept.edits : [];
}
