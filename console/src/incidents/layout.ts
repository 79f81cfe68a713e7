// Which rows stand where. Rows stay as they were laid out until the person asks for it, so that none moves under the
// cursor: what is new waits, and what no longer belongs stays where it is.

export interface Layout {
  /** Of what it is: another view or another workspace is laid out anew. */
  readonly key: string;
  readonly ids: readonly string[];
  /** Whether the whole list had come when it was laid out. */
  readonly isWhole: boolean;
}

export interface Laid {
  readonly layout: Layout;
  /** How many belong here that are not shown yet. */
  readonly fresh: number;
  /** How many are shown that belong here no more. */
  readonly gone: number;
}

/** The layout that holds now, given the ids that belong here in their order. */
export function laid(before: Layout | undefined, key: string, ids: readonly string[], isWhole: boolean): Laid {
  const isKept = before !== undefined && before.key === key && before.isWhole && before.ids.length > 0;
  if (!isKept) return { layout: { key, ids, isWhole }, fresh: 0, gone: 0 };
  const shown = new Set(before.ids);
  const belong = new Set(ids);
  return {
    layout: before,
    fresh: ids.filter((id) => !shown.has(id)).length,
    gone: before.ids.filter((id) => !belong.has(id)).length,
  };
}

let kept: Layout | undefined;

/** The layout of the queue that was seen last: coming back from an incident finds the same rows. */
export function keptLayout(): Layout | undefined {
  return kept;
}

export function keepLayout(layout: Layout | undefined): void {
  kept = layout;
}

/** The id that stands `step` rows from another in the queue as it was seen last; undefined beyond its ends. */
export function neighbour(id: string, step: number): string | undefined {
  const ids = kept?.ids ?? [];
  const at = ids.findIndex((each) => each.toLowerCase() === id.toLowerCase());
  return at < 0 ? undefined : ids[at + step];
}

/** The row to go to after rows were closed: the next open one below, else the nearest above, else the row itself. */
export function nextOpen(count: number, at: number, isOpen: (row: number) => boolean): number {
  for (let row = at + 1; row < count; row++) if (isOpen(row)) return row;
  for (let row = at - 1; row >= 0; row--) if (isOpen(row)) return row;
  return at;
}
