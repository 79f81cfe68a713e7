// Automation rules as the management API has them, and every kind of condition and action that it knows.
// https://learn.microsoft.com/rest/api/securityinsights/automation-rules
import type { Resource } from "~/api/arm";

export const PROVIDER = "Microsoft.SecurityInsights";
export const WRITE = "Microsoft.SecurityInsights/automationRules/write";
export const DELETE = "Microsoft.SecurityInsights/automationRules/delete";

export interface PropertyTest {
  readonly propertyName?: string;
  readonly operator?: string;
  readonly propertyValues?: readonly string[];
}

export type Condition =
  | { readonly conditionType: "Property"; readonly conditionProperties: PropertyTest }
  | {
      readonly conditionType: "PropertyArray";
      readonly conditionProperties: {
        readonly arrayType?: string;
        readonly arrayConditionType?: string;
        readonly itemConditions?: readonly Condition[];
      };
    }
  | {
      readonly conditionType: "PropertyChanged";
      readonly conditionProperties: PropertyTest & { readonly changeType?: string };
    }
  | {
      readonly conditionType: "PropertyArrayChanged";
      readonly conditionProperties: { readonly arrayType?: string; readonly changeType?: string };
    }
  | {
      readonly conditionType: "Boolean";
      readonly conditionProperties: { readonly operator?: string; readonly innerConditions?: readonly Condition[] };
    };

export interface ModifyConfiguration {
  readonly severity?: string;
  readonly status?: string;
  readonly classification?: string;
  readonly classificationReason?: string;
  readonly classificationComment?: string;
  readonly owner?: { readonly objectId?: string; readonly userPrincipalName?: string; readonly assignedTo?: string };
  readonly labels?: readonly { readonly labelName: string }[];
}

export type Action =
  | {
      readonly order: number;
      readonly actionType: "ModifyProperties";
      readonly actionConfiguration: ModifyConfiguration;
    }
  | {
      readonly order: number;
      readonly actionType: "RunPlaybook";
      readonly actionConfiguration: { readonly logicAppResourceId: string; readonly tenantId?: string };
    }
  | {
      readonly order: number;
      readonly actionType: "AddIncidentTask";
      readonly actionConfiguration: { readonly title: string; readonly description?: string };
    };

export interface RuleProperties {
  readonly displayName: string;
  readonly order: number;
  readonly triggeringLogic: {
    readonly isEnabled: boolean;
    readonly expirationTimeUtc?: string;
    readonly triggersOn: "Incidents" | "Alerts";
    readonly triggersWhen: "Created" | "Updated";
    readonly conditions?: readonly Condition[];
  };
  readonly actions: readonly Action[];
  readonly createdTimeUtc?: string;
  readonly lastModifiedTimeUtc?: string;
  readonly createdBy?: { readonly name?: string; readonly email?: string };
  readonly lastModifiedBy?: { readonly name?: string; readonly email?: string };
}

export type AutomationRule = Resource<RuleProperties>;

export const OPERATORS: Readonly<Record<string, string>> = {
  Equals: "is",
  NotEquals: "is not",
  Contains: "contains",
  NotContains: "does not contain",
  StartsWith: "begins with",
  NotStartsWith: "does not begin with",
  EndsWith: "ends with",
  NotEndsWith: "does not end with",
};

const WORDS =
  "IncidentTitle IncidentDescription IncidentSeverity IncidentStatus IncidentRelatedAnalyticRuleIds IncidentTactics IncidentLabel IncidentProviderName IncidentUpdatedBySource IncidentCustomDetailsKey IncidentCustomDetailsValue AccountAadTenantId AccountAadUserId AccountName AccountNTDomain AccountPUID AccountSid AccountObjectGuid AccountUPNSuffix AlertProductNames AlertAnalyticRuleIds AzureResourceResourceId AzureResourceSubscriptionId CloudApplicationAppId CloudApplicationAppName DNSDomainName FileDirectory FileName FileHashValue HostAzureID HostName HostNetBiosName HostNTDomain HostOSVersion IoTDeviceId IoTDeviceName IoTDeviceType IoTDeviceVendor IoTDeviceModel IoTDeviceOperatingSystem IPAddress MailboxDisplayName MailboxPrimaryAddress MailboxUPN MailMessageDeliveryAction MailMessageDeliveryLocation MailMessageRecipient MailMessageSenderIP MailMessageSubject MailMessageP1Sender MailMessageP2Sender MalwareCategory MalwareName ProcessCommandLine ProcessId RegistryKey RegistryValueData Url";

export const PROPERTIES: readonly string[] = WORDS.split(" ");
export const CHANGED_PROPERTIES = ["IncidentSeverity", "IncidentStatus", "IncidentOwner"];
export const ADDED = ["Alerts", "Labels", "Tactics", "Comments"];
export const ARRAYS = ["CustomDetails", "CustomDetailValues", "IncidentLabels"];
export const SEVERITIES = ["High", "Medium", "Low", "Informational"];
export const STATUSES = ["New", "Active", "Closed"];
/** The values that a property can have, where these are few. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  IncidentSeverity: SEVERITIES,
  IncidentStatus: STATUSES,
  IncidentUpdatedBySource: ["User", "Application", "Playbook", "AutomationRule", "AlertGrouping"],
};

/** A classification with its reasons. */
export const REASONS: Readonly<Record<string, readonly string[]>> = {
  TruePositive: ["SuspiciousActivity"],
  BenignPositive: ["SuspiciousButExpected"],
  FalsePositive: ["IncorrectAlertLogic", "InaccurateData"],
  Undetermined: [],
};

export function newRule(order: number): RuleProperties {
  return {
    displayName: "",
    order,
    triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", conditions: [] },
    actions: [{ order: 1, actionType: "ModifyProperties", actionConfiguration: { severity: "High" } }],
  };
}

export function newCondition(type: Condition["conditionType"]): Condition {
  switch (type) {
    case "Property":
      return {
        conditionType: type,
        conditionProperties: { propertyName: "IncidentTitle", operator: "Contains", propertyValues: [] },
      };
    case "PropertyArray":
      return {
        conditionType: type,
        conditionProperties: {
          arrayType: "CustomDetails",
          arrayConditionType: "AnyItem",
          itemConditions: [
            {
              conditionType: "Property",
              conditionProperties: { propertyName: "IncidentCustomDetailsKey", operator: "Equals", propertyValues: [] },
            },
          ],
        },
      };
    case "PropertyChanged":
      return { conditionType: type, conditionProperties: { propertyName: "IncidentStatus" } };
    case "PropertyArrayChanged":
      return { conditionType: type, conditionProperties: { arrayType: "Alerts", changeType: "Added" } };
    case "Boolean":
      return {
        conditionType: type,
        conditionProperties: { operator: "Or", innerConditions: [newCondition("Property"), newCondition("Property")] },
      };
  }
}

export function newAction(type: Action["actionType"], order: number, playbook = ""): Action {
  if (type === "RunPlaybook") return { order, actionType: type, actionConfiguration: { logicAppResourceId: playbook } };
  if (type === "AddIncidentTask") return { order, actionType: type, actionConfiguration: { title: "" } };
  return { order, actionType: type, actionConfiguration: { severity: "High" } };
}

/** What a write says: actions in the order in which they stand, and nothing of the server's own. */
export function sendable({ displayName, order, triggeringLogic, actions }: RuleProperties): RuleProperties {
  return {
    displayName,
    order,
    triggeringLogic,
    actions: actions.map((action, at) => ({ ...action, order: at + 1 })),
  };
}
