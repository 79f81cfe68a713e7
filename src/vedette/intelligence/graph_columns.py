"""What ThreatIntelligenceIndicator has of one of Microsoft Graph's tiIndicators that no pattern says.

https://learn.microsoft.com/graph/api/resources/tiindicator and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/threatintelligenceindicator
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from vedette.core.instants import instant_of

_TEXTS: Final = {
    "action": "Action",
    "additionalInformation": "AdditionalInformation",
    "description": "Description",
    "diamondModel": "DiamondModel",
    "emailEncoding": "EmailEncoding",
    "emailLanguage": "EmailLanguage",
    "emailRecipient": "EmailRecipient",
    "emailSenderAddress": "EmailSenderAddress",
    "emailSenderName": "EmailSenderName",
    "emailSourceDomain": "EmailSourceDomain",
    "emailSourceIpAddress": "EmailSourceIpAddress",
    "emailSubject": "EmailSubject",
    "emailXMailer": "EmailXMailer",
    "fileHashType": "FileHashType",
    "fileHashValue": "FileHashValue",
    "fileMutexName": "FileMutexName",
    "fileName": "FileName",
    "filePacker": "FilePacker",
    "filePath": "FilePath",
    "fileType": "FileType",
    "knownFalsePositives": "KnownFalsePositives",
    "networkCidrBlock": "NetworkCidrBlock",
    "networkDestinationCidrBlock": "NetworkDestinationCidrBlock",
    "networkSourceCidrBlock": "NetworkSourceCidrBlock",
    "threatType": "ThreatType",
    "tlpLevel": "TrafficLightProtocolLevel",
    "userAgent": "UserAgent",
}
_NUMBERS: Final = {
    "fileSize": "FileSize",
    "networkDestinationAsn": "NetworkDestinationAsn",
    "networkDestinationPort": "NetworkDestinationPort",
    "networkPort": "NetworkPort",
    "networkProtocol": "NetworkProtocol",
    "networkSourceAsn": "NetworkSourceAsn",
    "networkSourcePort": "NetworkSourcePort",
    "severity": "ThreatSeverity",
}
_ADDRESSES: Final = {
    "NetworkIP": ("networkIPv4", "networkIPv6"),
    "NetworkDestinationIP": ("networkDestinationIPv4", "networkDestinationIPv6"),
    "NetworkSourceIP": ("networkSourceIPv4", "networkSourceIPv6"),
}
_TIMES: Final = {"fileCompileDateTime": "FileCompileDateTime", "fileCreatedDateTime": "FileCreatedDateTime"}
_LISTS: Final = {"activityGroupNames": "ActivityGroupNames", "malwareFamilyNames": "MalwareNames"}
_PHASES: Final = ("Actions", "C2", "Delivery", "Exploitation", "Reconnaissance", "Weaponization")
_LARGEST: Final = 2**31 - 1


def graph_columns(indicator: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a checked tiIndicator fills."""
    row: dict[str, Any] = {
        column: indicator[name]
        for name, column in _TEXTS.items()
        if isinstance(indicator.get(name), str) and indicator[name]
    }
    for name, column in _NUMBERS.items():
        value = indicator.get(name)
        if isinstance(value, int) and abs(value) <= _LARGEST:
            row[column] = value
    for column, names in _ADDRESSES.items():
        address = next((indicator[name] for name in names if indicator.get(name)), None)
        if address is not None:
            row[column] = address
    for name, column in _TIMES.items():
        if indicator.get(name):
            row[column] = instant_of(indicator[name])
    for name, column in _LISTS.items():
        if indicator.get(name):
            row[column] = orjson.dumps(indicator[name]).decode()
    stages = {str(each).lower() for each in indicator.get("killChain") or ()}
    row |= {f"KillChain{phase}": True for phase in _PHASES if phase.lower() in stages}
    if isinstance(indicator.get("passiveOnly"), bool):
        row["PassiveOnly"] = indicator["passiveOnly"]
    return row
