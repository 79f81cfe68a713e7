"""The kinds of entity that a rule can map: how an alert's JSON, a mapping's identifiers and ARM each name them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntityType:
    """An entity kind.

    `type` is its `Type` in SecurityAlert.Entities. `identifiers` are those that a mapping may name, each with the
    property that shows it in ARM (None: it is taken apart into others). `friendly` are the ARM properties whose
    first value names the entity to people. `arm_kind` is the kind of its document, where that has another name.
    """

    type: str
    identifiers: Mapping[str, str | None]
    friendly: tuple[str, ...]
    arm_kind: str = ""


# https://learn.microsoft.com/azure/sentinel/entities-reference
ENTITY_TYPES: Mapping[str, EntityType] = {
    "Account": EntityType(
        "account",
        {
            "Name": "accountName",
            "FullName": None,
            "NTDomain": "ntDomain",
            "DnsDomain": "dnsDomain",
            "UPNSuffix": "upnSuffix",
            "Sid": "sid",
            "AadTenantId": "aadTenantId",
            "AadUserId": "aadUserId",
            "PUID": "puid",
            "IsDomainJoined": "isDomainJoined",
            "DisplayName": "displayName",
            "ObjectGuid": "objectGuid",
        },
        ("accountName", "displayName", "aadUserId", "sid"),
    ),
    "Host": EntityType(
        "host",
        {
            "HostName": "hostName",
            "FullName": None,
            "DnsDomain": "dnsDomain",
            "NTDomain": "ntDomain",
            "NetBiosName": "netBiosName",
            "AzureID": "azureID",
            "OMSAgentID": "omsAgentID",
            "OSFamily": "osFamily",
            "OSVersion": "osVersion",
            "IsDomainJoined": "isDomainJoined",
        },
        ("hostName", "netBiosName", "azureID"),
    ),
    "IP": EntityType("ip", {"Address": "address", "AddressScope": "addressScope"}, ("address",), "Ip"),
    "Malware": EntityType("malware", {"Name": "malwareName", "Category": "category"}, ("malwareName",)),
    "File": EntityType("file", {"Name": "fileName", "Directory": "directory"}, ("fileName",)),
    "Process": EntityType(
        "process",
        {
            "ProcessId": "processId",
            "CommandLine": "commandLine",
            "ElevationToken": "elevationToken",
            "CreationTimeUtc": "creationTimeUtc",
        },
        ("commandLine", "processId"),
    ),
    "CloudApplication": EntityType(
        "cloud-application",
        {"AppId": "appId", "Name": "appName", "InstanceName": "instanceName"},
        ("appName", "appId"),
    ),
    "DNS": EntityType("dns", {"DomainName": "domainName", "IpAddress": None}, ("domainName",), "DnsResolution"),
    "AzureResource": EntityType("azure-resource", {"ResourceId": "resourceId"}, ("resourceId",)),
    "FileHash": EntityType("filehash", {"Algorithm": "algorithm", "Value": "hashValue"}, ("hashValue",)),
    "RegistryKey": EntityType("registry-key", {"Hive": "hive", "Key": "key"}, ("key",)),
    "RegistryValue": EntityType(
        "registry-value",
        {"Name": "valueName", "Value": "valueData", "ValueType": "valueType"},
        ("valueName", "valueData"),
    ),
    "SecurityGroup": EntityType(
        "security-group",
        {"DistinguishedName": "distinguishedName", "SID": "sid", "ObjectGuid": "objectGuid"},
        ("distinguishedName", "sid"),
    ),
    "URL": EntityType("url", {"Url": "url"}, ("url",), "Url"),
    "Mailbox": EntityType(
        "mailbox",
        {
            "MailboxPrimaryAddress": "mailboxPrimaryAddress",
            "DisplayName": "displayName",
            "Upn": "upn",
            "ExternalDirectoryObjectId": "externalDirectoryObjectId",
        },
        ("mailboxPrimaryAddress", "upn"),
    ),
    "MailCluster": EntityType(
        "mailCluster",
        {
            "NetworkMessageIds": "networkMessageIds",
            "Query": "query",
            "QueryTime": "queryTime",
            "MailCount": "mailCount",
            "Source": "source",
            "ClusterSourceIdentifier": "clusterSourceIdentifier",
            "ClusterSourceType": "clusterSourceType",
        },
        ("query",),
    ),
    "MailMessage": EntityType(
        "mailMessage",
        {
            "Recipient": "recipient",
            "NetworkMessageId": "networkMessageId",
            "InternetMessageId": "internetMessageId",
            "Subject": "subject",
            "SenderIP": "senderIP",
            "P1Sender": "p1Sender",
            "P2Sender": "p2Sender",
            "ReceiveDate": "receiveDate",
        },
        ("subject", "networkMessageId"),
    ),
    "SubmissionMail": EntityType(
        "submissionMail",
        {
            "NetworkMessageId": "networkMessageId",
            "Timestamp": "timestamp",
            "Recipient": "recipient",
            "Sender": "sender",
            "SenderIp": "senderIp",
            "Subject": "subject",
            "ReportType": "reportType",
            "SubmissionId": "submissionId",
            "SubmissionDate": "submissionDate",
            "Submitter": "submitter",
        },
        ("subject", "submissionId"),
    ),
}
