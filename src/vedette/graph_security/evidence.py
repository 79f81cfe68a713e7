"""An alert's entities as the evidence of `alerts_v2`, each of its own type.

https://learn.microsoft.com/graph/api/resources/security-alertevidence
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vedette.state.documents import Document

Properties = Mapping[str, Any]
_Shape = Callable[[Properties], dict[str, Any]]


def evidence_of(entity: Document, created: str) -> dict[str, Any] | None:
    """The evidence that an entity is; None for a kind that Graph has no type for. `created` is the alert's time."""
    known = _SHAPES.get(str(entity.body.get("kind", "")).lower())
    if known is None:
        return None
    type, shape = known
    return {
        "@odata.type": f"#microsoft.graph.security.{type}",
        "createdDateTime": created,
        "verdict": "unknown",
        "remediationStatus": "none",
        "remediationStatusDetails": None,
        "roles": [],
        "detailedRoles": [],
        "tags": [],
        **shape(entity.body.get("properties", {})),
    }


def _user_account(of: Properties) -> dict[str, Any]:
    name, suffix = of.get("accountName"), of.get("upnSuffix")
    return {
        "accountName": name,
        "domainName": of.get("ntDomain") or of.get("dnsDomain"),
        "userSid": of.get("sid"),
        "azureAdUserId": of.get("aadUserId"),
        "userPrincipalName": f"{name}@{suffix}" if name and suffix else None,
        "displayName": of.get("displayName"),
        "activeDirectoryObjectGuid": of.get("objectGuid"),
    }


def _user(of: Properties) -> dict[str, Any]:
    return {"userAccount": _user_account(of), "stream": None}


def _device(of: Properties) -> dict[str, Any]:
    name, domain = of.get("hostName") or of.get("netBiosName"), of.get("dnsDomain")
    resource = of.get("azureID")
    return {
        "azureAdDeviceId": None,
        "mdeDeviceId": None,
        "deviceDnsName": f"{name}.{domain}" if name and domain else name,
        "hostName": name,
        "dnsDomain": domain,
        "ntDomain": of.get("ntDomain"),
        "osPlatform": of.get("osFamily"),
        "version": of.get("osVersion"),
        "vmMetadata": {"resourceId": resource, "cloudProvider": "azure"} if resource else None,
        "ipInterfaces": [],
        "loggedOnUsers": [],
    }


def _file_details(of: Properties) -> dict[str, Any]:
    return {"fileName": of.get("fileName"), "filePath": of.get("directory")}


def _file(of: Properties) -> dict[str, Any]:
    return {"detectionStatus": "detected", "mdeDeviceId": None, "fileDetails": _file_details(of)}


def _process(of: Properties) -> dict[str, Any]:
    return {
        "processId": _number(of.get("processId")),
        "processCommandLine": of.get("commandLine"),
        "processCreationDateTime": of.get("creationTimeUtc"),
        "detectionStatus": "detected",
        "imageFile": None,
        "mdeDeviceId": None,
        "userAccount": None,
    }


def _number(value: object) -> int | None:
    """A number that was written as text, hexadecimal too; None for anything else."""
    try:
        number = int(str(value)[:40], 0)
    except ValueError:
        return None
    return number if 0 <= number < 2**63 else None


def _application(of: Properties) -> dict[str, Any]:
    return {
        "appId": _number(of.get("appId")),
        "displayName": of.get("appName"),
        "instanceId": None,
        "instanceName": of.get("instanceName"),
    }


def _resource(of: Properties) -> dict[str, Any]:
    id = str(of.get("resourceId") or "")
    _, _, rest = id.rpartition("/providers/")
    parts = rest.split("/")
    return {
        "resourceId": id,
        "resourceName": id.rpartition("/")[2],
        "resourceType": "/".join([parts[0], *parts[1::2]]) if len(parts) > 2 else None,
    }


def _dns(of: Properties) -> dict[str, Any]:
    return {"domainName": of.get("domainName"), "dnsServerIp": None, "hostIpAddress": None, "ipAddresses": []}


def _mail_cluster(of: Properties) -> dict[str, Any]:
    ids = of.get("networkMessageIds") or []
    return {
        "clusterBy": of.get("clusterSourceType"),
        "clusterByValue": of.get("clusterSourceIdentifier"),
        "emailCount": _number(of.get("mailCount")),
        "networkMessageIds": ids if isinstance(ids, list) else [ids],
        "query": of.get("query"),
        "urn": None,
    }


def _mail(of: Properties) -> dict[str, Any]:
    return {
        "networkMessageId": of.get("networkMessageId"),
        "internetMessageId": of.get("internetMessageId"),
        "subject": of.get("subject"),
        "senderIp": of.get("senderIP"),
        "recipientEmailAddress": of.get("recipient"),
        "receivedDateTime": of.get("receiveDate"),
        "p1Sender": _sender(of, "p1Sender"),
        "p2Sender": _sender(of, "p2Sender"),
        "threats": of.get("threats") or [],
        "threatDetectionMethods": of.get("threatDetectionMethods") or [],
        "urls": of.get("urls") or [],
        "antiSpamDirection": of.get("antispamDirection"),
        "deliveryAction": of.get("deliveryAction"),
        "deliveryLocation": of.get("deliveryLocation"),
        "language": of.get("language"),
    }


def _sender(of: Properties, name: str) -> dict[str, Any] | None:
    address = of.get(name)
    domain = of.get(f"{name}Domain") or str(address).partition("@")[2]
    told = {"emailAddress": address, "displayName": of.get(f"{name}DisplayName"), "domainName": domain}
    return told if address else None


def _named(names: Mapping[str, str], **more: Any) -> _Shape:
    """A shape that only has other names: Graph's, each with the property that it is."""
    return lambda of: {graph: of.get(arm) for graph, arm in names.items()} | more


_SHAPES: Final[Mapping[str, tuple[str, _Shape]]] = {
    "account": ("userEvidence", _user),
    "host": ("deviceEvidence", _device),
    "ip": ("ipEvidence", _named({"ipAddress": "address"}, countryLetterCode=None)),
    "url": ("urlEvidence", _named({"url": "url"})),
    "file": ("fileEvidence", _file),
    "filehash": ("fileHashEvidence", _named({"algorithm": "algorithm", "value": "hashValue"})),
    "process": ("processEvidence", _process),
    "malware": ("malwareEvidence", _named({"name": "malwareName", "category": "category"}, files=[], processes=[])),
    "registrykey": ("registryKeyEvidence", _named({"registryHive": "hive", "registryKey": "key"})),
    "registryvalue": (
        "registryValueEvidence",
        _named({"registryValueName": "valueName", "registryValue": "valueData", "registryValueType": "valueType"}),
    ),
    "cloudapplication": ("cloudApplicationEvidence", _application),
    "dnsresolution": ("dnsEvidence", _dns),
    "azureresource": ("azureResourceEvidence", _resource),
    "securitygroup": (
        "securityGroupEvidence",
        _named(
            {
                "distinguishedName": "distinguishedName",
                "sid": "sid",
                "activeDirectoryObjectGuid": "objectGuid",
                "displayName": "friendlyName",
            }
        ),
    ),
    "mailbox": (
        "mailboxEvidence",
        _named({"primaryAddress": "mailboxPrimaryAddress", "displayName": "displayName", "upn": "upn"}),
    ),
    "iotdevice": (
        "ioTDeviceEvidence",
        _named(
            {
                "deviceId": "deviceId",
                "deviceName": "deviceName",
                "deviceType": "deviceType",
                "deviceSubType": "deviceSubType",
                "manufacturer": "vendor",
                "model": "model",
                "macAddress": "macAddress",
                "operatingSystem": "operatingSystem",
                "serialNumber": "serialNumber",
                "ioTSecurityAgentId": "iotSecurityAgentId",
                "site": "site",
                "zone": "zone",
                "sensor": "sensor",
                "source": "source",
            }
        ),
    ),
    "nic": ("nicEvidence", _named({"macAddress": "macAddress"}, ipAddress=None, vlans=[])),
    "mailcluster": ("mailClusterEvidence", _mail_cluster),
    "mailmessage": ("analyzedMessageEvidence", _mail),
    "submissionmail": (
        "submissionMailEvidence",
        _named(
            {
                "networkMessageId": "networkMessageId",
                "recipient": "recipient",
                "reportType": "reportType",
                "sender": "sender",
                "senderIp": "senderIp",
                "subject": "subject",
                "submissionDateTime": "submissionDate",
                "submissionId": "submissionId",
                "submitter": "submitter",
            }
        ),
    ),
}
"""The type of evidence and its shape, by the folded kind of the entity."""
