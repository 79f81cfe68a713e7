"""ARM templates with content in them, the portal's exports among them: evaluated for a workspace, without deploying.

https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from vedette.arm.templates.evaluate import Evaluated, evaluate_template
from vedette.arm.templates.facts import Facts
from vedette.arm.templates.resource import TemplateResource
from vedette.arm.templates.syntax import escaped, is_expression
from vedette.content.document import open_document
from vedette.content.forms import resource
from vedette.content.forms.place import Place
from vedette.content.item import Item
from vedette.content.kind_of_type import full_type, kind_of_type
from vedette.content.kinds import Scope
from vedette.content.plain_values import list_of, mapping_of
from vedette.content.problem import Pointer, Problem, Unreadable, WrongContent
from vedette.content.server_made import own_body
from vedette.content.target import Target
from vedette.core.errors import VedetteError
from vedette.core.ids import derived_id
from vedette.expressions.errors import ExpressionError

FORM = "template"
_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_DEEPEST = 5
_WORKSPACE = frozenset({"workspace", "workspacename", "loganalyticsworkspacename", "sentinelworkspacename"})
_LOCATION = frozenset({"location", "workspace-location", "workspacelocation", "workspaceregion"})
_NOW = datetime(2000, 1, 1, tzinfo=UTC)


def is_template(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a template."""
    return isinstance(value.get("resources"), list | Mapping) and "properties" not in value


def read(place: Place, value: Mapping[str, Any]) -> Iterator[Item | Problem]:
    """The content that a deployment of the template would make, and what else is in it."""
    yield from _read(place, value, _given(place, value), dict(_places(place.at, value)), 0)


def _read(
    place: Place, value: Any, parameters: Mapping[str, Any], places: Mapping[int, Pointer], depth: int
) -> Iterator[Item | Problem]:
    try:
        found = evaluate_template(value, parameters, _facts(place))
        yield from _resources(place, found, places, depth)
    except (VedetteError, ExpressionError) as error:
        told = f"the template cannot be evaluated: {error.message}"
        if "is not provided" in error.message:
            told += f" Its values can be in {place.document.path.stem}.parameters.json beside it."
        yield place.document.problem(place.at, told)


def _resources(place: Place, found: Evaluated, places: Mapping[int, Pointer], depth: int) -> Iterator[Item | Problem]:
    others: Counter[str] = Counter()
    for each in found.resources:
        if not each.deployed:
            continue
        where = replace(place, at=places.get(id(each.raw), place.at))
        if each.is_deployment and depth < _DEEPEST:
            nested = mapping_of(each.preview().get("properties"))
            if "template" not in nested:
                message = "a linked template is not read here; read its own file"
                yield place.document.problem(where.at, message, is_warning=True)
                continue
            given = mapping_of(nested.get("parameters"))
            yield from _read(where, nested["template"], given, places, depth + 1)
            continue
        body = dict(each.preview())
        if kind_of_type(each.type, body) is None:
            others[each.type] += 1
            continue
        yield from _item(where, each, body)
    for type, number in others.items():
        message = f"{number} of type '{type}' {'is' if number == 1 else 'are'} no content, and left out"
        yield place.document.problem(place.at, message, is_warning=True)


def _item(place: Place, each: TemplateResource, body: dict[str, Any]) -> Iterator[Item | Problem]:
    try:
        item = resource.read(place, body | {"id": each.id, "type": each.type, "name": each.name})
    except WrongContent as error:
        yield place.document.problem((*place.at, *error.at), error.message)
        return
    of_template = frozenset({"location"}) if item.kind.scope in (Scope.SENTINEL, Scope.WORKSPACE) else frozenset[str]()
    told = {name: value for name, value in item.body.items() if name not in of_template}  # they have no location
    own = own_body(item.kind, told)  # the portal's export has nulls, and times of its server
    yield Item(item.kind, item.name, own, item.parent, place.source(FORM))
    written = set(_expressions(each.raw))
    left = next((text for text in _expressions(item.body) if text in written), None)
    if left is not None:
        message = f"only a deployment can fill in '{left[:80]}', which stays as it is written"
        yield place.document.problem(place.at, message, is_warning=True)


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if is_expression(value):
            yield value
        return
    for each in (*mapping_of(value).values(), *list_of(value)):
        yield from _expressions(each)


def _given(place: Place, value: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the template's parameters: the target's, those of the parameter file beside, what is obvious."""
    target = place.target
    told = {name.lower(): each for name, each in target.parameters.items()}
    beside: Mapping[str, Any] = _parameter_file(place.document.path, target) if place.document.is_file else {}
    given: dict[str, Any] = {}
    for name, defined in mapping_of(value.get("parameters")).items():
        folded, default = name.lower(), mapping_of(defined).get("defaultValue")
        if folded in told:
            given[name] = {"value": _typed(told[folded], str(mapping_of(defined).get("type")))}
        elif folded in beside:
            given[name] = beside[folded]
        elif folded in _WORKSPACE and default in (None, ""):
            given[name] = {"value": target.workspace}
        elif folded in _LOCATION and default in (None, ""):
            given[name] = {"value": target.location}
    return given


def _typed(value: Any, type: str) -> Any:
    """A value that was given as a text, of the type that the parameter has."""
    if not isinstance(value, str) or type.lower() not in ("int", "bool", "array", "object", "secureobject"):
        return value
    try:
        return json.loads(value.lower() if type.lower() == "bool" else value)
    except ValueError:
        return value  # the template says what is wrong with it


def _parameter_file(path: Path, target: Target) -> Mapping[str, Any]:
    """The parameters of the file that goes with a template, by folded name.

    https://learn.microsoft.com/azure/sentinel/ci-cd-custom-deploy#scale-your-deployments-with-parameter-files
    """
    owners = [f"-{each}" for each in (target.workspace_id, target.workspace) if each]
    for name in (f"{path.stem}.parameters{owner}.json" for owner in (*owners, "")):
        beside = path.with_name(name)
        if beside.is_file():
            try:
                read = mapping_of(open_document(beside).values[0])
            except Unreadable as error:
                raise WrongContent(f"its parameter file cannot be read: {error.problem}") from error
            return {key.lower(): each for key, each in mapping_of(read.get("parameters")).items()}
    return {}


def _facts(place: Place) -> Facts:
    target, path = place.target, place.document.path
    scope = f"/subscriptions/{target.subscription}/resourceGroups/{target.resource_group}"
    count = iter(range(1_000_000))
    return Facts(
        scope=scope,
        deployment={"name": "content", "location": target.location, "properties": {}},
        now=_NOW,
        new_id=lambda: derived_id("template", path.parent.name, path.name, str(next(count))),
        tenant={"tenantId": target.tenant, "displayName": ""},
        subscription={
            "id": f"/subscriptions/{target.subscription}",
            "subscriptionId": target.subscription,
            "tenantId": target.tenant,
            "displayName": target.subscription,
        },
        resource_group={
            "id": scope,
            "name": target.resource_group,
            "type": "Microsoft.Resources/resourceGroups",
            "location": target.group_location or target.location,
            "tags": {},
            "properties": {"provisioningState": "Succeeded"},
        },
    )


def _places(at: Pointer, value: Mapping[str, Any]) -> Iterator[tuple[int, Pointer]]:
    """Where each resource of the template stands, by the identity of its mapping."""
    for key, each in _pairs(value.get("resources")):
        if isinstance(each, Mapping):
            where = (*at, "resources", key)
            yield id(cast("object", each)), where
            yield from _places(where, mapping_of(each))


def _pairs(resources: Any) -> Iterator[tuple[str | int, Any]]:  # by name, or by number
    yield from enumerate(list_of(resources))
    yield from mapping_of(resources).items()


def template_of(items: list[Item]) -> dict[str, Any]:
    """A template that makes these items in the workspace that its parameter `workspace` names."""
    here = {item.key: _name(item) for item in items}
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"workspace": {"type": "string"}},
        "resources": [_resource(item, here) for item in items],
    }


def _name(item: Item) -> str:
    own = f"{item.parent}/{item.name}" if item.parent else item.name
    match item.kind.scope:
        case Scope.SENTINEL:
            return _joined(f"/Microsoft.SecurityInsights/{own}")
        case Scope.WORKSPACE:
            return _joined(f"/{own}")
        case Scope.RESOURCE_GROUP | Scope.ASSIGNED:
            return str(_escaped(own))


def _joined(rest: str) -> str:
    quoted = rest.replace("'", "''")
    return f"[concat(parameters('workspace'), '{quoted}')]"


def _resource(item: Item, here: Mapping[tuple[str, str, str], str]) -> dict[str, Any]:
    type = full_type(item.kind)
    if item.kind.scope is Scope.SENTINEL:
        type = f"Microsoft.OperationalInsights/workspaces/providers/{type.partition('/')[2]}"
    told: dict[str, Any] = {"type": type, "apiVersion": item.kind.version, "name": _name(item)}
    if item.kind.scope is Scope.ASSIGNED:
        told["scope"] = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]"
    parent = next((key for key in here if key[0] == item.kind.parent and key[2] == item.parent.casefold()), None)
    if parent is not None:
        kind = item.kind.parent[:1].lower() + item.kind.parent[1:]
        told["dependsOn"] = [_parent_id(f"{kind}s", item.parent)]
    return told | {name: _escaped(each) for name, each in item.body.items()}


def _parent_id(type: str, name: str) -> str:
    kind = f"Microsoft.OperationalInsights/workspaces/providers/{type}"
    quoted = name.replace("'", "''")
    return f"[resourceId('{kind}', parameters('workspace'), 'Microsoft.SecurityInsights', '{quoted}')]"


def _escaped(value: Any) -> Any:
    """The value with texts that look like expressions written so that they are none."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, Mapping):
        return {escaped(name): _escaped(each) for name, each in mapping_of(value).items()}
    return [_escaped(each) for each in list_of(value)] if isinstance(value, list) else value
