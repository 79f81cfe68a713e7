// What differs between two versions of a rule, field by field; and three versions put together.
import { canonical } from "./drift";
import { mergeTexts } from "./line_diff";
import type { RuleBody, RuleProperties } from "./model";

export interface Difference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Conflict {
  readonly field: string;
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export interface Merge {
  /** With mine where both changed the same. */
  readonly properties: RuleProperties;
  readonly conflicts: readonly Conflict[];
  /** What they changed and I did not. */
  readonly taken: readonly string[];
}

const NOT_COMPARED = new Set(["lastModifiedUtc"]);

export function differences(before: RuleBody, after: RuleBody): Difference[] {
  const fields = new Set([...Object.keys(before.properties), ...Object.keys(after.properties)]);
  const found: Difference[] = before.kind === after.kind ? [] : [{ field: "kind", before: before.kind, after: after.kind }]; // prettier-ignore
  for (const field of fields) {
    if (NOT_COMPARED.has(field)) continue;
    const [old, now] = [before.properties[field], after.properties[field]];
    if (exact(old) !== exact(now)) found.push({ field, before: old, after: now });
  }
  return found;
}

/** Put my changes and theirs together, both made from `base`. */
export function merge(base: RuleProperties, mine: RuleProperties, theirs: RuleProperties): Merge {
  const properties: Record<string, unknown> = {};
  const conflicts: Conflict[] = [];
  const taken: string[] = [];
  for (const field of new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)])) {
    const [old, left, right] = [base[field], mine[field], theirs[field]];
    if (NOT_COMPARED.has(field) || exact(left) === exact(right) || exact(left) === exact(old)) {
      if (exact(left) !== exact(right) && !NOT_COMPARED.has(field)) taken.push(field);
      properties[field] = right;
    } else if (exact(right) === exact(old)) properties[field] = left;
    else {
      const whole = together(old, left, right);
      properties[field] = whole ?? left;
      if (whole === undefined) conflicts.push({ field, base: old, mine: left, theirs: right });
      else taken.push(field);
    }
    if (properties[field] === undefined) delete properties[field];
  }
  return { properties: properties as RuleProperties, conflicts, taken };
}

function together(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (typeof base === "string" && typeof mine === "string" && typeof theirs === "string" && mine.includes("\n")) {
    return mergeTexts(base, mine, theirs);
  }
  return undefined;
}

/** A value's text, in which the order of properties does not count, and blanks do. */
function exact(value: unknown): string {
  return typeof value === "string" ? `"${value.replaceAll("\r\n", "\n")}"` : canonical(value ?? undefined);
}
