"""What the management API and Microsoft Graph call the same severities, states, verdicts and products.

https://learn.microsoft.com/graph/api/resources/security-alert, …/alert, …/security-incident and
https://learn.microsoft.com/azure/sentinel/microsoft-365-defender-sentinel-integration
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SEVERITIES: Final[Mapping[str, str]] = {
    "High": "high",
    "Medium": "medium",
    "Low": "low",
    "Informational": "informational",
}
ALERT_STATES: Final[Mapping[str, str]] = {
    "New": "new",
    "InProgress": "inProgress",
    "Resolved": "resolved",
    "Dismissed": "resolved",
}
LEGACY_STATES: Final[Mapping[str, str]] = ALERT_STATES | {"New": "newAlert", "Dismissed": "dismissed"}
INCIDENT_STATES: Final[Mapping[str, str]] = {"New": "active", "Active": "inProgress", "Closed": "resolved"}
CLASSIFICATIONS: Final[Mapping[str, str]] = {
    "Undetermined": "unknown",
    "TruePositive": "truePositive",
    "FalsePositive": "falsePositive",
    "BenignPositive": "informationalExpectedActivity",
}
FEEDBACK: Final[Mapping[str, str]] = {
    "unknown": "unknown",
    "truePositive": "truePositive",
    "falsePositive": "falsePositive",
    "informationalExpectedActivity": "benignPositive",
}
"""The verdicts of the present API in the words of the one before it."""

DETERMINATIONS: Final = (
    "unknown",
    "apt",
    "malware",
    "securityPersonnel",
    "securityTesting",
    "unwantedSoftware",
    "other",
    "multiStagedAttack",
    "compromisedAccount",
    "phishing",
    "maliciousUserActivity",
    "notMalicious",
    "notEnoughDataToValidate",
    "confirmedActivity",
    "lineOfBusinessApplication",
)
OLD_DETERMINATIONS: Final[Mapping[str, str]] = {
    "compromisedUser": "compromisedAccount",
    "clean": "notMalicious",
    "insufficientData": "notEnoughDataToValidate",
    "confirmedUserActivity": "confirmedActivity",
}
"""Names that the documentation and older clients still have."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product that alerts come from: what the two APIs of Graph call it."""

    keyword: str
    service: str
    detection: str


SENTINEL: Final = Product("Azure Sentinel", "microsoftSentinel", "microsoftSentinel")
PRODUCTS: Final[Mapping[str, Product]] = {
    "Azure Sentinel": SENTINEL,
    "Microsoft Sentinel": SENTINEL,
    "Microsoft Cloud App Security": Product("MCAS", "microsoftDefenderForCloudApps", "cloudAppSecurity"),
    "Azure Security Center": Product("ASC", "microsoftDefenderForCloud", "microsoftDefenderForCloud"),
    "Azure Security Center for IoT": Product("ASC", "microsoftDefenderForCloud", "microsoftDefenderForIoT"),
    "Azure Advanced Threat Protection": Product(
        "Azure Advanced Threat Protection", "microsoftDefenderForIdentity", "microsoftDefenderForIdentity"
    ),
    "Azure Active Directory Identity Protection": Product(
        "IPC", "azureAdIdentityProtection", "azureAdIdentityProtection"
    ),
    "Office 365 Advanced Threat Protection": Product(
        "Office 365 Advanced Threat Protection", "microsoftDefenderForOffice365", "microsoftDefenderForOffice365"
    ),
    "Microsoft Defender Advanced Threat Protection": Product(
        "Microsoft Defender ATP", "microsoftDefenderForEndpoint", "microsoftDefenderForEndpoint"
    ),
    "Microsoft 365 Defender": Product("Microsoft 365 Defender", "microsoft365Defender", "microsoft365Defender"),
}
"""By the ProductName of SecurityAlert; the keywords are those that `$filter` is documented to take."""

DETECTIONS: Final[Mapping[str, str]] = {
    "Scheduled Alerts": "scheduledAlerts",
    "NRT Alerts": "nrtAlerts",
    "Fusion": "builtInMl",
    "Microsoft Threat Intelligence Analytics": "microsoftThreatIntelligence",
}
"""Sentinel's own ways of finding something, by the ProductComponentName of SecurityAlert."""


def product_of(name: str, *, by_rule: bool) -> Product:
    """The product of a name; of another name it is Sentinel if one of its rules made the alert, else unknown."""
    known = PRODUCTS.get(name)
    if known is not None:
        return known
    return Product(name, "microsoftSentinel", "unknown") if by_rule else Product(name, "unknown", "unknown")


def held_as(names: Mapping[str, str], graph: object) -> tuple[str, ...]:
    """What documents hold where Graph says so, in any letter case."""
    return tuple(arm for arm, name in names.items() if name.lower() == str(graph).lower())
