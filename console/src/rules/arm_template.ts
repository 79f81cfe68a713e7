// Rules as an ARM template, the form in which Sentinel's own portal exports and imports them.
// https://learn.microsoft.com/azure/sentinel/import-export-analytics-rules
import { VERSIONS } from "~/api/arm";
import { sendable, type RuleProperties } from "./model";
import { NotARule, type NamedRule } from "./named_rule";

const SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const TYPE = "Microsoft.OperationalInsights/workspaces/providers/alertRules";
const RULE_TYPE = /(^|\/)alertRules$/i;

export function toTemplate(rules: readonly NamedRule[]): object {
  return {
    $schema: SCHEMA,
    contentVersion: "1.0.0.0",
    parameters: { workspace: { type: "String" } },
    resources: rules.map((rule) => ({
      id: `[concat(resourceId('Microsoft.OperationalInsights/workspaces/providers', parameters('workspace'), 'Microsoft.SecurityInsights'), '/alertRules/${rule.name.replaceAll("'", "''")}')]`,
      name: `[concat(parameters('workspace'), '/Microsoft.SecurityInsights/${rule.name.replaceAll("'", "''")}')]`,
      type: TYPE,
      kind: rule.kind,
      apiVersion: VERSIONS["Microsoft.SecurityInsights"],
      properties: escaped(sendable(rule).properties),
    })),
  };
}

/** The rules of a template, of a list of resources, or of one resource. Raises NotARule. */
export function fromJson(text: string): NamedRule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotARule(`This is no JSON: ${(error as Error).message}`);
  }
  const found = resources(value).filter((each) => RULE_TYPE.test(String(each["type"] ?? "alertRules")));
  const rules = found.map(ruleOf);
  if (rules.length === 0) throw new NotARule("There is no resource of type alertRules in it.");
  return rules;
}

function resources(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(resources);
  if (typeof value !== "object" || value === null) throw new NotARule("This is no template and no resource.");
  const object = value as Record<string, unknown>;
  if (Array.isArray(object["resources"])) return object["resources"].flatMap(resources);
  if (Array.isArray(object["value"])) return object["value"].flatMap(resources);
  return [object];
}

function ruleOf(resource: Record<string, unknown>): NamedRule {
  const { kind, properties } = resource;
  const name = nameOf(String(resource["name"] ?? resource["id"] ?? ""));
  if (typeof kind !== "string" || typeof properties !== "object" || properties === null) {
    throw new NotARule(`The resource “${name}” has no kind or no properties; a rule has both.`);
  }
  const plain = unescaped(properties) as RuleProperties;
  if (typeof plain.displayName !== "string" && (kind === "Scheduled" || kind === "NRT")) {
    throw new NotARule(`The rule “${name}” has no displayName.`);
  }
  return { name: name || crypto.randomUUID(), kind, properties: plain };
}

/** The last part of an id, or of the name that an expression puts together. */
function nameOf(told: string): string {
  if (!isExpression(told)) return told.split("/").at(-1) ?? "";
  const literal = [...told.matchAll(/'((?:[^']|'')*)'/g)].at(-1)?.[1] ?? "";
  return literal.replaceAll("''", "'").split("/").at(-1) ?? "";
}

function isExpression(text: string): boolean {
  return text.startsWith("[") && !text.startsWith("[[") && text.endsWith("]");
}

/** With every text that would be read as an expression marked as none. */
function escaped(value: unknown): unknown {
  return changed(value, (text) => (text.startsWith("[") && text.endsWith("]") ? `[${text}` : text));
}

function unescaped(value: unknown): unknown {
  return changed(value, (text) => {
    if (isExpression(text)) {
      throw new NotARule(
        `The value “${text.slice(0, 60)}” is computed by the template. Deploy it on the page Deployments instead.`,
      );
    }
    return text.startsWith("[[") ? text.slice(1) : text;
  });
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, changed(each, change)]));
}
