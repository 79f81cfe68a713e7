// A change of an incident as what is to be: fields with their new values, labels to add and to take away. Changes merge,
// apply to any state of the incident, and have an inverse.
import type { Incident, IncidentProperties, Label, Owner } from "./incident";

/** null takes a value away. */
export interface Fields {
  readonly title?: string;
  readonly description?: string | null;
  readonly severity?: IncidentProperties["severity"];
  readonly status?: IncidentProperties["status"];
  readonly classification?: IncidentProperties["classification"];
  readonly classificationReason?: IncidentProperties["classificationReason"];
  readonly classificationComment?: string | null;
  readonly owner?: Owner | null;
}

export interface IncidentChange extends Fields {
  readonly addLabels?: readonly string[];
  readonly removeLabels?: readonly string[];
}

const FIELDS = [
  "title",
  "description",
  "severity",
  "status",
  "classification",
  "classificationReason",
  "classificationComment",
  "owner",
] as const satisfies readonly (keyof Fields)[];

export type Field = (typeof FIELDS)[number];

/** What a PUT replaces: everything that a caller may set, for what is not sent is gone. */
const WRITABLE = [...FIELDS, "labels", "firstActivityTimeUtc", "lastActivityTimeUtc"] as const;

export function isEmpty(change: IncidentChange): boolean {
  return fieldsOf(change).length === 0 && !change.addLabels?.length && !change.removeLabels?.length;
}

export function fieldsOf(change: IncidentChange): Field[] {
  return FIELDS.filter((field) => change[field] !== undefined);
}

/** One change after another as one. */
export function merge(before: IncidentChange, after: IncidentChange): IncidentChange {
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = after[field] === undefined ? before[field] : after[field];
    if (value !== undefined) fields[field] = value;
  }
  const added = after.addLabels ?? [];
  const removed = after.removeLabels ?? [];
  const addLabels = [...new Set([...(before.addLabels ?? []).filter((each) => !removed.includes(each)), ...added])];
  const removeLabels = [
    ...new Set([...(before.removeLabels ?? []).filter((each) => !added.includes(each)), ...removed]),
  ];
  return {
    ...fields,
    ...(addLabels.length > 0 ? { addLabels } : {}),
    ...(removeLabels.length > 0 ? { removeLabels } : {}),
  };
}

export function applied(properties: IncidentProperties, change: IncidentChange): IncidentProperties {
  if (isEmpty(change)) return properties;
  const next: Record<string, unknown> = { ...properties };
  for (const field of fieldsOf(change)) next[field] = change[field];
  if (change.addLabels || change.removeLabels) next["labels"] = labels(properties.labels ?? [], change);
  return next as unknown as IncidentProperties;
}

function labels(before: readonly Label[], change: IncidentChange): Label[] {
  const kept = before.filter((each) => !change.removeLabels?.includes(each.labelName));
  const has = new Set(kept.map((each) => each.labelName));
  const more = (change.addLabels ?? []).filter((name) => !has.has(name));
  return [...kept, ...more.map((labelName): Label => ({ labelName, labelType: "User" }))];
}

/** The body of the PUT that makes a change of what the server has. */
export function bodyOf(incident: Incident, change: IncidentChange): { properties: Record<string, unknown> } {
  const after = applied(incident.properties, change) as unknown as Record<string, unknown>;
  const sent = WRITABLE.filter((name) => after[name] !== undefined && after[name] !== null);
  return { properties: Object.fromEntries(sent.map((name) => [name, after[name]])) };
}

/** What takes a change back to what is now. */
export function inverse(properties: IncidentProperties, change: IncidentChange): IncidentChange {
  const has = new Set((properties.labels ?? []).map((each) => each.labelName));
  const removeLabels = (change.addLabels ?? []).filter((name) => !has.has(name));
  const addLabels = (change.removeLabels ?? []).filter((name) => has.has(name));
  return {
    ...Object.fromEntries(fieldsOf(change).map((field) => [field, properties[field] ?? null])),
    ...(addLabels.length > 0 ? { addLabels } : {}),
    ...(removeLabels.length > 0 ? { removeLabels } : {}),
  };
}

/** A way back without the fields that somebody else set since `made` was: those are theirs now. */
export function stillOurs(properties: IncidentProperties, made: IncidentChange, back: IncidentChange): IncidentChange {
  const theirs = fieldsOf(back).filter((field) => !isSame(field, properties[field], made[field]));
  return Object.fromEntries(Object.entries(back).filter(([name]) => !theirs.includes(name as Field)));
}

/** Whether the incident is as the change wants it already. */
export function holds(properties: IncidentProperties, change: IncidentChange): boolean {
  const has = new Set((properties.labels ?? []).map((each) => each.labelName));
  return (
    fieldsOf(change).every((field) => isSame(field, properties[field], change[field])) &&
    (change.addLabels ?? []).every((name) => has.has(name)) &&
    !(change.removeLabels ?? []).some((name) => has.has(name))
  );
}

export interface Difference {
  readonly field: Field;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** The fields of a change that somebody else set to something else meanwhile: not as they were, and not as we want. */
export function contested(
  before: IncidentProperties,
  theirs: IncidentProperties,
  change: IncidentChange,
): Difference[] {
  return fieldsOf(change)
    .filter((field) => !isSame(field, before[field], theirs[field]) && !isSame(field, theirs[field], change[field]))
    .map((field) => ({ field, ours: change[field], theirs: theirs[field] ?? null }));
}

function isSame(field: Field, a: unknown, b: unknown): boolean {
  if (field !== "owner") return (a ?? "") === (b ?? "");
  return ownerKey(a as Owner | null | undefined) === ownerKey(b as Owner | null | undefined);
}

function ownerKey(owner: Owner | null | undefined): string {
  return (owner?.objectId || owner?.userPrincipalName || owner?.email || owner?.assignedTo || "").toLowerCase();
}

/** A value of a field as a person reads it. */
export function valueText(field: Field, value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (field !== "owner") return String(value);
  const owner = value as Owner;
  return owner.assignedTo || owner.userPrincipalName || owner.email || owner.objectId || "nobody";
}
