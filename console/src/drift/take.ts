// A rule made what its template is: the template's texts and settings, and of the rule what is its own.
import { canonical, COMPARED } from "~/rules/drift";
import { fromTemplate, type Rule, type RuleBody } from "~/rules/model";

export interface Difference {
  readonly field: string;
  readonly here: unknown;
  readonly template: unknown;
}

/** The settings in which the two differ, of those that a template decides. */
export function differencesOf(rule: Rule, template: Rule): Difference[] {
  return COMPARED.filter(
    (field) =>
      template.properties[field] !== undefined &&
      canonical(rule.properties[field]) !== canonical(template.properties[field]),
  ).map((field) => ({ field: String(field), here: rule.properties[field], template: template.properties[field] }));
}

/** What to PUT: the rule with what its template decides, named after its template's newest version. */
export function updated(rule: Rule, template: Rule, newest: string): RuleBody {
  const given = fromTemplate(template).properties;
  const decided = Object.fromEntries(
    COMPARED.filter((field) => template.properties[field] !== undefined).map((field) => [field, given[field]]),
  );
  return {
    kind: rule.kind ?? "Scheduled",
    properties: { ...rule.properties, ...decided, ...(newest ? { templateVersion: newest } : {}) },
  };
}
