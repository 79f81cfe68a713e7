"""An initiative: definitions that are assigned together, each with values for its parameters.

https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure
"""

from dataclasses import dataclass
from typing import Any, cast

from vedette.policy.errors import invalid_definition
from vedette.policy.limits import MOST_IN_SET, MOST_PARAMETERS_OF_SET
from vedette.policy.parameters import Parameter, read_parameters
from vedette.policy.values import Json, Value, read_value


@dataclass(frozen=True, slots=True)
class Member:
    """A definition in an initiative; `values` are those of its parameters, which may ask for the initiative's own."""

    definition_id: str
    reference_id: str
    version: str
    groups: tuple[str, ...]
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative."""

    id: str
    name: str
    display_name: str
    category: str
    version: str
    parameters: dict[str, Parameter]
    members: tuple[Member, ...]


def read_initiative(id: str, name: str, properties: Any) -> Initiative:
    """The initiative of these properties. Raises InvalidInput (InvalidPolicyDefinition …)."""
    if not isinstance(properties, dict):
        raise invalid_definition("'properties' is an object")
    held = {key.lower(): each for key, each in cast("Json", properties).items()}
    sent: Any = held.get("policydefinitions")
    if not isinstance(sent, list) or not sent:
        raise invalid_definition("an initiative has 'policyDefinitions'")
    listed = cast("list[Any]", sent)
    if len(listed) > MOST_IN_SET:
        raise invalid_definition(f"an initiative has at most {MOST_IN_SET} definitions")
    members = tuple(_member(index, each) for index, each in enumerate(listed))
    seen: set[str] = set()
    for each in members:
        if each.reference_id.lower() in seen:
            raise invalid_definition(f"the 'policyDefinitionReferenceId' '{each.reference_id[:100]}' is there twice")
        seen.add(each.reference_id.lower())
    metadata = cast("Json", held["metadata"]) if isinstance(held.get("metadata"), dict) else {}
    return Initiative(
        id,
        name,
        str(held.get("displayname") or ""),
        str(metadata.get("category") or ""),
        str(held.get("version") or metadata.get("version") or ""),
        read_parameters(held.get("parameters"), MOST_PARAMETERS_OF_SET),
        members,
    )


def _member(index: int, value: Any) -> Member:
    if not isinstance(value, dict):
        raise invalid_definition(f"'policyDefinitions[{index}]' is an object")
    held = {key.lower(): each for key, each in cast("Json", value).items()}
    id = held.get("policydefinitionid")
    if not isinstance(id, str) or not id.startswith("/"):
        raise invalid_definition(f"'policyDefinitions[{index}].policyDefinitionId' is the id of a definition")
    groups: Any = held.get("groupnames") or []
    given: Any = held.get("parameters") or {}
    if not isinstance(given, dict) or not isinstance(groups, list):
        raise invalid_definition(
            f"'policyDefinitions[{index}]' has 'parameters', an object, and 'groupNames', an array"
        )
    values: dict[str, Value] = {}
    for name, each in cast("Json", given).items():
        if not isinstance(each, dict) or "value" not in each:
            raise invalid_definition(f"the parameter '{name[:100]}' of 'policyDefinitions[{index}]' has no 'value'")
        values[name.lower()] = read_value(cast("Json", each)["value"])
    reference = str(held.get("policydefinitionreferenceid") or "") or str(index)
    version = str(held.get("definitionversion") or "")
    return Member(id, reference, version, tuple(map(str, cast("list[Any]", groups))), values)
