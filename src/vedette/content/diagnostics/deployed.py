"""Definitions and initiatives at a scope of Azure or of a server: how they differ from those made; writes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.content.diagnostics.definition import Made
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.core.errors import InvalidInput

_PROVIDER: Final = "providers/Microsoft.Authorization"
_VERSION: Final = {"api-version": "2021-06-01"}
_TENANTS: Final = {"api-version": "2022-12-01"}
_GROUPS: Final = "/providers/Microsoft.Management/managementGroups"
_COMPARED: Final = ("displayName", "description", "mode", "metadata", "parameters", "policyRule", "policyDefinitions")
_SERVERS: Final = frozenset({"createdby", "createdon", "updatedby", "updatedon", "version"})
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Held:
    """What is at a scope in the place of what was made; `paths` are where they differ, None where there is nothing."""

    id: str
    made: Made
    paths: tuple[str, ...] | None

    @property
    def is_same(self) -> bool:
        """Whether nothing is to be written."""
        return self.paths == ()


def scope_of(client: ManagementClient, subscription: str, group: str, *, tenant: bool) -> str:
    """The id of the scope that is meant. A tenant's definitions are those of its root management group."""
    if sum(map(bool, (subscription, group, tenant))) != 1:
        raise InvalidInput("NoScope", "Say one of --subscription, --management-group and --tenant-root.")
    if subscription:
        return f"/subscriptions/{subscription}"
    return f"{_GROUPS}/{group or tenant_id(client)}"


def tenant_id(client: ManagementClient) -> str:
    """The tenant that one is signed in to. Raises InvalidInput (NoTenant) where there are several."""
    found = client.all("/tenants", _TENANTS)
    if len(found) != 1:
        raise InvalidInput("NoTenant", "One tenant must be signed in to. Say which one: --tenant.")
    return str(found[0]["tenantId"])


def definition_id(scope: str) -> Callable[[str], str]:
    """Gives the id of a definition at a scope by its name."""
    return lambda name: f"{scope}/{_PROVIDER}/policyDefinitions/{name}"


def compare(
    client: ManagementClient, scope: str, definitions: Sequence[Made], initiatives: Sequence[Made]
) -> list[Held]:
    """How each definition, and then each initiative, is at the scope. Raises Refused and Unavailable."""
    kinds = (("policyDefinitions", definitions), ("policySetDefinitions", initiatives))
    return [_held(client, f"{scope}/{_PROVIDER}/{kind}/{each.name}", each) for kind, made in kinds for each in made]


def write(client: ManagementClient, held: Sequence[Held], said: Callable[[Held], None]) -> int:
    """Write those that differ, in their order, so that an initiative finds its definitions; how many there were."""
    wanting = [each for each in held if not each.is_same]
    for each in wanting:
        body = {"properties": {"policyType": "Custom", **each.made.properties}}
        client.send("PUT", each.id, _VERSION, body)
        said(each)
    return len(wanting)


def differences(made: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths at which properties differ, those that the service adds left out; ids and types in any letter case."""
    paths: list[str] = []
    for name in _COMPARED:
        if name in made or name in there:
            _differ(made.get(name), there.get(name), name, paths)
    return tuple(paths)


def _held(client: ManagementClient, id: str, made: Made) -> Held:
    try:
        there = client.ask("GET", id, _VERSION)
    except Refused as refusal:
        if refusal.status == _NOT_FOUND:
            return Held(id, made, None)
        raise
    properties = there.get("properties")
    return Held(id, made, differences(made.properties, cast("dict[str, Any]", properties or {})))


def _differ(made: Any, there: Any, path: str, paths: list[str]) -> None:
    if isinstance(made, Mapping) and isinstance(there, Mapping):
        ours, theirs = cast("Mapping[str, Any]", made), cast("Mapping[str, Any]", there)
        for name in dict.fromkeys((*ours, *theirs)):
            added = path == "metadata" and name.lower() in _SERVERS
            added = added or (path.startswith("policyDefinitions[") and name in ("definitionVersion", "groupNames"))
            if not (added and name not in ours):
                _differ(ours.get(name), theirs.get(name), f"{path}.{name}", paths)
        return
    if isinstance(made, list) and isinstance(there, list):
        ours, theirs = cast("list[Any]", made), cast("list[Any]", there)
        if len(ours) == len(theirs):
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                _differ(one, other, f"{path}[{index}]", paths)
            return
    if _folded(made, path) != _folded(there, path):
        paths.append(path)


def _folded(value: Any, path: str) -> Any:
    return str(value).lower() if path.endswith("policyDefinitionId") else value
