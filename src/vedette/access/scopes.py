"""Where a role, a denial or a request is: ids of the management plane, and which of them lie below which.

A server has one management group, the root of its tenant, and that holds every subscription:
https://learn.microsoft.com/azure/governance/management-groups/overview
"""

from typing import Final

_MANAGEMENT_GROUPS: Final = "/providers/microsoft.management/managementgroups/"
_SUBSCRIPTIONS: Final = "/subscriptions/"


def root_group(tenant_id: str) -> str:
    """The id of the management group that holds every subscription."""
    return f"/providers/Microsoft.Management/managementGroups/{tenant_id}"


def folded(scope: str) -> str:
    """An id in the form that is compared: one slash before it, none after it, in lower case. The tenant is `/`."""
    return "/" + scope.strip("/").lower()


def covers(above: str, below: str) -> bool:
    """Whether the id `above` is `below` or above it, by whole segments."""
    return within(folded(above), folded(below))


def within(above: str, below: str) -> bool:
    """Whether `below` is at or below `above`; both are folded already."""
    if above == "/" or below == above or below.startswith(f"{above}/"):
        return True
    return below.startswith(_SUBSCRIPTIONS) and is_group(above)


def is_group(scope: str) -> bool:
    """Whether a folded id is that of a management group itself."""
    return scope.startswith(_MANAGEMENT_GROUPS) and "/" not in scope.removeprefix(_MANAGEMENT_GROUPS)
