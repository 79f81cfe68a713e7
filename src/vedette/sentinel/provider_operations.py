"""What a role may grant, provider by provider: the operations of the types that are served, and those of other planes.

https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata
"""

from collections.abc import Iterable
from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.providers import permissions

_TYPE: Final = "Microsoft.Authorization/providerOperations"
_OWN: Final = "Vedette"
_OF_OTHER_PLANES = (
    (f"{_OWN}/clock", "read", False),
    (f"{_OWN}/clock", "write", False),
    (f"{_OWN}/metrics", "read", False),
    (f"{_OWN}/status", "read", False),
    ("Microsoft.Authorization/vedetteAudit", "action", False),
    ("Microsoft.Authorization/vedetteBackups", "write", False),
    ("Microsoft.Insights/eventtypes/values", "read", False),
    ("Microsoft.Insights/logs", "read", False),
    ("Microsoft.Insights/Metrics", "Write", True),
    ("Microsoft.Insights/Telemetry", "Write", True),
    ("Microsoft.OperationalInsights/workspaces/query", "read", False),
    ("Microsoft.OperationalInsights/workspaces/tables/data", "read", True),
    ("Microsoft.OperationalInsights/workspaces/sharedKeys", "action", False),
)
"""Type, verb, and whether it is a data action, of what no resource type here stands for; `Vedette` is the server."""


def provider_operations(served: Iterable[Resource]) -> Resource:
    """The resource type that tells of these types."""
    by_namespace: dict[str, list[Resource]] = {_OWN: []}
    for resource in served:
        by_namespace.setdefault(resource.type.partition("/")[0], []).append(resource)
    names = {namespace.lower(): namespace for namespace in by_namespace}

    def get(_context: Context, call: Call) -> Answer:
        namespace = names.get(call.path.name.lower())
        if namespace is None:
            raise NotFound("ProviderNotFound", f"Provider '{call.path.name}' is not served.")
        return Answer(200, _told(namespace, by_namespace[namespace], with_types=_expanded(call)))

    def all_of(_context: Context, call: Call) -> Answer:
        with_types = _expanded(call)
        told = (_told(name, resources, with_types=with_types) for name, resources in sorted(by_namespace.items()))
        return Answer(200, {"value": [*told]})

    return Resource(
        _TYPE,
        key="resourceProviderNamespace",
        methods=frozenset({"GET", "LIST"}),
        read_by_all=True,
        handlers={"GET": get, "LIST": all_of},
    )


def _expanded(call: Call) -> bool:
    """Whether the types are asked for, as they are by default."""
    expand = call.query.get("$expand", "resourceTypes").lower()
    if expand not in ("", "resourcetypes"):
        raise InvalidInput("InvalidExpand", f"'$expand' is '{expand[:40]}'; here it is 'resourceTypes'.")
    return expand == "resourcetypes"


def _told(namespace: str, resources: list[Resource], *, with_types: bool) -> dict[str, Any]:
    types: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        types[resource.type.partition("/")[2]] = [
            _operation(each["name"], each["display"]["operation"]) for each in permissions(namespace, [resource])
        ]
    for type, verb, data in _OF_OTHER_PLANES:
        if type.startswith(f"{namespace}/"):
            noun = type.partition("/")[2]
            types.setdefault(noun, []).append(_operation(f"{type}/{verb}", f"{verb.capitalize()} {noun}", data=data))
    return {
        "id": f"/providers/{_TYPE}/{namespace}",
        "name": namespace,
        "type": _TYPE,
        "displayName": namespace,
        "resourceTypes": [
            {"name": name, "displayName": name, "operations": operations} for name, operations in sorted(types.items())
        ]
        if with_types
        else [],
        "operations": [],
    }


def _operation(name: str, display: str, *, data: bool = False) -> dict[str, Any]:
    return {"name": name, "displayName": display, "description": display, "origin": "user,system", "isDataAction": data}
