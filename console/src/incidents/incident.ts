// An incident as the management API gives it, and the choices that its fields have.
// https://learn.microsoft.com/rest/api/securityinsights/incidents
import type { Resource } from "~/api/arm";

export const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export const STATUSES = ["New", "Active", "Closed"] as const;

export type Severity = (typeof SEVERITIES)[number];
export type Status = (typeof STATUSES)[number];
export type Classification = "Undetermined" | "TruePositive" | "BenignPositive" | "FalsePositive";
export type Reason = "SuspiciousActivity" | "SuspiciousButExpected" | "IncorrectAlertLogic" | "InaccurateData";

export interface Owner {
  readonly objectId?: string | null;
  readonly email?: string | null;
  readonly assignedTo?: string | null;
  readonly userPrincipalName?: string | null;
  readonly ownerType?: string | null;
}

export interface Label {
  readonly labelName: string;
  readonly labelType?: "User" | "AutoAssigned";
}

export interface IncidentProperties {
  readonly incidentNumber: number;
  readonly title: string;
  readonly description?: string | null;
  readonly severity: Severity;
  readonly status: Status;
  readonly classification?: Classification | null;
  readonly classificationReason?: Reason | null;
  readonly classificationComment?: string | null;
  readonly owner?: Owner | null;
  readonly labels?: readonly Label[];
  readonly createdTimeUtc: string;
  readonly lastModifiedTimeUtc: string;
  readonly firstActivityTimeUtc?: string | null;
  readonly lastActivityTimeUtc?: string | null;
  readonly incidentUrl?: string;
  readonly relatedAnalyticRuleIds?: readonly string[];
  readonly additionalData?: {
    readonly alertsCount?: number;
    readonly bookmarksCount?: number;
    readonly commentsCount?: number;
    readonly alertProductNames?: readonly string[];
    readonly tactics?: readonly string[];
  };
}

export type Incident = Resource<IncidentProperties>;

/** How an incident can be closed: the key that follows `c`, and what it says. The pairs are the server's own. */
export interface Closing {
  readonly key: string;
  readonly label: string;
  /** As it is told of other incidents: "7 FP". */
  readonly short: string;
  readonly classification: Classification;
  readonly reason: Reason | undefined;
}

export const CLOSINGS: readonly Closing[] = [
  {
    key: "t",
    label: "True positive: suspicious activity",
    short: "TP",
    classification: "TruePositive",
    reason: "SuspiciousActivity",
  },
  {
    key: "b",
    label: "Benign positive: suspicious but expected",
    short: "BP",
    classification: "BenignPositive",
    reason: "SuspiciousButExpected",
  },
  {
    key: "f",
    label: "False positive: incorrect alert logic",
    short: "FP",
    classification: "FalsePositive",
    reason: "IncorrectAlertLogic",
  },
  {
    key: "d",
    label: "False positive: inaccurate data",
    short: "FP",
    classification: "FalsePositive",
    reason: "InaccurateData",
  },
  { key: "u", label: "Undetermined", short: "undetermined", classification: "Undetermined", reason: undefined },
];

export function isOpen(incident: Incident): boolean {
  return incident.properties.status !== "Closed";
}

/** What an owner is called; empty for nobody. */
export function ownerName(owner: Owner | null | undefined): string {
  return owner?.assignedTo || owner?.userPrincipalName || owner?.email || owner?.objectId || "";
}

/** Whether an owner is a person, by the object id or else by a name: an incident may have either alone. */
export function isOwnedBy(
  owner: Owner | null | undefined,
  person: { readonly objectId: string; readonly userPrincipalName: string },
): boolean {
  const same = (a: string | null | undefined, b: string): boolean => !!a && !!b && a.toLowerCase() === b.toLowerCase();
  return (
    same(owner?.objectId, person.objectId) ||
    same(owner?.userPrincipalName, person.userPrincipalName) ||
    same(owner?.email, person.userPrincipalName)
  );
}

/** The workspace's resource id of an incident's id. */
export function workspaceIdOf(id: string): string {
  return id.slice(0, id.toLowerCase().indexOf("/providers/microsoft.securityinsights/"));
}
