// What an analytics rule is on the wire, and the few things about it that pages ask for again and again.
// https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
import type { Resource } from "~/api/arm";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

export interface FieldMapping {
  readonly identifier: string;
  readonly columnName: string;
}

export interface EntityMapping {
  readonly entityType: string;
  readonly fieldMappings: readonly FieldMapping[];
}

export interface Grouping {
  readonly enabled: boolean;
  readonly reopenClosedIncident: boolean;
  readonly lookbackDuration: string;
  readonly matchingMethod: string;
  readonly groupByEntities?: readonly string[];
  readonly groupByAlertDetails?: readonly string[];
  readonly groupByCustomDetails?: readonly string[];
}

export interface DetailsOverride {
  readonly alertDisplayNameFormat?: string;
  readonly alertDescriptionFormat?: string;
  readonly alertTacticsColumnName?: string;
  readonly alertSeverityColumnName?: string;
  readonly alertDynamicProperties?: readonly { readonly alertProperty: string; readonly value: string }[];
}

/** The properties of all kinds together; which a rule has is its kind's matter. Durations are ISO 8601. */
export interface RuleProperties {
  readonly displayName: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly severity?: string;
  readonly query?: string;
  readonly queryFrequency?: string;
  readonly queryPeriod?: string;
  readonly startTimeUtc?: string;
  readonly triggerOperator?: string;
  readonly triggerThreshold?: number;
  readonly suppressionEnabled?: boolean;
  readonly suppressionDuration?: string;
  readonly tactics?: readonly string[];
  readonly techniques?: readonly string[];
  readonly subTechniques?: readonly string[];
  readonly eventGroupingSettings?: { readonly aggregationKind: string };
  readonly entityMappings?: readonly EntityMapping[];
  readonly sentinelEntitiesMappings?: readonly { readonly columnName: string }[];
  readonly customDetails?: Readonly<Record<string, string>>;
  readonly alertDetailsOverride?: DetailsOverride;
  readonly incidentConfiguration?: {
    readonly createIncident: boolean;
    readonly groupingConfiguration?: Grouping;
  };
  readonly alertRuleTemplateName?: string;
  readonly templateVersion?: string;
  readonly lastModifiedUtc?: string;
  readonly productFilter?: string;
  readonly displayNamesFilter?: readonly string[];
  readonly displayNamesExcludeFilter?: readonly string[];
  readonly severitiesFilter?: readonly string[];
  readonly [more: string]: unknown;
}

export type Rule = Resource<RuleProperties>;

/** A rule that is only written down: what a PUT sends. */
export interface RuleBody {
  readonly kind: string;
  readonly properties: RuleProperties;
}

export const WRITE = "Microsoft.SecurityInsights/alertRules/write";
export const DELETE = "Microsoft.SecurityInsights/alertRules/delete";

export const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export const OPERATORS = { GreaterThan: ">", LessThan: "<", Equal: "=", NotEqual: "≠" } as const;
export const TACTICS = [
  "Reconnaissance",
  "ResourceDevelopment",
  "InitialAccess",
  "Execution",
  "Persistence",
  "PrivilegeEscalation",
  "DefenseEvasion",
  "CredentialAccess",
  "Discovery",
  "LateralMovement",
  "Collection",
  "CommandAndControl",
  "Exfiltration",
  "Impact",
  "PreAttack",
  "ImpairProcessControl",
  "InhibitResponseFunction",
] as const;
export const ALERT_PROPERTIES = [
  "AlertLink",
  "ConfidenceLevel",
  "ConfidenceScore",
  "ExtendedLinks",
  "ProductName",
  "ProviderName",
  "ProductComponentName",
  "RemediationSteps",
  "Techniques",
  "SubTechniques",
] as const;

const AUTO_DISABLED = "AUTO DISABLED";

/** Whether a rule of this kind is a text of KQL with a schedule, that can be edited whole. */
export function isQueryKind(kind: string | undefined): boolean {
  return kind === "Scheduled" || kind === "NRT";
}

/** Whether the server disabled it because it failed again and again. */
export function isAutoDisabled(rule: { readonly properties: RuleProperties }): boolean {
  return !rule.properties.enabled && rule.properties.displayName.startsWith(AUTO_DISABLED);
}

/** The body with which a rule that the server disabled is switched on again: name and description as they were. */
export function repaired(properties: RuleProperties): RuleProperties {
  const displayName = properties.displayName.replace(/^AUTO DISABLED\s*/, "");
  const description = (properties.description ?? "").startsWith(AUTO_DISABLED)
    ? (properties.description ?? "").split("\n\n").slice(1).join("\n\n")
    : properties.description;
  return { ...properties, displayName, description, enabled: true };
}

/** Why the server disabled it, as it wrote down before the description. */
export function disabledBecause(properties: RuleProperties): string {
  return (properties.description ?? "").split("\n\n")[0] ?? "";
}

export const NO_GROUPING: Grouping = {
  enabled: false,
  reopenClosedIncident: false,
  lookbackDuration: "PT5H",
  matchingMethod: "AllEntities",
  groupByEntities: [],
  groupByAlertDetails: [],
  groupByCustomDetails: [],
};

/** A new rule, with the values that Sentinel's own form begins with. */
export function blankRule(query = ""): RuleBody {
  return {
    kind: "Scheduled",
    properties: {
      displayName: "",
      description: "",
      enabled: true,
      severity: "Medium",
      query,
      queryFrequency: "PT5H",
      queryPeriod: "PT5H",
      triggerOperator: "GreaterThan",
      triggerThreshold: 0,
      suppressionEnabled: false,
      suppressionDuration: "PT5H",
      tactics: [],
      techniques: [],
      eventGroupingSettings: { aggregationKind: "SingleAlert" },
      incidentConfiguration: { createIncident: true, groupingConfiguration: NO_GROUPING },
    },
  };
}

const OF_TEMPLATE = new Set(["status", "alertRulesCreatedByTemplateCount", "requiredDataConnectors", "version"]);
const CREATED = new Set(["createdDateUTC", "lastUpdatedDateUTC"]);

/** A rule made from a template, which it names with its version. */
export function fromTemplate(template: Rule): RuleBody {
  const told = Object.entries(template.properties).filter(([name]) => !OF_TEMPLATE.has(name) && !CREATED.has(name));
  const version = template.properties["version"];
  const blank = blankRule();
  const base = isQueryKind(template.kind) ? blank.properties : {};
  return {
    kind: template.kind ?? "Scheduled",
    properties: {
      ...base,
      ...(Object.fromEntries(told) as Partial<RuleProperties>),
      displayName: template.properties.displayName,
      enabled: true,
      alertRuleTemplateName: template.name,
      ...(typeof version === "string" ? { templateVersion: version } : {}),
    },
  };
}

/** What a PUT sends: without what the server fills in by itself. */
export function sendable(body: RuleBody): RuleBody {
  const { lastModifiedUtc: _, ...properties } = body.properties;
  const queryless = body.kind === "NRT" ? withoutSchedule(properties as RuleProperties) : properties;
  return { kind: body.kind, properties: queryless as RuleProperties };
}

/** An NRT rule runs each minute over what that minute brought; it has no schedule of its own. */
function withoutSchedule(properties: RuleProperties): RuleProperties {
  const { queryFrequency, queryPeriod, triggerOperator, triggerThreshold, startTimeUtc, ...rest } = properties;
  void [queryFrequency, queryPeriod, triggerOperator, triggerThreshold, startTimeUtc];
  return rest as RuleProperties;
}

/** A name for a new rule: GUIDs, as Sentinel's portal gives them. */
export function newName(): string {
  return crypto.randomUUID();
}
