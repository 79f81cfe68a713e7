"""The categories of logs and metrics that resources of a type can be asked for, as data.

https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Category:
    """A category: `type` is Logs or Metrics; `groups` are the names by which several can be asked for."""

    name: str
    type: str = "Logs"
    groups: tuple[str, ...] = ("allLogs",)


_ALL_METRICS: Final = Category("AllMetrics", "Metrics", ())
_AUDIT: Final = ("audit", "allLogs")

_ACTIVITY: Final = tuple(
    Category(name)
    for name in (
        "Administrative",
        "Security",
        "ServiceHealth",
        "Alert",
        "Recommendation",
        "Policy",
        "Autoscale",
        "ResourceHealth",
    )
)

_BY_TYPE: Final[Mapping[str, tuple[Category, ...]]] = {
    "microsoft.resources/subscriptions": _ACTIVITY,
    "microsoft.management/managementgroups": (Category("Administrative"), Category("Policy")),
    "microsoft.operationalinsights/workspaces": (
        Category("Audit", groups=_AUDIT),
        Category("SummaryLogs"),
        Category("Jobs"),
        _ALL_METRICS,
    ),
    "microsoft.insights/datacollectionrules": (Category("LogErrors"), Category("LogTroubleshooting"), _ALL_METRICS),
    "microsoft.securityinsights/settings": (
        Category("Automation"),
        Category("DataConnectors"),
        Category("Analytics"),
    ),
    "microsoft.logic/workflows": (Category("WorkflowRuntime"), _ALL_METRICS),
    "microsoft.keyvault/vaults": (
        Category("AuditEvent", groups=_AUDIT),
        Category("AzurePolicyEvaluationDetails"),
        _ALL_METRICS,
    ),
    "microsoft.storage/storageaccounts": (Category("Transaction", "Metrics", ()), Category("Capacity", "Metrics", ())),
    "microsoft.network/networksecuritygroups": (
        Category("NetworkSecurityGroupEvent"),
        Category("NetworkSecurityGroupRuleCounter"),
    ),
    "microsoft.network/azurefirewalls": (
        Category("AzureFirewallApplicationRule"),
        Category("AzureFirewallNetworkRule"),
        Category("AzureFirewallDnsProxy"),
        Category("AZFWNetworkRule"),
        Category("AZFWApplicationRule"),
        Category("AZFWNatRule"),
        Category("AZFWThreatIntel"),
        Category("AZFWIdpsSignature"),
        Category("AZFWDnsQuery"),
        _ALL_METRICS,
    ),
    "microsoft.compute/virtualmachines": (_ALL_METRICS,),
}


def categories_of(type: str) -> tuple[Category, ...]:
    """The categories of a resource type, in any letter case; none of one that is not known."""
    return _BY_TYPE.get(type.lower(), ())
