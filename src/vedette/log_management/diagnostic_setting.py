"""What a diagnostic setting sends to a workspace: which categories, by their names or groups, and into which tables.

https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

DIAGNOSTIC_SETTING: Final = "Microsoft.Insights/diagnosticSettings"
ALL_METRICS: Final = "AllMetrics"


@dataclass(frozen=True, slots=True)
class DiagnosticSetting:
    """A setting, as far as workspaces are concerned; all names are folded. `workspace` is an ARM id, "" for none."""

    workspace: str
    dedicated: bool
    logs: frozenset[str]
    groups: frozenset[str]
    metrics: frozenset[str]

    def wants(self, category: str, groups: Iterable[str]) -> bool:
        """Whether logs of a category, which is in these groups, are sent."""
        return category.lower() in self.logs or any(each.lower() in self.groups for each in groups)

    def wants_metrics(self) -> bool:
        """Whether metrics are sent."""
        return bool(self.metrics)


def read_setting(properties: Mapping[str, Any]) -> DiagnosticSetting:
    """A stored setting, which was validated."""
    return DiagnosticSetting(
        str(properties.get("workspaceId") or "").rstrip("/").lower(),
        properties.get("logAnalyticsDestinationType") == "Dedicated",
        _enabled(properties, "logs", "category"),
        _enabled(properties, "logs", "categoryGroup"),
        _enabled(properties, "metrics", "category") | _enabled(properties, "metrics", "timeGrain"),
    )


def _enabled(properties: Mapping[str, Any], array: str, name: str) -> frozenset[str]:
    entries = cast("list[dict[str, Any]]", properties.get(array) or [])
    return frozenset(str(each[name]).lower() for each in entries if each.get("enabled") is True and each.get(name))
