"""Everything that can be done with the resource types that are served, as requests, with the permission each takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from vedette.arm.resource import Resource
from vedette.sentinel.resources import RESOURCE_TYPES

NAME = "99999999-0000-0000-0000-000000000000"
"""A name that nothing has: what is allowed ends with 404, so that nothing here changes anything."""
SUBSCRIPTION = "{subscription}"
"""What stands in the paths for the one subscription."""


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

    def at(self, subscription: str) -> str:
        """The path in a subscription of this GUID."""
        return self.path.replace(SUBSCRIPTION, subscription)

    @property
    def is_free(self) -> bool:
        """Whether it is answered without any permission."""
        if self.name == "LIST" and self.resource.visible is not None:
            return True
        return self.name in ("GET", "LIST", "ASK") and self.resource.read_by_all


def collection_of(type: str) -> str:
    namespace, *types = type.split("/")
    if namespace == "Microsoft.Resources" and types[0] in ("subscriptions", "tenants", "providers"):
        first = SUBSCRIPTION if types[0] == "subscriptions" else NAME
        named = [types[0], first, *(part for each in types[1:] for part in (each, NAME))]
        return "/" + "/".join(named[:-1])
    named = [part for each in types for part in (each, "x")]
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{NAME}/providers/{namespace}/" + "/".join(named[:-1])


def _name(resource: Resource) -> str:
    return SUBSCRIPTION if resource.type == "Microsoft.Resources/subscriptions" else NAME


def operations() -> Iterator[Operation]:
    for resource in RESOURCE_TYPES.all():
        collection = collection_of(resource.type)
        for method in sorted(resource.methods):
            path = collection if method in WIRE else f"{collection}/{_name(resource)}"
            verb = "delete" if method == "DELETE" else VERBS[method]
            yield Operation(resource, method, WIRE.get(method, method), path, f"{resource.type}/{verb}")
        for action in (*resource.actions, *resource.early_actions):
            permission = f"{resource.type}/{'read' if action in READING.get(resource.type, ()) else f'{action}/action'}"
            yield Operation(resource, action, "POST", f"{collection}/{_name(resource)}/{action}", permission)
        for action in resource.collection_actions:
            permission = f"{resource.type}/{action}/action"
            yield Operation(resource, action, "POST", f"{collection}/{action}", permission)


READING = {
    "Microsoft.PolicyInsights/remediations": {"listDeployments"},
    "Microsoft.PolicyInsights/policyStates": {"queryResults", "summarize"},
    "Microsoft.PolicyInsights/policyEvents": {"queryResults"},
    "Microsoft.SecurityInsights/incidents": {
        "alerts",
        "bookmarks",
        "entities",
        "similarIncidents",
        "timeline",
        "graph",
    },
    "Microsoft.SecurityInsights/entities": {"expand"},
    "Microsoft.SecurityInsights/threatIntelligence": {"query", "count"},
}
"""Lists that are asked for by POST, which no published permission is named after: who may read may have them."""

UNREACHABLE = {"Microsoft.Resources/providers register", "Microsoft.Resources/providers unregister"}
"""Actions that no path leads to: providers are registered in a subscription."""
OPERATIONS = [each for each in operations() if each.id not in UNREACHABLE]
