// Whether a rule is still what its installed template is: a newer version of it, or a text that was changed here.
import type { Rule, RuleProperties } from "./model";

export type Drift =
  | { readonly state: "none" }
  | { readonly state: "same"; readonly version: string }
  /** The template is gone, or its content was uninstalled. */
  | { readonly state: "gone" }
  | { readonly state: "behind"; readonly version: string; readonly newest: string }
  | { readonly state: "changed"; readonly version: string; readonly fields: readonly string[] };

/** What a template decides of a rule. */
export const COMPARED: readonly (keyof RuleProperties)[] = [
  "query",
  "severity",
  "queryFrequency",
  "queryPeriod",
  "triggerOperator",
  "triggerThreshold",
  "tactics",
  "techniques",
  "entityMappings",
  "customDetails",
  "alertDetailsOverride",
];

/** `templates` are by their name in lower case, `versions` those of content templates by their content's id. */
export function driftOf(
  rule: Rule,
  templates: ReadonlyMap<string, Rule>,
  versions: ReadonlyMap<string, string>,
): Drift {
  const name = rule.properties.alertRuleTemplateName?.toLowerCase();
  if (!name) return { state: "none" };
  const template = templates.get(name);
  if (!template) return { state: "gone" };
  const told = template.properties["version"];
  const newest = typeof told === "string" ? told : (versions.get(name) ?? "");
  const version = rule.properties.templateVersion ?? "";
  if (version && newest && isOlder(version, newest)) return { state: "behind", version, newest };
  const fields = COMPARED.filter(
    (field) =>
      template.properties[field] !== undefined &&
      canonical(rule.properties[field]) !== canonical(template.properties[field]),
  ).map(String);
  return fields.length > 0 ? { state: "changed", version, fields } : { state: "same", version: newest || version };
}

/** Whether version `a` comes before `b`, number by number. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (let at = 0; at < Math.max(left!.length, right!.length); at++) {
    const difference = (left![at] ?? 0) - (right![at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** A value's text, whatever the order of its properties and of what is a set. */
export function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, each: unknown) => {
    if (typeof each === "string") return each.trim().replaceAll("\r\n", "\n");
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([left], [right]) => left.localeCompare(right)));
  });
}

export function driftText(drift: Drift): string {
  switch (drift.state) {
    case "none":
      return "–";
    case "same":
      return drift.version ? `as ${drift.version}` : "as template";
    case "gone":
      return "template gone";
    case "behind":
      return `${drift.version} → ${drift.newest}`;
    case "changed":
      return `${drift.fields.length} changed`;
  }
}
