// The parameters of a workbook while it is shown: a scope for the page and one for each group in it. Whoever reads a
// parameter is told when that one changes, and of no other.
// https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-create-workbook#add-groups
import { sameValue, type ParameterValue } from "./values";

export interface Offer {
  readonly value: ParameterValue | undefined;
  /** Its query still runs, or what it depends on is not known yet. */
  readonly pending?: boolean;
  /** Whether it stands on the page; what stands there counts before what does not. */
  readonly visible?: boolean;
  /** When a person chose it; a later choice counts before an earlier one, 0 is no choice. */
  readonly at?: number;
  readonly isRequired?: boolean;
}

export interface Cell {
  readonly value: ParameterValue | undefined;
  readonly pending: boolean;
  readonly isRequired: boolean;
}

type Watcher = () => void;

let choices = 0;

/** A number for a choice of now. */
export function choiceNow(): number {
  return ++choices;
}

export class Scope {
  private readonly offers = new Map<string, Map<string, Offer>>();
  private readonly cells = new Map<string, Cell>();
  private readonly watchers = new Map<string, Set<Watcher>>();

  constructor(readonly parent?: Scope) {}

  get root(): Scope {
    return this.parent ? this.parent.root : this;
  }

  /** The scope that has a name: this one, else the next one outwards. */
  owner(name: string): Scope | undefined {
    return this.cells.has(name) ? this : this.parent?.owner(name);
  }

  /** What a name has here; undefined when there is no such parameter. */
  cell(name: string): Cell | undefined {
    return this.owner(name)?.cells.get(name);
  }

  valueOf = (name: string): ParameterValue | undefined => {
    const cell = this.cell(name);
    return cell && (cell.value ?? { value: "", label: "<unset>", each: [] });
  };

  /** One writer's word on what a parameter of this scope has. */
  offer(name: string, writer: string, offer: Offer): void {
    const offers = this.offers.get(name) ?? new Map<string, Offer>();
    this.offers.set(name, offers);
    offers.set(writer, offer);
    this.settle(name, offers);
  }

  /** Take a writer's word back; the parameter stays declared. */
  withdraw(name: string, writer: string): void {
    const offers = this.offers.get(name);
    if (offers?.delete(writer)) this.settle(name, offers);
  }

  /** Call whenever one of the names changes, in this scope or one around it. */
  watch(names: readonly string[], watcher: Watcher): () => void {
    const undo = names.flatMap((name) => this.line().map((scope) => scope.watchName(name, watcher)));
    return () => {
      for (const each of undo) each();
    };
  }

  private line(): Scope[] {
    return this.parent ? [this, ...this.parent.line()] : [this];
  }

  private watchName(name: string, watcher: Watcher): () => void {
    const set = this.watchers.get(name) ?? new Set<Watcher>();
    this.watchers.set(name, set);
    set.add(watcher);
    return () => set.delete(watcher);
  }

  private settle(name: string, offers: ReadonlyMap<string, Offer>): void {
    const best = [...offers.values()].reduce<Offer | undefined>(better, undefined);
    const next: Cell = {
      value: best?.value,
      pending: best?.pending ?? false,
      isRequired: best?.isRequired ?? false,
    };
    const before = this.cells.get(name);
    const isSame =
      before &&
      before.pending === next.pending &&
      before.isRequired === next.isRequired &&
      sameValue(before.value, next.value);
    if (isSame) return;
    this.cells.set(name, next);
    // A watcher may bring in others, which have seen the new value already.
    const told = Array.from(this.watchers.get(name) ?? []);
    for (const watcher of told) watcher();
  }
}

function better(one: Offer | undefined, other: Offer): Offer {
  if (!one) return other;
  const [seen, otherSeen] = [one.visible === false ? 0 : 1, other.visible === false ? 0 : 1];
  if (seen !== otherSeen) return otherSeen > seen ? other : one;
  return (other.at ?? 0) >= (one.at ?? 0) ? other : one;
}
