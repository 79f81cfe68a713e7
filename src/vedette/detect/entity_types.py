"""The kinds of entity: how an alert's JSON, a mapping's identifiers and ARM each name them, and what identifies one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityType:
    """An entity kind.

    `type` is its `Type` in SecurityAlert.Entities, `also` how else it is written there. `identifiers` are those that a
    mapping may name, each with the property that shows it in ARM (None: it is taken apart into others), `further`
    those that only other products' alerts carry. `strong` are the sets of fields of which one alone identifies an
    entity. `nested` are the fields that hold other entities, with the ARM property that holds their ids. `friendly`
    are the ARM properties whose first value names the entity to people. `arm_kind` is the kind of its document, where
    that has another name. One that is not `mappable` comes with other products' alerts only.
    """

    type: str
    identifiers: Mapping[str, str | None]
    friendly: Names
    strong: tuple[Names, ...] = ()
    arm_kind: str = ""
    also: Names = ()
    further: Mapping[str, str] = field(default_factory=dict[str, str])
    nested: Mapping[str, str] = field(default_factory=dict[str, str])
    mappable: bool = True

    @property
    def shown(self) -> Mapping[str, str]:
        """The fields that ARM shows, each with its property."""
        return {name: shown for name, shown in {**self.identifiers, **self.further}.items() if shown is not None}


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
        (
            ("Name", "UPNSuffix"),
            ("AadUserId",),
            ("Sid",),
            ("Sid", "Host"),
            ("Name", "NTDomain"),
            ("Name", "NTDomain", "Host"),
            ("Name", "DnsDomain"),
            ("PUID",),
            ("ObjectGuid",),
        ),
        nested={"Host": "hostEntityId"},
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
        (
            ("HostName", "NTDomain"),
            ("HostName", "DnsDomain"),
            ("NetBiosName", "NTDomain"),
            ("NetBiosName", "DnsDomain"),
            ("AzureID",),
            ("OMSAgentID",),
        ),
    ),
    "IP": EntityType(
        "ip",
        {"Address": "address", "AddressScope": "addressScope"},
        ("address",),
        (("Address",), ("Address", "AddressScope")),
        "Ip",
        further={"Location": "location"},
    ),
    "Malware": EntityType(
        "malware",
        {"Name": "malwareName", "Category": "category"},
        ("malwareName", "category"),
        (("Name", "Category"),),
        nested={"Files": "fileEntityIds", "Processes": "processEntityIds"},
    ),
    "File": EntityType(
        "file",
        {"Name": "fileName", "Directory": "directory"},
        ("fileName", "directory"),
        (("Name", "Directory"), ("Name", "FileHashes")),
        nested={"FileHashes": "fileHashEntityIds", "Host": "hostEntityId"},
    ),
    "Process": EntityType(
        "process",
        {
            "ProcessId": "processId",
            "CommandLine": "commandLine",
            "ElevationToken": "elevationToken",
            "CreationTimeUtc": "creationTimeUtc",
        },
        ("commandLine", "processId"),
        (
            ("Host", "ProcessId", "CreationTimeUtc"),
            ("Host", "ParentProcess", "CreationTimeUtc", "CommandLine"),
        ),
        nested={
            "ImageFile": "imageFileEntityId",
            "Account": "accountEntityId",
            "ParentProcess": "parentProcessEntityId",
            "Host": "hostEntityId",
        },
    ),
    "CloudApplication": EntityType(
        "cloud-application",
        {"AppId": "appId", "Name": "appName", "InstanceName": "instanceName"},
        ("appName", "appId"),
        (("AppId",), ("Name",), ("AppId", "InstanceName"), ("Name", "InstanceName")),
    ),
    "DNS": EntityType(
        "dns",
        {"DomainName": "domainName", "IpAddress": None},
        ("domainName",),
        (("DomainName", "DnsServerIp", "HostIpAddress"),),
        "DnsResolution",
        nested={
            "IpAddresses": "ipAddressEntityIds",
            "DnsServerIp": "dnsServerIpEntityId",
            "HostIpAddress": "hostIpAddressEntityId",
        },
    ),
    "AzureResource": EntityType(
        "azure-resource",
        {"ResourceId": "resourceId"},
        ("resourceId",),
        (("ResourceId",),),
        further={"SubscriptionId": "subscriptionId"},
    ),
    "FileHash": EntityType(
        "filehash",
        {"Algorithm": "algorithm", "Value": "hashValue"},
        ("hashValue",),
        (("Algorithm", "Value"),),
    ),
    "RegistryKey": EntityType("registry-key", {"Hive": "hive", "Key": "key"}, ("key", "hive"), (("Hive", "Key"),)),
    "RegistryValue": EntityType(
        "registry-value",
        {"Name": "valueName", "Value": "valueData", "ValueType": "valueType"},
        ("valueName", "valueData"),
        (("Key", "Name"),),
        nested={"Key": "keyEntityId", "Host": "hostEntityId"},
    ),
    "SecurityGroup": EntityType(
        "security-group",
        {"DistinguishedName": "distinguishedName", "SID": "sid", "ObjectGuid": "objectGuid"},
        ("distinguishedName", "sid", "objectGuid"),
        (("DistinguishedName",), ("SID",), ("ObjectGuid",)),
    ),
    "URL": EntityType("url", {"Url": "url"}, ("url",), (("Url",),), "Url"),
    "Mailbox": EntityType(
        "mailbox",
        {
            "MailboxPrimaryAddress": "mailboxPrimaryAddress",
            "DisplayName": "displayName",
            "Upn": "upn",
            "ExternalDirectoryObjectId": "externalDirectoryObjectId",
            "RiskLevel": "riskLevel",
        },
        ("mailboxPrimaryAddress", "upn", "displayName"),
        (("MailboxPrimaryAddress",),),
    ),
    "MailCluster": EntityType(
        "mailCluster",
        {
            "NetworkMessageIds": "networkMessageIds",
            "CountByDeliveryStatus": "countByDeliveryStatus",
            "CountByThreatType": "countByThreatType",
            "CountByProtectionStatus": "countByProtectionStatus",
            "Threats": "threats",
            "Query": "query",
            "QueryTime": "queryTime",
            "MailCount": "mailCount",
            "IsVolumeAnomaly": "isVolumeAnomaly",
            "Source": "source",
            "ClusterSourceIdentifier": "clusterSourceIdentifier",
            "ClusterSourceType": "clusterSourceType",
            "ClusterQueryStartTime": "clusterQueryStartTime",
            "ClusterQueryEndTime": "clusterQueryEndTime",
            "ClusterGroup": "clusterGroup",
        },
        ("query",),
        (("Query", "Source"),),
        also=("mail-cluster",),
    ),
    "MailMessage": EntityType(
        "mailMessage",
        {
            "Recipient": "recipient",
            "Urls": "urls",
            "Threats": "threats",
            "Sender": "sender",
            "P1Sender": "p1Sender",
            "P1SenderDisplayName": "p1SenderDisplayName",
            "P1SenderDomain": "p1SenderDomain",
            "SenderIP": "senderIP",
            "P2Sender": "p2Sender",
            "P2SenderDisplayName": "p2SenderDisplayName",
            "P2SenderDomain": "p2SenderDomain",
            "ReceivedDate": "receiveDate",
            "ReceiveDate": "receiveDate",
            "NetworkMessageId": "networkMessageId",
            "InternetMessageId": "internetMessageId",
            "Subject": "subject",
            "BodyFingerprintBin1": "bodyFingerprintBin1",
            "BodyFingerprintBin2": "bodyFingerprintBin2",
            "BodyFingerprintBin3": "bodyFingerprintBin3",
            "BodyFingerprintBin4": "bodyFingerprintBin4",
            "BodyFingerprintBin5": "bodyFingerprintBin5",
            "AntispamDirection": "antispamDirection",
            "DeliveryAction": "deliveryAction",
            "DeliveryLocation": "deliveryLocation",
            "Language": "language",
            "ThreatDetectionMethods": "threatDetectionMethods",
        },
        ("subject", "networkMessageId", "recipient"),
        (("NetworkMessageId", "Recipient"),),
        also=("mail-message",),
        nested={"Files": "fileEntityIds"},
    ),
    "SubmissionMail": EntityType(
        "SubmissionMail",
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
        ("subject", "submissionId", "networkMessageId"),
        (("SubmissionId", "NetworkMessageId", "Recipient", "Submitter"),),
        also=("submission-mail",),
    ),
    "IoTDevice": EntityType(
        "iotdevice",
        {
            "DeviceId": "deviceId",
            "DeviceName": "deviceName",
            "Source": "source",
            "IoTSecurityAgentId": "iotSecurityAgentId",
            "DeviceType": "deviceType",
            "Manufacturer": "vendor",
            "EdgeId": "edgeId",
            "MacAddress": "macAddress",
            "Model": "model",
            "SerialNumber": "serialNumber",
            "FirmwareVersion": "firmwareVersion",
            "OperatingSystem": "operatingSystem",
            "Protocols": "protocols",
            "Owners": "owners",
            "Site": "site",
            "Zone": "zone",
            "Sensor": "sensor",
            "DeviceSubType": "deviceSubType",
            "Importance": "importance",
            "PurdueLayer": "purdueLayer",
            "IsAuthorized": "isAuthorized",
            "IsProgramming": "isProgramming",
            "IsScanner": "isScanner",
        },
        ("deviceName", "deviceId"),
        (("IoTHub", "DeviceId"),),
        nested={
            "IoTHub": "iotHubEntityId",
            "Host": "hostEntityId",
            "IpAddress": "ipAddressEntityId",
            "Nics": "nicEntityIds",
        },
        mappable=False,
    ),
    "Nic": EntityType(
        "nic",
        {"MacAddress": "macAddress", "Vlans": "vlans"},
        ("macAddress",),
        (("MacAddress",),),
        nested={"IpAddress": "ipAddressEntityId"},
        mappable=False,
    ),
}

MAPPABLE: tuple[str, ...] = tuple(name for name, known in ENTITY_TYPES.items() if known.mappable)

_KINDS = {text.lower(): kind for kind, known in ENTITY_TYPES.items() for text in (known.type, *known.also)}


def kind_of(type: str) -> str | None:
    """The kind whose `Type` in an alert's JSON this is, in any letter case."""
    return _KINDS.get(type.lower())
