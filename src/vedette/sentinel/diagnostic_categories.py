"""The categories of logs and metrics that resources of a type, and scopes, can be asked for.

https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vedette.log_management.activity import ADMINISTRATIVE, CATEGORIES
from vedette.log_management.resource_log_types import logs_of


@dataclass(frozen=True, slots=True)
class Category:
    """A category: `type` is Logs or Metrics; `groups` are the names by which several can be asked for."""

    name: str
    type: str = "Logs"
    groups: tuple[str, ...] = ("allLogs",)


_BESIDE: Final[Mapping[str, tuple[Category, ...]]] = {
    "microsoft.resources/subscriptions": tuple(Category(name) for name in CATEGORIES),
    "microsoft.management/managementgroups": (Category(ADMINISTRATIVE), Category("Policy")),
}
"""Of what is no resource: the categories of an activity log."""


def categories_of(type: str) -> tuple[Category, ...]:
    """The categories of a resource type, in any letter case; none of one that is not known."""
    beside = _BESIDE.get(type.lower())
    if beside is not None:
        return beside
    found = logs_of(type)
    if found is None:
        return ()
    logs = (Category(each.name, groups=each.groups) for each in found.logs)
    return (*logs, *(Category(name, "Metrics", ()) for name in found.metrics))
