"""The types of a tenant's resources with what can be asked for of them, by its own API.

https://learn.microsoft.com/rest/api/monitor/diagnostic-settings-category/list
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.log_management.resource_log_types import ALL_LOGS, LogCategory, ResourceLogs, known_types

_RESOURCES: Final = {"api-version": "2021-04-01"}
_CATEGORIES: Final = {"api-version": "2021-05-01-preview"}
_SUBSCRIPTIONS: Final = {"api-version": "2022-12-01"}
_DESCENDANTS: Final = {"api-version": "2020-05-01"}
_TRIES: Final = 3
"""Resources of a type that are asked at most: one that is being deleted says nothing."""

_INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "microsoft.storage/storageaccounts": ("blobServices", "fileServices", "queueServices", "tableServices")
}
"""Children that no list of resources shows, each named `default`."""

_NOT_CAPABLE: Final = frozenset({400, 404, 409, 422})


def subscriptions_below(client: ManagementClient, subscription: str, group: str) -> list[str]:
    """The subscriptions that are looked through: one, those below a management group, or all that can be seen."""
    if subscription:
        return [subscription]
    if group:
        place = f"/providers/Microsoft.Management/managementGroups/{group}/descendants"
        found = client.all(place, _DESCENDANTS)
        return [str(each["name"]) for each in found if str(each.get("type", "")).lower().endswith("/subscriptions")]
    return [str(each["subscriptionId"]) for each in client.all("/subscriptions", _SUBSCRIPTIONS)]


def tenant_types(
    client: ManagementClient, subscriptions: Iterable[str], wanted: Callable[[Mapping[str, Any]], bool]
) -> list[ResourceLogs]:
    """What the resources of these subscriptions can be asked for, of each type and kind where kinds differ. `wanted`
    says which resources are looked at. Tables, which the API does not tell, are those of this release.

    Raises Refused and Unavailable.
    """
    resources: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for subscription in subscriptions:
        for each in client.all(f"/subscriptions/{subscription}/resources", _RESOURCES):
            if wanted(each):
                for found in (each, *_children(each)):
                    key = (str(found["type"]).lower(), str(found.get("kind") or ""))
                    resources.setdefault(key, []).append(found)
    found = [_type(client, each) for each in resources.values()]
    return list(_without_kinds([each for each in found if each is not None]))


def refreshed(found: Sequence[ResourceLogs], before: Mapping[tuple[str, str], ResourceLogs]) -> list[ResourceLogs]:
    """The types of before, those that were found in their place."""
    types = {each.type.lower() for each in found}
    return [*(each for each in before.values() if each.type.lower() not in types), *found]


def _children(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    type = str(resource["type"])
    for each in _INSIDE.get(type.lower(), ()):
        yield {"id": f"{resource['id']}/{each}/default", "type": f"{type}/{each}"}


def _type(client: ManagementClient, resources: Sequence[Mapping[str, Any]]) -> ResourceLogs | None:
    for resource in resources[:_TRIES]:
        place = f"{resource['id']}/providers/Microsoft.Insights/diagnosticSettingsCategories"
        try:
            categories = client.all(place, _CATEGORIES)
        except Refused as refusal:
            if refusal.status not in _NOT_CAPABLE:
                raise
            continue
        if categories:
            return _made(resource, categories)
    return None


def _made(resource: Mapping[str, Any], categories: Sequence[Mapping[str, Any]]) -> ResourceLogs:
    type = str(resource["type"])
    known = known_types().get((type.lower(), ""))
    tables = {each.name.lower(): each.table for each in known.logs} if known else {}
    logs: list[LogCategory] = []
    metrics: list[str] = []
    for each in sorted(categories, key=lambda each: str(each["name"]).lower()):
        name, properties = str(each["name"]), cast("Mapping[str, Any]", each.get("properties") or {})
        if str(properties.get("categoryType", "")).lower() == "metrics":
            metrics.append(name)
        else:
            groups = tuple(properties.get("categoryGroups") or (ALL_LOGS,))
            logs.append(LogCategory(name, groups, tables.get(name.lower(), "")))
    return ResourceLogs(
        known.type if known else type,
        tuple(logs),
        tuple(metrics),
        str(resource.get("kind") or ""),
        azure_diagnostics=known.azure_diagnostics if known else True,
        located=bool(resource.get("location")),
    )


def _without_kinds(types: Sequence[ResourceLogs]) -> Iterator[ResourceLogs]:
    """The types, without kinds where all kinds of one have the same logs and metrics."""
    by_type: dict[str, list[ResourceLogs]] = {}
    for each in types:
        by_type.setdefault(each.type.lower(), []).append(each)
    for kinds in by_type.values():
        first = kinds[0]
        if all((each.logs, each.metrics) == (first.logs, first.metrics) for each in kinds):
            yield ResourceLogs(
                first.type, first.logs, first.metrics, "", first.azure_diagnostics, any(each.located for each in kinds)
            )
        else:
            yield from kinds
