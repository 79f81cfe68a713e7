// The one way that an incident is edited: a queue for each incident that merges what waits, sends one write at a time on
// the newest ETag, and when somebody else wrote meanwhile reads theirs and makes our fields hold over it. It stands
// outside components, so that it survives any page; it knows no browser and no network but by its port.
import {
  applied,
  contested,
  fieldsOf,
  holds,
  isEmpty,
  merge,
  type Difference,
  type Fields,
  type IncidentChange,
} from "./change";
import type { Incident } from "./incident";

/** What an error of a write means: written by another meanwhile, not reachable for now, or refused for good. */
export type Verdict = "conflict" | "away" | "refused";

export interface Port {
  readonly get: (id: string) => Promise<Incident>;
  readonly put: (incident: Incident, change: IncidentChange) => Promise<Incident>;
  readonly judge: (error: unknown) => Verdict;
  /** Until it may be tried again; the attempts that failed are counted from 1. */
  readonly pause: (attempt: number) => Promise<void>;
  /** Told whatever the server said of an incident. */
  readonly learn: (incident: Incident) => void;
  /** Told after each change of what waits. */
  readonly changed: () => void;
}

export type Outcome =
  /** `over` has what others had set meanwhile to something else in the fields that we set. */
  | { readonly kind: "kept"; readonly incident: Incident; readonly over: readonly Difference[] }
  /** After a conflict the person took what the others had set. */
  | { readonly kind: "given up" }
  | { readonly kind: "refused"; readonly error: unknown };

/** How an incident that has edits under way stands. */
export interface Pending {
  readonly state: "sending" | "away" | "conflict";
  /** Everything that is not the server's yet. */
  readonly change: IncidentChange;
  /** The newest that the server said. */
  readonly newest: Incident;
  /** What stands against what, when the person must choose. */
  readonly differences: readonly Difference[];
}

const TRIES = 3;
const AT_A_TIME = 4;

interface Line {
  newest: Incident;
  /** Whether it must be read before it is written: another wrote, or it is not whole. */
  isStale: boolean;
  /** As it was when the person edited it: what others changed is told against this. */
  base: Incident;
  waiting: IncidentChange;
  sending: IncidentChange;
  state: Pending["state"];
  differences: readonly Difference[];
  over: readonly Difference[];
  choose: ((keepOurs: boolean) => void) | undefined;
  done: Promise<Outcome>;
}

const foldedId = (id: string): string => id.toLowerCase();

export class PatchQueue {
  private readonly lines = new Map<string, Line>();
  private readonly seen = new Map<string, Pending>();
  private busy = 0;
  private readonly idle: (() => void)[] = [];

  constructor(private readonly port: Port) {}

  /**
   * Edit an incident; the outcome is that of everything which waits for it then. One that `isStale` is read first, and
   * needs to hold no more than its id and what it was when it was edited.
   */
  edit(incident: Incident, change: IncidentChange, isStale = false): Promise<Outcome> {
    const id = foldedId(incident.id);
    const known = this.lines.get(id);
    if (known) {
      known.waiting = merge(known.waiting, change);
      this.tell(id, known);
      return known.done;
    }
    const line: Line = {
      newest: incident,
      isStale,
      base: incident,
      waiting: change,
      sending: {},
      state: "sending",
      differences: [],
      over: [],
      choose: undefined,
      done: Promise.resolve({ kind: "given up" }),
    };
    this.lines.set(id, line);
    this.tell(id, line);
    line.done = this.run(id, line);
    return line.done;
  }

  /** How the edits of an incident stand; the same object until something changes, undefined when none is under way. */
  pending(id: string): Pending | undefined {
    return this.seen.get(foldedId(id));
  }

  /** Everything that is under way. */
  all(): readonly Pending[] {
    return [...this.seen.values()];
  }

  /** The person's word on a conflict. */
  resolve(id: string, keepOurs: boolean): void {
    this.lines.get(foldedId(id))?.choose?.(keepOurs);
  }

  private async run(id: string, line: Line): Promise<Outcome> {
    await this.enter();
    let outcome: Outcome = { kind: "kept", incident: line.newest, over: [] };
    try {
      while (!isEmpty(line.waiting) && outcome.kind !== "refused") {
        this.take(id, line);
        outcome = await this.send(id, line);
        line.sending = {};
      }
    } catch (error) {
      outcome = { kind: "refused", error };
    } finally {
      this.leave();
      this.lines.delete(id);
      this.seen.delete(id);
      this.port.changed();
    }
    return outcome;
  }

  /** What waits goes into what is being sent. */
  private take(id: string, line: Line): void {
    line.sending = merge(line.sending, line.waiting);
    line.waiting = {};
    this.tell(id, line);
  }

  private async send(id: string, line: Line): Promise<Outcome> {
    let conflicts = 0;
    let absences = 0;
    for (;;) {
      try {
        if (line.isStale) {
          await this.read(line);
          line.isStale = false;
        }
        if (conflicts > TRIES) {
          if (!(await this.asked(id, line))) return { kind: "given up" };
          conflicts = 0;
          line.isStale = true;
          continue;
        }
        if (!holds(line.newest.properties, line.sending)) {
          line.newest = await this.port.put(line.newest, line.sending);
          this.port.learn(line.newest);
        }
        line.base = line.newest;
        line.state = "sending";
        return { kind: "kept", incident: line.newest, over: line.over };
      } catch (error) {
        const verdict = this.port.judge(error);
        if (verdict === "refused") return { kind: "refused", error };
        if (verdict === "conflict") {
          conflicts++;
          line.isStale = true;
          continue;
        }
        absences++;
        line.state = "away";
        this.tell(id, line);
        // Others may go on meanwhile; whether the write came through is seen when the incident is read again.
        this.leave();
        await this.port.pause(absences);
        await this.enter();
        line.isStale = true;
        this.take(id, line);
      }
    }
  }

  private async read(line: Line): Promise<void> {
    line.newest = await this.port.get(line.newest.id);
    this.port.learn(line.newest);
    line.over = contested(line.base.properties, line.newest.properties, line.sending);
  }

  /** Show both values, and wait for the person; true when ours are to hold. */
  private async asked(id: string, line: Line): Promise<boolean> {
    const theirs = line.newest.properties;
    line.differences = fieldsOf(line.sending).map((field) => ({
      field,
      ours: line.sending[field],
      theirs: (theirs as Fields)[field] ?? null,
    }));
    line.state = "conflict";
    const answer = new Promise<boolean>((choose) => (line.choose = choose));
    this.tell(id, line);
    this.leave();
    const keepOurs = await answer;
    await this.enter();
    line.choose = undefined;
    line.differences = [];
    line.state = "sending";
    if (keepOurs) this.take(id, line);
    return keepOurs;
  }

  private tell(id: string, line: Line): void {
    const { state, newest, differences } = line;
    this.seen.set(id, { state, newest, differences, change: merge(line.sending, line.waiting) });
    this.port.changed();
  }

  /** A few incidents are written at a time, however many were chosen. */
  private async enter(): Promise<void> {
    if (this.busy < AT_A_TIME) {
      this.busy++;
      return;
    }
    await new Promise<void>((go) => this.idle.push(go));
  }

  private leave(): void {
    const next = this.idle.shift();
    if (next) next();
    else this.busy--;
  }
}

/** An incident as it will be once what waits has been sent. */
export function withPending(incident: Incident, pending: Pending | undefined): Incident {
  return pending ? { ...incident, properties: applied(incident.properties, pending.change) } : incident;
}
