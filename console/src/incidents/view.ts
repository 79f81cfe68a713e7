// What of the queue is shown: the filters and the order, as the address has them.
import { isOwnedBy, ownerName, SEVERITIES, STATUSES, type Incident, type Severity, type Status } from "./incident";

export const ORDERS = {
  created: "Newest first",
  oldest: "Oldest first",
  modified: "Changed last first",
  severity: "Severity, then newest",
  status: "Status, then newest",
  number: "Highest number first",
  title: "By title",
  owner: "By owner, nobody's first",
  alerts: "Most alerts first",
} as const;

export type Order = keyof typeof ORDERS;

/** How far back is looked, in milliseconds. */
export const SPANS: Readonly<Record<string, number>> = {
  "1h": 3_600_000,
  "4h": 4 * 3_600_000,
  "24h": 24 * 3_600_000,
  "3d": 3 * 86_400_000,
  "7d": 7 * 86_400_000,
  "14d": 14 * 86_400_000,
  "30d": 30 * 86_400_000,
  "90d": 90 * 86_400_000,
};

/** Empty lists let everything through. */
export interface View {
  readonly status: readonly Status[];
  readonly severity: readonly Severity[];
  /** "me", "none", or an object id or user principal name. */
  readonly owner: readonly string[];
  readonly tag: readonly string[];
  readonly product: readonly string[];
  /** Names of rules. */
  readonly rule: readonly string[];
  /** One of SPANS, or empty for all time. */
  readonly since: string;
  /** Where the span ends: an instant in ISO 8601; empty for now. */
  readonly until: string;
  readonly text: string;
  readonly order: Order;
}

export const LISTS = ["status", "severity", "owner", "tag", "product", "rule"] as const;
export type Facet = (typeof LISTS)[number];

export const OPEN: readonly Status[] = ["New", "Active"];
export const DEFAULT: View = {
  status: OPEN,
  severity: [],
  owner: [],
  tag: [],
  product: [],
  rule: [],
  since: "",
  until: "",
  text: "",
  order: "created",
};

/** Read a view from an address's query; what is unknown there is left out. */
export function readView(search: string): View {
  const has = new URLSearchParams(search);
  const status = has.get("status");
  return {
    status:
      status === null ? OPEN : known(status === "any" ? [] : listOf(status), STATUSES as readonly string[] as Status[]),
    severity: known(listOf(has.get("severity")), SEVERITIES as readonly string[] as Severity[]),
    owner: listOf(has.get("owner")),
    tag: listOf(has.get("tag")),
    product: listOf(has.get("product")),
    rule: listOf(has.get("rule")),
    since: has.get("since") && SPANS[has.get("since")!] ? has.get("since")! : "",
    until: has.get("since") && !Number.isNaN(Date.parse(has.get("until") ?? "")) ? has.get("until")! : "",
    text: has.get("q") ?? "",
    order: (has.get("order") ?? "") in ORDERS ? (has.get("order") as Order) : "created",
  };
}

/** What a view writes into the address; an empty text is what goes without saying. */
export function writtenView(view: View): Readonly<Record<string, string>> {
  const isOpen = view.status.length === 2 && OPEN.every((each) => view.status.includes(each));
  return {
    status: isOpen ? "" : listText(view.status) || "any",
    severity: listText(view.severity),
    owner: listText(view.owner),
    tag: listText(view.tag),
    product: listText(view.product),
    rule: listText(view.rule),
    since: view.since,
    until: view.until,
    q: view.text,
    order: view.order === "created" ? "" : view.order,
  };
}

/** The query of an address that shows a view. */
export function searchOf(view: View): string {
  return new URLSearchParams(Object.entries(writtenView(view)).filter(([, value]) => value !== "")).toString();
}

// A comma inside of a value is doubled, for tags may have one.
function listText(values: readonly string[]): string {
  return values.map((each) => each.replaceAll(",", ",,")).join(",");
}

function listOf(text: string | null): string[] {
  if (!text) return [];
  return text
    .replaceAll(",,", "\u0000")
    .split(",")
    .map((each) => each.replaceAll("\u0000", ","))
    .filter(Boolean);
}

function known<T extends string>(values: readonly string[], choices: readonly T[]): T[] {
  return choices.filter((each) => values.includes(each));
}

/** A view with a value of a facet put in, or taken away when it is there. */
export function toggled(view: View, facet: Facet, value: string): View {
  const before = view[facet] as readonly string[];
  const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  return { ...view, [facet]: after };
}

export interface Circumstances {
  readonly person: { readonly objectId: string; readonly userPrincipalName: string };
  /** Milliseconds since 1970, of the server. */
  readonly now: number;
}

/** Where the time of a view begins and ends; milliseconds since 1970. */
export function windowOf(view: View, now: number): { readonly from: number; readonly to: number } {
  const span = SPANS[view.since];
  if (!span) return { from: -Infinity, to: Infinity };
  const to = view.until ? Date.parse(view.until) : Infinity;
  return { from: (view.until ? to : now) - span, to };
}

/** The same span, as much earlier or later; it never ends after now. */
export function moved(view: View, steps: number, now: number): View {
  const span = SPANS[view.since];
  if (!span) return steps < 0 ? { ...view, since: "24h", until: new Date(now - SPANS["24h"]!).toISOString() } : view;
  const to = (view.until ? Date.parse(view.until) : now) + steps * span;
  return { ...view, until: to >= now ? "" : new Date(to).toISOString() };
}

export function isShown(view: View, incident: Incident, { person, now }: Circumstances): boolean {
  const has = incident.properties;
  const { from, to } = windowOf(view, now);
  const created = Date.parse(has.createdTimeUtc);
  return (
    any(view.status, (each) => each === has.status) &&
    any(view.severity, (each) => each === has.severity) &&
    created >= from &&
    created <= to &&
    any(view.owner, (each) => isOf(each, incident, person)) &&
    any(view.tag, (each) => has.labels?.some((label) => label.labelName === each) ?? false) &&
    any(view.product, (each) => has.additionalData?.alertProductNames?.includes(each) ?? false) &&
    any(view.rule, (each) => ruleNames(incident).includes(each.toLowerCase())) &&
    hasText(incident, view.text)
  );
}

function any<T>(wanted: readonly T[], is: (each: T) => boolean): boolean {
  return wanted.length === 0 || wanted.some(is);
}

function isOf(owner: string, { properties }: Incident, person: Circumstances["person"]): boolean {
  if (owner === "me") return isOwnedBy(properties.owner, person);
  if (owner === "none")
    return (
      !properties.owner?.objectId &&
      !properties.owner?.userPrincipalName &&
      !properties.owner?.email &&
      !properties.owner?.assignedTo
    );
  return isOwnedBy(properties.owner, { objectId: owner, userPrincipalName: owner });
}

export function ruleNames(incident: Incident): string[] {
  return (incident.properties.relatedAnalyticRuleIds ?? []).map((id) =>
    id.slice(id.lastIndexOf("/") + 1).toLowerCase(),
  );
}

/** Every word, somewhere in what a person sees of an incident; `#12` is the number alone. */
function hasText({ name, properties }: Incident, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const owner = properties.owner;
  const whole = [
    properties.title,
    properties.description,
    `#${properties.incidentNumber} `,
    name,
    owner?.assignedTo,
    owner?.userPrincipalName,
    ...(properties.labels ?? []).map((label) => label.labelName),
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => (/^#\d+$/.test(word) ? whole.includes(`${word} `) : whole.includes(word)));
}

const RANK: Readonly<Record<string, number>> = {
  High: 0,
  Medium: 1,
  Low: 2,
  Informational: 3,
  New: 0,
  Active: 1,
  Closed: 2,
};

/** Incidents in the order of a view; equal ones by number, the highest first. */
export function ordered(incidents: readonly Incident[], order: Order): Incident[] {
  const newest = (a: Incident, b: Incident): number =>
    compare(b.properties.createdTimeUtc, a.properties.createdTimeUtc);
  const by: Record<Order, (a: Incident, b: Incident) => number> = {
    created: newest,
    oldest: (a, b) => newest(b, a),
    modified: (a, b) => compare(b.properties.lastModifiedTimeUtc, a.properties.lastModifiedTimeUtc),
    severity: (a, b) => RANK[a.properties.severity]! - RANK[b.properties.severity]! || newest(a, b),
    status: (a, b) => RANK[a.properties.status]! - RANK[b.properties.status]! || newest(a, b),
    number: () => 0,
    title: (a, b) => a.properties.title.localeCompare(b.properties.title),
    owner: (a, b) => ownerName(a.properties.owner).localeCompare(ownerName(b.properties.owner)),
    alerts: (a, b) => (b.properties.additionalData?.alertsCount ?? 0) - (a.properties.additionalData?.alertsCount ?? 0),
  };
  const number = (a: Incident, b: Incident): number => b.properties.incidentNumber - a.properties.incidentNumber;
  const first = by[order];
  return [...incidents].sort((a, b) => first(a, b) || number(a, b) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The `$filter` with which the server is asked for a view: what it can say of many at once, the rest is chosen here. */
export function serverFilter(view: View, now: number): string | undefined {
  const { from, to } = windowOf(view, now);
  const terms = [
    view.status.length > 0 ? `(${view.status.map((each) => `properties/status eq '${each}'`).join(" or ")})` : "",
    Number.isFinite(from) ? `properties/createdTimeUtc ge ${new Date(from).toISOString()}` : "",
    Number.isFinite(to) ? `properties/createdTimeUtc le ${new Date(to).toISOString()}` : "",
  ].filter(Boolean);
  return terms.length > 0 ? terms.join(" and ") : undefined;
}
