// Rules as the Azure-Sentinel repository writes them: flat YAML with short durations and operators.
// https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
import { parseAllDocuments, stringify } from "yaml";
import { secondsOf, shortSeconds, wireDuration } from "./durations";
import { sendable, TACTICS, type RuleProperties } from "./model";
import { NotARule, type NamedRule } from "./named_rule";

const OPERATORS: Readonly<Record<string, string>> = { gt: "GreaterThan", lt: "LessThan", eq: "Equal", ne: "NotEqual" };
const SHORT = Object.fromEntries(Object.entries(OPERATORS).map(([short, long]) => [long, short]));
const DURATIONS = ["queryFrequency", "queryPeriod", "suppressionDuration"];
const OF_FILE = new Set(["id", "kind", "version", "requiredDataConnectors", "status", "metadata", "tags", "author"]);
const ORDER =
  `id name description version alertRuleTemplateName kind enabled severity queryFrequency queryPeriod startTimeUtc
  triggerOperator triggerThreshold tactics relevantTechniques subTechniques query entityMappings
  sentinelEntitiesMappings customDetails alertDetailsOverride eventGroupingSettings incidentConfiguration
  suppressionEnabled suppressionDuration`.split(/\s+/);

/** One document a rule. */
export function toYaml(rules: readonly NamedRule[]): string {
  return rules.map((rule) => stringify(flat(rule), { lineWidth: 0 })).join("---\n");
}

function flat(rule: NamedRule): Record<string, unknown> {
  const { displayName, techniques, templateVersion, ...rest } = sendable(rule).properties;
  const told: Record<string, unknown> = { ...rest, id: rule.name, kind: rule.kind, name: displayName };
  if (techniques) told["relevantTechniques"] = techniques;
  if (templateVersion) told["version"] = templateVersion;
  for (const name of DURATIONS) if (told[name] !== undefined) told[name] = compact(String(told[name]));
  const grouping = rest.incidentConfiguration?.groupingConfiguration;
  if (grouping) {
    told["incidentConfiguration"] = {
      ...rest.incidentConfiguration,
      groupingConfiguration: { ...grouping, lookbackDuration: compact(grouping.lookbackDuration) },
    };
  }
  const operator = told["triggerOperator"];
  if (typeof operator === "string") told["triggerOperator"] = SHORT[operator] ?? operator;
  const names = ORDER.filter((name) => told[name] !== undefined);
  names.push(...Object.keys(told).filter((name) => !ORDER.includes(name) && told[name] !== undefined));
  return Object.fromEntries(names.map((name) => [name, told[name]]));
}

/** `5h`, where the files have one unit; else ISO 8601. */
function compact(duration: string): string {
  const seconds = secondsOf(duration);
  if (seconds === undefined) return duration;
  const short = shortSeconds(seconds);
  return short.includes(" ") ? duration : short;
}

/** The rules of a file, each a document of it. Raises NotARule. */
export function fromYaml(text: string): NamedRule[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) throw new NotARule("The file is empty.");
  return documents.map((document) => {
    const wrong = document.errors[0];
    if (wrong) throw new NotARule(`This is no YAML: ${wrong.message}`);
    return ruleOf(document.toJS({ maxAliasCount: 100 }) as unknown);
  });
}

function ruleOf(value: unknown): NamedRule {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotARule("A rule is a mapping.");
  const told = value as Record<string, unknown>;
  const kind = String(told["kind"] ?? "Scheduled");
  const displayName = String(told["name"] ?? told["displayName"] ?? "");
  if (!displayName || typeof told["query"] !== "string") throw new NotARule("A rule has a 'name' and a 'query'.");
  const more = Object.entries(told).filter(
    ([name, each]) => !OF_FILE.has(name) && name !== "name" && name !== "relevantTechniques" && each !== null,
  );
  const properties: Record<string, unknown> = {
    enabled: true,
    severity: "Medium",
    suppressionDuration: "PT5H",
    suppressionEnabled: false,
    ...(kind === "Scheduled" ? { triggerOperator: "GreaterThan", triggerThreshold: 0 } : {}),
    ...Object.fromEntries(more),
    displayName,
  };
  const operator = properties["triggerOperator"];
  if (typeof operator === "string") properties["triggerOperator"] = OPERATORS[operator.toLowerCase()] ?? operator;
  for (const name of DURATIONS) if (properties[name] !== undefined) properties[name] = wire(String(properties[name]));
  if (properties["tactics"] !== undefined) properties["tactics"] = texts(properties["tactics"]).map(tactic);
  const techniques = texts(told["relevantTechniques"] ?? told["techniques"] ?? []);
  if (techniques.length > 0) {
    properties["techniques"] = [...new Set(techniques.map((each) => each.split(".")[0]!))];
    const below = techniques.filter((each) => each.includes("."));
    if (below.length > 0) properties["subTechniques"] = below;
  }
  if (properties["alertRuleTemplateName"] && told["version"]) properties["templateVersion"] = String(told["version"]);
  return {
    name: String(told["id"] ?? "").trim() || crypto.randomUUID(),
    kind,
    properties: withLookback(properties) as RuleProperties,
  };
}

function withLookback(properties: Record<string, unknown>): Record<string, unknown> {
  const incident = properties["incidentConfiguration"] as RuleProperties["incidentConfiguration"];
  const grouping = incident?.groupingConfiguration;
  if (!incident || !grouping) return properties;
  const lookbackDuration = wire(grouping.lookbackDuration);
  return {
    ...properties,
    incidentConfiguration: { ...incident, groupingConfiguration: { ...grouping, lookbackDuration } },
  };
}

function wire(text: string): string {
  return wireDuration(text) ?? text;
}

function tactic(text: string): string {
  const plain = text.replaceAll(" ", "");
  return TACTICS.find((known) => known.toLowerCase() === plain.toLowerCase()) ?? plain;
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return value.split(",").map((each) => each.trim()).filter(Boolean); // prettier-ignore
  return Array.isArray(value) ? value.map(String) : [];
}
