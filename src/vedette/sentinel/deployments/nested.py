"""A template with the templates inside it unfolded: every resource that is to be deployed, as far as it can be known.

https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from vedette.access.principals import Principal
from vedette.arm.context import Context
from vedette.arm.resource import RESOURCE_GROUP
from vedette.arm.resource_ids import parse_id
from vedette.arm.templates.context import Budget
from vedette.arm.templates.errors import InvalidTemplate, at, refused
from vedette.arm.templates.evaluate import Evaluated, evaluate_template
from vedette.arm.templates.facts import Runtime
from vedette.arm.templates.resource import TemplateResource
from vedette.core.redaction import traces
from vedette.expressions.errors import ExpressionError
from vedette.sentinel.deployments.facts import facts_of
from vedette.sentinel.deployments.itself import itself, shown_to_itself
from vedette.sentinel.deployments.links import Linked, read_template
from vedette.sentinel.deployments.request import COMPLETE, INCREMENTAL
from vedette.sentinel.deployments.spellings import with_places

DEEPEST: Final = 8
"""Deployments inside one another."""
_TEMPLATES: Final = 4  # as many times of what one template may compute, those of a deployment may together

Json = dict[str, Any]


def whole_budget() -> Budget:
    """What a deployment and those inside it may compute."""
    return Budget(_TEMPLATES)


@dataclass(frozen=True, slots=True)
class Preview:
    """A resource before it is deployed. `known` says that no expression in its body waits for what is not there yet."""

    resource: TemplateResource
    body: Json
    known: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment as its templates are unfolded: whose it is, how it is reached, when it began."""

    context: Context
    principal: Principal
    base: str
    began: datetime
    runtime: Runtime | None = None
    secrets: set[str] = field(default_factory=set[str])
    """Filled with the texts that secure parameters hold."""

    coming: dict[str, Json] = field(default_factory=dict[str, Json])
    """Filled with the bodies of resource groups that are to be made, by their folded ids."""

    budget: Budget = field(default_factory=whole_budget)
    """What the deployment and those inside it may still compute."""


def unfolded(place: Place, evaluated: Evaluated, linked: Linked, depth: int = 0) -> Iterator[Preview]:
    """Each resource, and behind a nested deployment those of its template, where that can be evaluated already.

    Raises InvalidTemplate, and what following a link raises.
    """
    check_depth(depth)
    place.secrets.update(*(traces(each.value) for each in evaluated.parameters if each.secure))
    for resource in evaluated.resources:
        if not resource.deployed:
            continue
        body, known = _seen(place, resource)
        place.secrets.update(evaluated.hidden)
        if parse_id(resource.id).type.lower() == RESOURCE_GROUP.lower():
            place.coming[resource.id.lower()] = body
        yield Preview(resource, body, known)
        if resource.is_deployment and known:
            yield from _inside(place, resource, body, linked, depth + 1)


def check_depth(depth: int) -> None:
    """Raises InvalidTemplate for deployments too deep inside one another."""
    if depth > DEEPEST:
        raise InvalidTemplate(f"Deployments are nested deeper than {DEEPEST} levels.")


def check_nested_mode(name: str, mode: Any) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes#complete-mode

    Raises InvalidTemplate for a nested deployment in the mode Complete.
    """
    if str(mode).lower() == COMPLETE.lower():
        raise refused(
            f"The template resource '{name}' is invalid. Specified deployment mode 'Complete' is not supported for "
            "nested deployment"
        )


def _secret(place: Place, parameters: Json) -> list[str]:
    """The parameters whose values come from secure ones of the template around."""
    return [name for name, each in parameters.items() if not place.secrets.isdisjoint(traces(each))]


def _object(resource: TemplateResource, value: Any, what: str) -> Json:
    """What a nested deployment has as an object; nothing where it has none. Raises InvalidTemplate."""
    if value and not isinstance(value, dict):
        raise refused(
            f"The template resource '{resource.name}'{at(resource.line, resource.column)} is not valid: the {what} of "
            "a deployment must be an object.",
            resource.line,
            resource.column,
        )
    return cast("Json", value or {})


def _seen(place: Place, resource: TemplateResource) -> tuple[Json, bool]:
    try:
        return resource.seen(place.runtime, place.budget)
    except ExpressionError as error:
        raise InvalidTemplate(
            f"Unable to process template language expressions for resource '{resource.id}'. '{error.message}'",
            resource.line,
            resource.column,
        ) from error


def _inside(place: Place, resource: TemplateResource, body: Json, linked: Linked, depth: int) -> Iterator[Preview]:
    given = _object(resource, body.get("properties"), "'properties'")
    properties = {name.lower(): each for name, each in given.items()}
    check_nested_mode(resource.name, properties.get("mode"))
    found = read_template(
        place.context, place.principal, properties.get("template"), properties.get("templatelink"), linked
    )
    parameters = _object(resource, properties.get("parameters"), "'parameters'")
    shown = shown_to_itself(found.template, parameters)
    deployment = itself(resource.name, body.get("location"), found, shown, INCREMENTAL)
    facts = facts_of(place.context, place.principal, resource.scope, deployment, place.base, place.began, place.coming)
    inner = evaluate_template(
        with_places(found.template), parameters, facts, secret=_secret(place, parameters), budget=place.budget
    )
    yield from unfolded(place, inner, found, depth)
