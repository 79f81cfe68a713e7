"""One ARM template with definitions and their initiative; and the definitions that are in such a template."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from vedette.content.diagnostics.definition import Json, Made
from vedette.content.diagnostics.initiative import make_initiative
from vedette.content.diagnostics.sinks import Sink
from vedette.core.errors import InvalidInput

API_VERSION: Final = "2021-06-01"
_DEFINITIONS: Final = "Microsoft.Authorization/policyDefinitions"
_SETS: Final = "Microsoft.Authorization/policySetDefinitions"
_SCHEMAS: Final = "https://schema.management.azure.com/schemas"
_OF_SUBSCRIPTION: Final = f"{_SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"
_OF_GROUP: Final = f"{_SCHEMAS}/2019-08-01/managementGroupDeploymentTemplate.json#"
LARGEST: Final = 4 * 1024 * 1024
"""Most bytes of a template that is deployed.
https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices"""


def policy_template(made: Sequence[Made], sink: Sink, title: str, *, of_group: bool) -> Json:
    """The template, for a deployment to a management group or to a subscription. Without definitions in it that need
    values of their own, it takes no parameters."""

    def id_of(name: str) -> str:
        if of_group:
            return f"[extensionResourceId(managementGroup().id, '{_DEFINITIONS}', '{name}')]"
        return f"[subscriptionResourceId('{_DEFINITIONS}', '{name}')]"

    initiative = make_initiative(made, sink, title, id_of)
    members = initiative.properties["policyDefinitions"]
    escaped = [
        {name: each[name] if name == "policyDefinitionId" else _escaped(each[name]) for name in each}
        for each in members
    ]
    properties = {
        name: escaped if name == "policyDefinitions" else _escaped(value)
        for name, value in initiative.properties.items()
    }
    resources: list[Json] = [_resource(_DEFINITIONS, each.name, _escaped(each.properties)) for each in made]
    resources.append(
        _resource(_SETS, initiative.name, {"policyType": "Custom", **properties})
        | {"dependsOn": [id_of(each.name) for each in made]}
    )
    return {
        "$schema": _OF_GROUP if of_group else _OF_SUBSCRIPTION,
        "contentVersion": "1.0.0.0",
        "resources": resources,
    }


def definitions_of(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The definitions in a template, by name. Raises InvalidInput (InvalidPolicyFile)."""
    resources = template.get("resources")
    for each in cast("list[Any]", resources) if isinstance(resources, list) else []:
        held = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        if str(held.get("type", "")).lower() != _DEFINITIONS.lower():
            continue
        properties = held.get("properties")
        name = str(held.get("name") or "")
        if not isinstance(properties, dict) or not name or name.startswith("["):
            raise InvalidInput("InvalidPolicyFile", "A definition in the template has no name or no properties.")
        read = _read(cast("dict[str, Any]", properties))
        read.pop("policyType", None)
        yield name, read


def _resource(type: str, name: str, properties: Any) -> Json:
    return {"type": type, "apiVersion": API_VERSION, "name": name, "properties": properties}


def _escaped(value: Any) -> Any:
    """A policy's expressions as texts of a template, which evaluates what begins with one bracket.

    https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions#escape-characters
    """
    if isinstance(value, str):
        return f"[{value}" if value.startswith("[") else value
    if isinstance(value, list):
        return [_escaped(each) for each in cast("list[Any]", value)]
    if isinstance(value, Mapping):
        return {name: _escaped(each) for name, each in cast("Mapping[str, Any]", value).items()}
    return value


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return value[1:] if value.startswith("[[") else value
    if isinstance(value, list):
        return [_read(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _read(each) for name, each in cast("dict[str, Any]", value).items()}
    return value
