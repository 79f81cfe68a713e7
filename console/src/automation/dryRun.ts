// What a rule would do with an incident, worked out in the browser from what the management API says of it. What depends on
// the change that starts the rule cannot be said beforehand, and is not guessed.
// https://learn.microsoft.com/azure/sentinel/add-advanced-conditions-to-automation-rules
import type { Resource } from "~/api/arm";
import { conditionText } from "./sentence";
import type { Condition, ModifyConfiguration, PropertyTest, RuleProperties } from "./rule";

export interface IncidentProperties {
  readonly title: string;
  readonly description?: string;
  readonly severity: string;
  readonly status: string;
  readonly incidentNumber?: number;
  readonly classification?: string;
  readonly classificationReason?: string;
  readonly classificationComment?: string;
  readonly providerName?: string;
  readonly owner?: {
    readonly assignedTo?: string | null;
    readonly userPrincipalName?: string | null;
    readonly objectId?: string | null;
  };
  readonly labels?: readonly { readonly labelName: string }[];
  readonly relatedAnalyticRuleIds?: readonly string[];
  readonly additionalData?: { readonly tactics?: readonly string[] };
}

/** An incident with its alerts and entities, as the API lists them. */
export interface Subject {
  readonly incident: IncidentProperties;
  readonly alerts: readonly Resource[];
  readonly entities: readonly Resource[];
}

/** Undefined where it depends on the change. */
export type Holds = boolean | undefined;

export interface Checked {
  readonly text: string;
  readonly holds: Holds;
  /** What the incident has for it. */
  readonly found: readonly string[];
  readonly inner: readonly Checked[];
}

export function checkAll(rule: RuleProperties, subject: Subject): { holds: Holds; conditions: readonly Checked[] } {
  const conditions = (rule.triggeringLogic.conditions ?? []).map((each) => check(each, subject, undefined));
  return { holds: all(conditions.map(({ holds }) => holds)), conditions };
}

function check(condition: Condition, subject: Subject, item: string | undefined): Checked {
  const text = conditionText(condition);
  switch (condition.conditionType) {
    case "Property": {
      if (condition.conditionProperties.propertyName === "IncidentUpdatedBySource")
        return { text, holds: undefined, found: [], inner: [] };
      const found = valuesOf(condition.conditionProperties.propertyName ?? "", subject, item);
      return { text, holds: matches(found, condition.conditionProperties), found, inner: [] };
    }
    case "PropertyArray":
      return { text, ...checkArray(condition.conditionProperties, subject, item), inner: [] };
    case "Boolean": {
      const inner = (condition.conditionProperties.innerConditions ?? []).map((each) => check(each, subject, item));
      const of = inner.map(({ holds }) => holds);
      return { text, holds: condition.conditionProperties.operator === "Or" ? any(of) : all(of), found: [], inner };
    }
    default:
      return { text, holds: undefined, found: [], inner: [] };
  }
}

function checkArray(
  given: Extract<Condition, { conditionType: "PropertyArray" }>["conditionProperties"],
  subject: Subject,
  item: string | undefined,
): { holds: Holds; found: string[] } {
  const details = customDetails(subject.alerts);
  const kind = (given.arrayType ?? "").toLowerCase();
  const items =
    kind === "incidentlabels"
      ? (subject.incident.labels ?? []).map(({ labelName }) => labelName)
      : kind === "customdetailvalues"
        ? item === undefined
          ? [...details.values()].flat()
          : (details.get(item) ?? [])
        : [...details.keys()];
  const each = items.map((one) =>
    all((given.itemConditions ?? []).map((condition) => check(condition, subject, one).holds)),
  );
  const every = given.arrayConditionType === "AllItems";
  return { holds: every ? items.length > 0 && all(each) : any(each), found: items };
}

function all(of: readonly Holds[]): Holds {
  if (of.includes(false)) return false;
  return of.includes(undefined) ? undefined : true;
}

function any(of: readonly Holds[]): Holds {
  if (of.includes(true)) return true;
  return of.includes(undefined) ? undefined : false;
}

const TESTS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  equals: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};

/** Whether any value fits any wanted one, in any letter case; with a `Not…` operator whether none does. */
function matches(values: readonly string[], given: PropertyTest): boolean {
  const operator = (given.operator ?? "Equals").toLowerCase();
  const test = TESTS[operator.replace(/^not/, "")];
  if (!test) return false;
  const wanted = (given.propertyValues ?? []).map(folded);
  const fits = values.some((value) => wanted.some((each) => test(folded(value), each)));
  return operator.startsWith("not") ? !fits : fits;
}

function folded(value: string): string {
  return value.trim().toLowerCase();
}

/** Property names begin with the kind of entity, and go on with the name of its property in the API's answer. */
const KINDS: readonly (readonly [prefix: string, kind: string, names?: Readonly<Record<string, string>>])[] = [
  ["Account", "Account", { Name: "accountName", PUID: "puid", NTDomain: "ntDomain", UPNSuffix: "upnSuffix" }],
  ["AzureResource", "AzureResource"],
  ["CloudApplication", "CloudApplication"],
  ["DNS", "DnsResolution"],
  ["FileHash", "FileHash", { Value: "hashValue" }],
  ["File", "File", { Name: "fileName" }],
  ["Host", "Host", { Name: "hostName", NTDomain: "ntDomain", OSVersion: "osVersion" }],
  ["IoTDevice", "IoTDevice", { Id: "deviceId", Name: "deviceName", Type: "deviceType" }],
  ["IP", "Ip"],
  ["Mailbox", "Mailbox", { PrimaryAddress: "mailboxPrimaryAddress", UPN: "upn" }],
  ["MailMessage", "MailMessage"],
  ["Malware", "Malware", { Name: "malwareName" }],
  ["Process", "Process", { Id: "processId" }],
  ["RegistryKey", "RegistryKey", { "": "key" }],
  ["RegistryValue", "RegistryValue", { Data: "valueData" }],
  ["Url", "Url", { "": "url" }],
];

function valuesOf(name: string, subject: Subject, item: string | undefined): string[] {
  const { incident, alerts } = subject;
  switch (name.toLowerCase()) {
    case "incidenttitle":
      return texts(incident.title);
    case "incidentdescription":
      return texts(incident.description);
    case "incidentseverity":
      return texts(incident.severity);
    case "incidentstatus":
      return texts(incident.status);
    case "incidentprovidername":
      return texts(incident.providerName);
    case "incidentrelatedanalyticruleids":
    case "alertanalyticruleids":
      return texts(incident.relatedAnalyticRuleIds);
    case "incidenttactics":
      return texts(incident.additionalData?.tactics);
    case "incidentlabel":
      return item === undefined ? (incident.labels ?? []).map(({ labelName }) => labelName) : [item];
    case "incidentcustomdetailskey":
      return item === undefined ? [...customDetails(alerts).keys()] : [item];
    case "incidentcustomdetailsvalue":
      return item === undefined ? [...customDetails(alerts).values()].flat() : [item];
    case "alertproductnames":
      return alerts.flatMap(({ properties }) => texts(properties["productName"]));
    case "azureresourcesubscriptionid":
      return ofEntities(subject, "AzureResource", "resourceId").flatMap((id) => id.split("/")[2] ?? []);
    default:
      return ofKind(name, subject);
  }
}

function ofKind(name: string, subject: Subject): string[] {
  const found = KINDS.filter(([prefix]) => name.startsWith(prefix)).sort((a, b) => b[0].length - a[0].length)[0];
  if (!found) return [];
  const [prefix, kind, names] = found;
  const rest = name.slice(prefix.length);
  return ofEntities(subject, kind, names?.[rest] ?? rest.charAt(0).toLowerCase() + rest.slice(1));
}

function ofEntities({ entities }: Subject, kind: string, property: string): string[] {
  return entities
    .filter((entity) => entity.kind?.toLowerCase() === kind.toLowerCase())
    .flatMap(({ properties }) => {
      const held = Object.keys(properties).find((name) => name.toLowerCase() === property.toLowerCase());
      return held ? texts(properties[held]) : [];
    });
}

function texts(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value)
    ? value.map(String)
    : [typeof value === "object" ? JSON.stringify(value) : String(value as string)];
}

export function customDetails(alerts: readonly Resource[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { properties } of alerts) {
    const text = (properties["additionalData"] as Record<string, unknown> | undefined)?.["Custom Details"];
    let details: unknown;
    try {
      details = typeof text === "string" ? JSON.parse(text) : {};
    } catch {
      continue; // written by another product in its own form
    }
    if (typeof details !== "object" || details === null) continue;
    for (const [name, value] of Object.entries(details)) found.set(name, [...(found.get(name) ?? []), ...texts(value)]);
  }
  return found;
}

export interface Effect {
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

/** What the actions would leave: of properties only those that would be others than now. */
export function effects(rule: RuleProperties, incident: IncidentProperties): Effect[] {
  return rule.actions.flatMap((action): Effect[] => {
    if (action.actionType === "AddIncidentTask")
      return [{ what: "task added", after: action.actionConfiguration.title }];
    if (action.actionType === "RunPlaybook")
      return [{ what: "playbook run", after: action.actionConfiguration.logicAppResourceId.split("/").at(-1) ?? "" }];
    return modified(action.actionConfiguration, incident);
  });
}

function modified(given: ModifyConfiguration, incident: IncidentProperties): Effect[] {
  const found: Effect[] = [];
  const compare = (what: string, before: string | undefined, after: string | undefined): void => {
    if (after && after !== (before ?? "")) found.push({ what, before: before || "none", after });
  };
  compare("severity", incident.severity, given.severity);
  compare("status", incident.status, given.status);
  compare("owner", ownerText(incident.owner), given.owner && ownerText(given.owner));
  const closes = (given.status ?? incident.status) === "Closed";
  if (closes) {
    const classification = given.classification ?? incident.classification ?? "Undetermined";
    compare("classification", incident.classification, classification);
    compare("reason", incident.classificationReason, given.classificationReason);
    compare("closing comment", incident.classificationComment, given.classificationComment);
  }
  const known = new Set((incident.labels ?? []).map(({ labelName }) => labelName.toLowerCase()));
  const added = (given.labels ?? []).map(({ labelName }) => labelName).filter((name) => !known.has(name.toLowerCase()));
  if (added.length > 0) found.push({ what: "label added", after: added.join(", ") });
  return found;
}

function ownerText(owner: IncidentProperties["owner"]): string {
  return owner?.assignedTo || owner?.userPrincipalName || owner?.objectId || "";
}
