"""The ids of resources from their types and names, at every scope.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource#resourceid
"""

from collections.abc import Sequence

DEPLOYMENTS = "Microsoft.Resources/deployments"
_MANAGEMENT_GROUPS = "Microsoft.Management/managementGroups"
_OF_TENANT = frozenset({"microsoft.management/managementgroups", "microsoft.subscription/aliases"})


def segments(path: str) -> list[str]:
    """What stands between slashes; doubled and trailing slashes count for nothing."""
    return [each for each in path.split("/") if each]


def extended(scope: str, type: str, names: Sequence[str]) -> str:
    """The id of a resource of a type below a scope, whose id is given ("" for the tenant).

    The type has one segment more than there are names. Resource groups and subscriptions have no provider in an id.
    """
    namespace, *types = segments(type)
    folded = type.lower()
    if folded.startswith("microsoft.resources/") and not scope.count("/providers/"):
        if len(types) == 1 and types[0].lower() == "resourcegroups":
            return f"{'/'.join(scope.split('/')[:3])}/resourceGroups/{names[0]}"
        if types[0].lower() == "subscriptions":
            pairs = zip(types, names, strict=True)
            return "".join(f"/{each}/{name}" for each, name in pairs)
    pairs = zip(types, names, strict=True)
    return f"{scope}/providers/{namespace}" + "".join(f"/{each}/{name}" for each, name in pairs)


def scope_of(text: str, deployed_to: str) -> str:
    """The id of the scope that a resource's property `scope` means, from that of the deployment.

    It is an id, a slash for the tenant, or type and names in turn, as in
    `Microsoft.OperationalInsights/workspaces/mine`, which lies below what is deployed to. Raises ValueError.
    """
    if text.startswith("/"):
        return "/" + "/".join(segments(text)) if segments(text) else ""
    parts = segments(text)
    if not parts or len(parts) % 2 == 0:
        raise ValueError(text)
    below = "" if f"{parts[0]}/{parts[1]}".lower() == _MANAGEMENT_GROUPS.lower() else deployed_to
    return f"{below}/providers/{'/'.join(parts)}"


def home_of(type: str, deployed_to: str) -> str:
    """The scope of a resource that names none."""
    return "" if type.lower() in _OF_TENANT else deployed_to


def type_of(id: str) -> str:
    """The full type of what an id names, such as `Microsoft.SecurityInsights/alertRules`."""
    parts = segments(id)
    places = [at for at in range(0, len(parts) - 2, 2) if parts[at].lower() == "providers"]
    if not places:
        return "Microsoft.Resources/" + "/".join(parts[::2])
    last = places[-1]
    return "/".join((parts[last + 1], *parts[last + 2 :: 2]))


def management_group(name: str) -> str:
    """The id of a management group."""
    return f"/providers/{_MANAGEMENT_GROUPS}/{name}"
