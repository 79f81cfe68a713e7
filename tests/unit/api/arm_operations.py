"""Everything that can be done with the resource types that are served, as requests, with the permission each takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from vedette.arm.resource import Resource
from vedette.sentinel.resources import RESOURCE_TYPES

NAME = "99999999-0000-0000-0000-000000000000"
NOWHERE = f"/subscriptions/{NAME}"
"""A subscription that is not there: what is allowed ends with 404, so that nothing here changes anything."""


VERBS = {"GET": "read", "LIST": "read", "ASK": "read", "PUT": "write", "PATCH": "write", "CREATE": "write"}
WIRE = {"LIST": "GET", "ASK": "POST", "CREATE": "PUT"}


@dataclass(frozen=True)
class Operation:
    """One thing that can be done with a resource type, and the permission that it takes by Azure's rule for names."""

    resource: Resource
    name: str
    method: str
    path: str
    permission: str

    @property
    def id(self) -> str:
        return f"{self.resource.type} {self.name}"

    @property
    def is_free(self) -> bool:
        """Whether it is answered without any permission."""
        if self.name == "LIST" and self.resource.visible is not None:
            return True
        return self.name in ("GET", "LIST") and self.resource.read_by_all


def collection_of(type: str) -> str:
    namespace, *types = type.split("/")
    if namespace == "Microsoft.Resources" and types[0] in ("subscriptions", "tenants", "providers"):
        named = [part for each in types for part in (each, NAME)]
        return "/" + "/".join(named[:-1])
    named = [part for each in types for part in (each, "x")]
    return f"{NOWHERE}/resourceGroups/g/providers/{namespace}/" + "/".join(named[:-1])


def operations() -> Iterator[Operation]:
    for resource in RESOURCE_TYPES.all():
        collection = collection_of(resource.type)
        for method in sorted(resource.methods):
            path = collection if method in WIRE else f"{collection}/{NAME}"
            verb = "delete" if method == "DELETE" else VERBS[method]
            yield Operation(resource, method, WIRE.get(method, method), path, f"{resource.type}/{verb}")
        for action in resource.actions:
            permission = f"{resource.type}/{'read' if action in READING.get(resource.type, ()) else f'{action}/action'}"
            yield Operation(resource, action, "POST", f"{collection}/{NAME}/{action}", permission)
        for action in resource.collection_actions:
            permission = f"{resource.type}/{action}/action"
            yield Operation(resource, action, "POST", f"{collection}/{action}", permission)


READING = {"Microsoft.SecurityInsights/incidents": {"alerts", "bookmarks", "entities"}}
"""Lists that are asked for by POST, which no published permission is named after: who may read may have them."""

UNREACHABLE = {"Microsoft.Resources/providers register", "Microsoft.Resources/providers unregister"}
"""Actions that no path leads to: providers are registered in a subscription."""
OPERATIONS = [each for each in operations() if each.id not in UNREACHABLE]
