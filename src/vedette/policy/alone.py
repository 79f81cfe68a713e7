"""A policy held against resources that are written down, with no server: for tests, and to explain files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.expressions.values import property_of
from vedette.policy.assignment import Assignment, read_assignment
from vedette.policy.compliance import Wanted
from vedette.policy.definition import Definition, read_definition
from vedette.policy.initiative import read_initiative
from vedette.policy.scene import Facts
from vedette.policy.target import Target
from vedette.policy.use import Use, uses_of

Json = dict[str, Any]
SUBSCRIPTION: Final = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP: Final = f"{SUBSCRIPTION}/resourceGroups/group"
_PROVIDER: Final = "/providers/Microsoft.Authorization"
_SUBSCRIPTIONS: Final = "microsoft.resources/subscriptions"
_GROUPS: Final = ("microsoft.resources/resourcegroups", "microsoft.resources/subscriptions/resourcegroups")
_MOMENT: Final = datetime(2024, 1, 1, tzinfo=UTC)
_ENVELOPE: Final = frozenset({"id", "name", "type", "apiversion"})


def policy_properties(content: Any) -> Json:
    """The properties of a definition or an initiative in a file: as the API shows them, or alone. Raises InvalidInput
    (InvalidPolicyDefinition) for what is neither."""
    held = cast("Json", content) if isinstance(content, dict) else {}
    inside = property_of(held, "properties")[1]
    properties = cast("Json", inside) if isinstance(inside, dict) else held
    if not any(property_of(properties, name)[0] for name in ("policyRule", "policyDefinitions")):
        raise InvalidInput(
            "InvalidPolicyDefinition",
            "It is no policy: it has neither 'policyRule', as a definition has, nor 'policyDefinitions', as an "
            "initiative has.",
        )
    return properties


def is_policy(content: Any) -> bool:
    """Whether what a file holds is a definition or an initiative."""
    try:
        policy_properties(content)
    except InvalidInput:
        return False
    return True


def used(content: Any, parameters: Mapping[str, Any], *, definitions: Mapping[str, Any] | None = None) -> list[Use]:
    """What an assignment of a policy to the subscription uses. `parameters` are values by name; `definitions` are what
    an initiative's members name, by the last part of their ids.

    Raises InvalidInput (InvalidPolicyRule, InvalidPolicyParameters …).
    """
    properties = policy_properties(content)
    named = cast("Json", content).get("name")
    name = str(named) if isinstance(named, str) else "policy"
    is_set = property_of(properties, "policyDefinitions")[0]
    noun = "policySetDefinitions" if is_set else "policyDefinitions"
    id = f"{SUBSCRIPTION}{_PROVIDER}/{noun}/{name}"
    body: Json = {
        "properties": {
            "policyDefinitionId": id,
            "parameters": {name: {"value": value} for name, value in parameters.items()},
        }
    }
    assignment = read_assignment(f"{SUBSCRIPTION}{_PROVIDER}/policyAssignments/{name}", name, SUBSCRIPTION, body)
    facts = Facts(_MOMENT)
    return list(_uses(assignment, id, name, properties, definitions or {}, facts, is_set=is_set))


def _uses(
    assignment: Assignment,
    id: str,
    name: str,
    properties: Json,
    definitions: Mapping[str, Any],
    facts: Facts,
    *,
    is_set: bool,
) -> list[Use]:
    by_name = {each.lower(): content for each, content in definitions.items()}

    def find(definition_id: str) -> Definition | None:
        last = definition_id.rstrip("/").rpartition("/")[2]
        content = by_name.get(last.lower())
        return None if content is None else read_definition(definition_id, last, policy_properties(content))

    if is_set:
        return list(uses_of(assignment, None, read_initiative(id, name, properties), find, facts))
    return list(uses_of(assignment, read_definition(id, name, properties), None, find, facts))


@dataclass(frozen=True, slots=True)
class Estate:
    """Resources that are written down. `now` is the time, `tags` those of the subscription, `groups` resource groups by
    folded name, each `{name, location, tags}`."""

    resources: Sequence[Target]
    now: datetime
    tags: Json = field(default_factory=dict[str, Any])
    groups: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def facts(self, target: Target, request: Json | None = None) -> Facts:
        """What is around a resource."""
        name = group_of(target.id)
        group: Json | None = None
        if name:
            known = self.groups.get(name.lower(), {})
            group = {
                "id": f"{SUBSCRIPTION}/resourceGroups/{name}",
                "name": name,
                "type": "Microsoft.Resources/resourceGroups",
                "location": target.location or "eastus",
                "tags": {},
                **known,
            }
        subscription = {
            "id": SUBSCRIPTION,
            "subscriptionId": SUBSCRIPTION.rpartition("/")[2],
            "displayName": "Subscription",
            "tenantId": "00000000-0000-0000-0000-000000000002",
            "tags": self.tags,
        }
        action = f"{target.type}/write"
        return Facts(self.now, subscription, group, {}, {"apiVersion": "2024-01-01", **(request or {})}, action)

    def related(self, target: Target, wanted: Wanted) -> list[Target]:
        """`compliance.Related` among these: below the resource, else in its group, another one, or all of them."""
        found = [each for each in self.resources if each.folded_type == wanted.type.lower() and each.id != target.id]
        below = [each for each in found if each.id.lower().startswith(f"{target.id.lower()}/")]
        if not below and target.folded_type not in (_SUBSCRIPTIONS, *_GROUPS):
            group = (wanted.resource_group or group_of(target.id)).lower()
            beside = [each for each in found if "/providers/" not in each.id.partition("/providers/")[2]]
            below = [each for each in beside if wanted.in_subscription or group_of(each.id).lower() == group]
        elif wanted.resource_group and not wanted.in_subscription:
            below = [each for each in below if group_of(each.id).lower() == wanted.resource_group.lower()]
        return [each for each in below if each.is_named(wanted.name)]


def group_of(id: str) -> str:
    """The name of the resource group that an id lies in, or is; "" for none."""
    parts = id.split("/")
    return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""


def written_target(content: Any, number: int = 0) -> Target:
    """A resource that is written down: `{type, name?, id?, resourceGroup?, of?, location?, tags?, properties? …}`. `of`
    is the id of what an extension hangs on, or what follows `providers/` in it; a name may have those of its parents
    before it.

    Raises InvalidInput (InvalidResource).
    """
    if not isinstance(content, dict):
        raise InvalidInput("InvalidResource", "A resource is an object with a 'type'.")
    held = cast("Json", content)
    type = property_of(held, "type")[1]
    id = property_of(held, "id")[1]
    if not isinstance(type, str) or ("/" not in type):
        raise InvalidInput("InvalidResource", "A resource has a 'type', such as Microsoft.Storage/storageAccounts.")
    named = property_of(held, "name")[1]
    name = str(named) if named is not None else f"resource{number or ''}"
    body = {key: each for key, each in held.items() if key.lower() not in _ENVELOPE | {"resourcegroup", "of"}}
    if isinstance(id, str):
        full = _names_in(id, type) or name
        return Target(id.rstrip("/"), type, full.rpartition("/")[2], full, body)
    made, full = _id_of(type, name, str(property_of(held, "resourceGroup")[1] or ""), property_of(held, "of")[1])
    return Target(made, type, full.rpartition("/")[2], full, body)


def _id_of(type: str, name: str, group: str, of: Any) -> tuple[str, str]:
    folded = type.lower()
    if folded == _SUBSCRIPTIONS:
        return SUBSCRIPTION, SUBSCRIPTION.rpartition("/")[2]
    if folded in _GROUPS:
        return f"{SUBSCRIPTION}/resourceGroups/{name}", name
    namespace, *types = type.split("/")
    names = name.split("/")
    names = [*(f"parent{index}" for index in range(len(types) - len(names))), *names][-len(types) :]
    pairs = "/".join(part for pair in zip(types, names, strict=True) for part in pair)
    in_group = f"{SUBSCRIPTION}/resourceGroups/{group or 'group'}"
    above = in_group if not of else str(of) if str(of).startswith("/") else f"{in_group}/providers/{of}"
    return f"{above}/providers/{namespace}/{pairs}", "/".join(names)


def _names_in(id: str, type: str) -> str:
    """The names in an id, as many as its type has parts."""
    number = type.count("/")
    return "/".join(id.rstrip("/").split("/")[1:][-2 * number :][1::2])


def targets(contents: Sequence[Any]) -> list[Target]:
    """Several resources that are written down."""
    return [written_target(each, number) for number, each in enumerate(contents)]
