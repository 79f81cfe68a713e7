"""An alert's entities as the states of the first alerts API: users, hosts, connections, files, processes and others.

https://learn.microsoft.com/graph/api/resources/alert
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vedette.graph_security.evidence import evidence_of
from vedette.state.documents import Document

COLLECTIONS: Final = (
    "cloudAppStates",
    "fileStates",
    "hostStates",
    "malwareStates",
    "messageSecurityStates",
    "networkConnections",
    "processes",
    "registryKeyStates",
    "securityResources",
    "uriClickSecurityStates",
    "userStates",
    "vulnerabilityStates",
)
_HASHES: Final = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha256ac": "authenticodeHash256"}
_HIVES: Final = {
    "HKEY_LOCAL_MACHINE": "unknown",
    "HKEY_CURRENT_CONFIG": "currentConfig",
    "HKEY_CURRENT_USER": "currentUser",
    "HKEY_USERS": "usersDefault",
}


def states_of(entities: Iterable[Document]) -> dict[str, list[dict[str, Any]]]:
    """Every collection of states, empty ones too; what the first API has no place for is left out."""
    states: dict[str, list[dict[str, Any]]] = {name: [] for name in COLLECTIONS}
    for entity in entities:
        evidence = evidence_of(entity, "")
        if evidence is not None:
            found = _state(str(entity.body["kind"]).lower(), evidence, entity.body.get("properties", {}))
            if found is not None:
                states[found[0]].append(found[1])
    return states


def _state(kind: str, evidence: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The collection that an entity belongs into, and what it is there."""
    match kind:
        case "account":
            return "userStates", _user(evidence["userAccount"])
        case "host":
            return "hostStates", {
                "fqdn": evidence["deviceDnsName"],
                "netBiosName": held.get("netBiosName") or evidence["hostName"],
                "os": evidence["osPlatform"],
                "privateIpAddress": None,
                "publicIpAddress": None,
                "riskScore": None,
            }
        case "ip":
            return "networkConnections", {"sourceAddress": evidence["ipAddress"], "destinationAddress": None}
        case "url":
            return "networkConnections", {"destinationUrl": evidence["url"]}
        case "dnsresolution":
            return "networkConnections", {"destinationDomain": evidence["domainName"]}
        case "file":
            details = evidence["fileDetails"]
            return "fileStates", {"name": details["fileName"], "path": details["filePath"], "fileHash": None}
        case "filehash":
            type = _HASHES.get(str(evidence["algorithm"]).lower().replace("-", ""), "unknown")
            return "fileStates", {"name": None, "fileHash": {"hashType": type, "hashValue": evidence["value"]}}
        case "process":
            return "processes", {
                "processId": evidence["processId"],
                "commandLine": evidence["processCommandLine"],
                "createdDateTime": evidence["processCreationDateTime"],
            }
        case _:
            return _other_state(kind, evidence)


def _other_state(kind: str, evidence: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    match kind:
        case "malware":
            return "malwareStates", {"name": evidence["name"], "category": evidence["category"]}
        case "registrykey":
            hive = _HIVES.get(str(evidence["registryHive"]).upper(), "unknown")
            return "registryKeyStates", {"hive": hive, "key": evidence["registryKey"]}
        case "registryvalue":
            return "registryKeyStates", {
                "valueName": evidence["registryValueName"],
                "valueData": evidence["registryValue"],
            }
        case "cloudapplication":
            return "cloudAppStates", {"destinationServiceName": evidence["displayName"], "destinationServiceIp": None}
        case "azureresource":
            return "securityResources", {"resource": evidence["resourceId"], "resourceType": "unknown"}
        case "mailmessage":
            return "messageSecurityStates", {
                "networkMessageId": evidence["networkMessageId"],
                "internetMessageId": evidence["internetMessageId"],
                "subject": evidence["subject"],
            }
        case _:
            return None


def _user(account: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "aadUserId": account["azureAdUserId"],
        "accountName": account["accountName"],
        "domainName": account["domainName"],
        "onPremisesSecurityIdentifier": account["userSid"],
        "userPrincipalName": account["userPrincipalName"],
        "riskScore": None,
    }
