// The kinds of entities with the identifiers of each that mappings name.
// https://learn.microsoft.com/azure/sentinel/entities-reference
export const ENTITY_KINDS: Readonly<Record<string, readonly string[]>> = {
  Account: ["Name", "FullName", "UPNSuffix", "NTDomain", "AadUserId", "AadTenantId", "Sid", "ObjectGuid", "PUID"],
  AzureResource: ["ResourceId"],
  CloudApplication: ["AppId", "Name", "InstanceName"],
  DNS: ["DomainName"],
  File: ["Name", "Directory"],
  FileHash: ["Algorithm", "Value"],
  Host: ["HostName", "FullName", "DnsDomain", "NTDomain", "NetBiosName", "AzureID", "OMSAgentID", "OSFamily"],
  IP: ["Address"],
  Mailbox: ["MailboxPrimaryAddress", "DisplayName", "Upn"],
  MailCluster: ["NetworkMessageIds", "Query", "Source"],
  MailMessage: ["Recipient", "Sender", "Subject", "SenderIP", "P1Sender", "P2Sender", "NetworkMessageId"],
  Malware: ["Name", "Category"],
  Process: ["ProcessId", "CommandLine", "CreationTimeUtc"],
  RegistryKey: ["Hive", "Key"],
  RegistryValue: ["Name", "Value", "ValueType"],
  SecurityGroup: ["DistinguishedName", "SID", "ObjectGuid"],
  SubmissionMail: ["NetworkMessageId", "Recipient", "Sender", "Subject"],
  URL: ["Url"],
};
