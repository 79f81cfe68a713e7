// What happened in an incident and to it, in the order of time, the newest last.
import { changesOf, type ChangeRow } from "./changes";
import { personText, type Alert, type Bookmark, type Comment, type Incident, type Task } from "./model";
import type { RunRow } from "./queries";

/** The kinds, in the order of the keys that show and hide them: 1 to 6. */
export const KINDS = ["alert", "bookmark", "comment", "task", "run", "change"] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_TITLES: Readonly<Record<Kind, string>> = {
  alert: "Alerts",
  bookmark: "Bookmarks",
  comment: "Comments",
  task: "Tasks",
  run: "Runs",
  change: "Changes",
};

export interface Item {
  readonly key: string;
  readonly kind: Kind;
  readonly at: string;
  readonly title: string;
  readonly who: string;
  readonly alert?: Alert;
  readonly bookmark?: Bookmark;
  readonly comment?: Comment;
  readonly task?: Task;
  readonly run?: RunRow;
}

export interface Sources {
  readonly incident: Incident;
  readonly alerts?: readonly Alert[];
  readonly bookmarks?: readonly Bookmark[];
  readonly comments?: readonly Comment[];
  readonly tasks?: readonly Task[];
  readonly runs?: readonly RunRow[];
  readonly changes?: readonly ChangeRow[];
}

export function timelineItems(sources: Sources): Item[] {
  const items: Item[] = [];
  for (const alert of sources.alerts ?? []) {
    const { alertDisplayName, startTimeUtc, timeGenerated, productName } = alert.properties;
    const at = startTimeUtc ?? timeGenerated ?? "";
    items.push({ key: alert.id, kind: "alert", at, title: alertDisplayName, who: productName ?? "", alert });
  }
  for (const bookmark of sources.bookmarks ?? []) {
    const { displayName, friendlyName, eventTime, created, createdBy } = bookmark.properties;
    const title = displayName ?? friendlyName ?? bookmark.name;
    const at = eventTime ?? created ?? "";
    items.push({ key: bookmark.id, kind: "bookmark", at, title, who: personText(createdBy), bookmark });
  }
  for (const comment of sources.comments ?? []) {
    const { createdTimeUtc: at, author } = comment.properties;
    items.push({ key: comment.id, kind: "comment", at, title: "commented", who: personText(author), comment });
  }
  for (const task of sources.tasks ?? []) {
    const { title, createdTimeUtc: at, createdBy } = task.properties;
    items.push({ key: task.id, kind: "task", at, title, who: personText(createdBy), task });
  }
  for (const [index, run] of (sources.runs ?? []).entries()) {
    const key = `run ${index} ${run.TimeGenerated}`;
    items.push({ key, kind: "run", at: run.TimeGenerated, title: run.SentinelResourceName, who: run.Who, run });
  }
  for (const [index, change] of changesOf(
    sources.changes ?? [],
    sources.incident.properties.createdTimeUtc,
  ).entries()) {
    const title = change.what.join(" · ") || "saved without a change";
    items.push({ key: `change ${index} ${change.at}`, kind: "change", at: change.at, title, who: change.who });
  }
  // Both kinds of API write instants with as many digits as they need: as texts they have no order.
  return items
    .map((item) => ({ item, at: Date.parse(item.at) || 0 }))
    .sort((a, b) => a.at - b.at || KINDS.indexOf(a.item.kind) - KINDS.indexOf(b.item.kind))
    .map(({ item }) => item);
}

/** The kinds that an address hides: `hide=16` hides alerts and changes. */
export function hiddenKinds(text: string): ReadonlySet<Kind> {
  return new Set([...text].map((digit) => KINDS[Number(digit) - 1]).filter((kind) => kind !== undefined));
}

export function hiddenText(hidden: ReadonlySet<Kind>): string {
  return KINDS.map((kind, index) => (hidden.has(kind) ? index + 1 : "")).join("");
}

export function toggled(hidden: ReadonlySet<Kind>, kind: Kind): ReadonlySet<Kind> {
  const next = new Set(hidden);
  if (!next.delete(kind)) next.add(kind);
  return next;
}
