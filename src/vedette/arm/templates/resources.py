"""The resources that a template declares: children, copies and conditions in, one resource after another out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.copies import rounds_of
from vedette.arm.templates.errors import InvalidTemplate, refused
from vedette.arm.templates.evaluation import evaluated
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.ids import DEPLOYMENTS, extended, home_of, management_group, scope_of, segments, type_of
from vedette.arm.templates.resource import TemplateResource
from vedette.expressions.errors import ExpressionError

MOST_RESOURCES = 800
_USAGE = "Please see https://aka.ms/arm-template/#resources for usage details."


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource with what its place in the template adds: the loop that it came from, what it says it depends on."""

    resource: TemplateResource
    loop: str | None
    batch: int
    """The number of the batch of a serial loop; 0 for all of a parallel one."""
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Above:
    """What a child takes from the resource that it is written in."""

    type: str = ""
    name: str = ""
    condition: bool = True
    scope: str | None = None


def declared(resources: Any, context: Context) -> list[Declared]:
    """Every resource of the template, in its order. Raises InvalidTemplate."""
    found: list[Declared] = []
    for each in _all(resources, context, _Above()):
        found.append(each)
        if len(found) > MOST_RESOURCES:
            raise refused(
                f"The number of template resources limit exceeded. Limit: '{MOST_RESOURCES}' and actual: more. Please "
                "see https://aka.ms/arm-template/#resources for usage details."
            )
    return found


def _all(resources: Any, context: Context, above: _Above) -> Iterator[Declared]:
    for symbol, each in _listed(resources):
        yield from _one(symbol, each, context, above)


def _listed(resources: Any) -> Iterator[tuple[str | None, Json]]:
    """By symbolic name where they have one."""
    if resources is None:
        return
    if not isinstance(resources, list | dict):
        raise refused(f"The template resources must be an array, or an object of symbolic names. {_USAGE}")
    named: list[tuple[str | None, Any]] = (
        list(cast("Json", resources).items())
        if isinstance(resources, dict)
        else [(None, each) for each in cast("list[Any]", resources)]
    )
    for symbol, each in named:
        if not isinstance(each, dict):
            raise refused(f"A template resource must be an object. {_USAGE}")
        yield symbol, cast("Json", each)


def _one(symbol: str | None, raw: Json, context: Context, above: _Above) -> Iterator[Declared]:
    copy = member(raw, "copy")
    if copy is None:
        yield from _round(symbol, raw, context, above, None, 0)
        return
    title = symbol or str(member(raw, "name"))
    if not isinstance(copy, dict):
        raise _invalid(title, "its copy must be an object. Please see https://aka.ms/arm-copy for usage details.")
    loop = cast("Json", copy)
    name = _head(loop, "name", context, title)
    count = _in_head(title, lambda: rounds_of(_evaluated(member(loop, "count"), context), str(name)))
    if not isinstance(name, str) or not name:
        raise _invalid(title, "its copy needs a name. Please see https://aka.ms/arm-copy for usage details.")
    size = _batch_size(loop, context, title)
    for index in range(count):
        batch = index // size + 1 if size else 0
        key = f"{symbol}[{index}]" if symbol else None
        yield from _round(key, raw, context.within(name, index), above, symbol or name, batch, name)


def _batch_size(loop: Json, context: Context, title: str) -> int:
    """How many of a serial loop are deployed at a time; 0 for a parallel one."""
    mode, size = _head(loop, "mode", context, title), _head(loop, "batchSize", context, title)
    if mode is not None and (not isinstance(mode, str) or mode.lower() not in ("serial", "parallel")):
        raise _invalid(title, f"the copy mode '{str(mode)[:40]}' is neither 'Serial' nor 'Parallel'.")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
        raise _invalid(title, "the copy batchSize must be an integer from 1.")
    return (size or 1) if isinstance(mode, str) and mode.lower() == "serial" else 0


def _round(
    symbol: str | None,
    raw: Json,
    context: Context,
    above: _Above,
    loop: str | None,
    batch: int,
    copied: str | None = None,
) -> Iterator[Declared]:
    title = symbol or str(member(raw, "name"))
    own_type, own_name = _head(raw, "type", context, title), _head(raw, "name", context, title)
    if not isinstance(own_type, str) or not isinstance(own_name, str) or not own_type or not own_name:
        raise _invalid(title, f"its 'type' and 'name' must be strings that are not empty. {_USAGE}")
    condition = _condition(raw, context, title) and above.condition
    type = "/".join(segments(f"{above.type}/{own_type}" if above.type else own_type))
    name = f"{above.name}/{own_name}" if above.name else own_name
    version = _head(raw, "apiVersion", context, title)
    existing = member(raw, "existing") is True
    names = segments(name)
    if len(segments(type)) != len(names) + 1:
        raise refused(
            f"The template resource '{name}' for type '{type}' has incorrect segment lengths. A nested resource type "
            "must have identical number of segments as its resource name. A root resource type must have segment "
            f"length one greater than its resource name. {_USAGE}"
        )
    if not isinstance(version, str):
        raise _invalid(name, f"it needs an 'apiVersion'. {_USAGE}")
    scope = above.scope if above.scope is not None else _scope(raw, type, context, name)
    id = extended(scope, type, names)
    resource = TemplateResource(
        id=id,
        type=type_of(id),
        name=name,
        api_version=version,
        scope=scope,
        symbolic_name=symbol,
        condition=condition,
        existing=existing,
        raw=raw,
        context=context.standing(Place.BODY),
    )
    yield Declared(resource, loop, batch, _depends_on(raw, context, name))
    children = member(raw, "resources")
    if children is not None:
        yield from _all(children, context, _Above(type, name, condition, scope))


def _scope(raw: Json, type: str, context: Context, title: str) -> str:
    facts = context.facts
    if type.lower() == DEPLOYMENTS.lower():
        subscription, group = _head(raw, "subscriptionId", context, title), _head(raw, "resourceGroup", context, title)
        if subscription or group:
            base = f"/subscriptions/{subscription or facts.subscription_id}"
            return f"{base}/resourceGroups/{group}" if group else base
        named = _head(raw, "managementGroup", context, title)
        if isinstance(named, str):
            return management_group(named)
    scope = _head(raw, "scope", context, title)
    if scope is None:
        return home_of(type, facts.scope)
    try:
        if isinstance(scope, str):
            return scope_of(scope, facts.scope)
    except ValueError:
        pass
    raise _invalid(title, f"its scope '{str(scope)[:300]}' is not the id of a resource, nor type and name of one.")


def _condition(raw: Json, context: Context, title: str) -> bool:
    found = _head(raw, "condition", context, title)
    if found is None:
        return True
    if isinstance(found, str) and found.lower() in ("true", "false"):
        return found.lower() == "true"
    if not isinstance(found, bool):
        raise _invalid(title, "its condition must be a boolean. Please see https://aka.ms/arm-conditions for details.")
    return found


def _depends_on(raw: Json, context: Context, title: str) -> tuple[str, ...]:
    found = _head(raw, "dependsOn", context, title)
    if found is None:
        return ()
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(each, str) for each in cast("list[Any]", found)):
        raise _invalid(title, f"its dependsOn must be an array of strings. {_USAGE}")
    return tuple(cast("list[str]", found))


def _head(raw: Json, name: str, context: Context, title: str) -> Any:
    return _in_head(title, lambda: _evaluated(member(raw, name), context))


def _evaluated(value: Any, context: Context) -> Any:
    return evaluated(value, context.standing(Place.HEAD))


def _in_head(title: str, work: Any) -> Any:
    try:
        return work()
    except ExpressionError as error:
        raise _invalid(
            title, f"{error.message}. Please see https://aka.ms/arm-template-expressions for usage details."
        ) from error


def _invalid(title: str, what: str) -> InvalidTemplate:
    return refused(f"The template resource '{title}' is not valid: {what}")
