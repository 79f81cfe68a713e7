"""The resources that a template declares: children, copies and conditions in, one resource after another out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.copies import rounds_of
from vedette.arm.templates.errors import InvalidTemplate, LanguageError, at, refused
from vedette.arm.templates.evaluation import evaluated
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.ids import DEPLOYMENTS, extended, home_of, management_group, scope_of, segments, type_of
from vedette.arm.templates.places import Path, shown_path
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
    for each in _all(resources, context, _Above(), ("resources",)):
        found.append(each)
        if len(found) > MOST_RESOURCES:
            raise refused(
                f"The number of template resources limit exceeded. Limit: '{MOST_RESOURCES}' and actual: more. Please "
                "see https://aka.ms/arm-template/#resources for usage details."
            )
    return found


def _all(resources: Any, context: Context, above: _Above, path: Path) -> Iterator[Declared]:
    for key, each in _listed(resources):
        yield from _one(_Written(each, (*path, key), context), above)


def _listed(resources: Any) -> Iterator[tuple[str | int, Json]]:
    """By symbolic name, or by number where they have none."""
    if resources is None:
        return
    if not isinstance(resources, list | dict):
        raise refused(f"The template resources must be an array, or an object of symbolic names. {_USAGE}")
    named: list[tuple[str | int, Any]] = (
        list(cast("Json", resources).items())
        if isinstance(resources, dict)
        else list(enumerate(cast("list[Any]", resources)))
    )
    for key, each in named:
        if not isinstance(each, dict):
            raise refused(f"A template resource must be an object. {_USAGE}")
        yield key, cast("Json", each)


@dataclass(frozen=True, slots=True)
class _Written:
    """A resource as it is written, in one round of its loop; it evaluates what tells which resource it is."""

    raw: Json
    path: Path
    context: Context

    @property
    def symbol(self) -> str | None:
        """Its symbolic name."""
        return self.path[-1] if isinstance(self.path[-1], str) else None

    def head(self, name: str, raw: Json | None = None) -> Any:
        """The value of one of its properties, or of one of its loop's."""
        return self.tried(lambda: self.evaluated(member(self.raw if raw is None else raw, name)))

    def evaluated(self, value: Any) -> Any:
        """The value, which cannot ask resources for anything."""
        return evaluated(value, self.context.standing(Place.HEAD))

    def tried(self, work: Callable[[], Any]) -> Any:
        """What the work gives; raises InvalidTemplate where it raises ExpressionError."""
        try:
            return work()
        except LanguageError:
            raise
        except ExpressionError as error:
            raise self.invalid(
                f"{error.message}. Please see https://aka.ms/arm-template-expressions for usage details."
            ) from error

    def invalid(self, what: str, name: str | None = None) -> InvalidTemplate:
        """The error of this resource."""
        line, column = self.context.place_of(*self.path)
        title = name or self.symbol or str(member(self.raw, "name"))
        return refused(
            f"The template resource '{title}'{at(line, column)} is not valid: {what}",
            line, column, shown_path(self.path),
        )  # fmt: skip


def _one(written: _Written, above: _Above) -> Iterator[Declared]:
    copy = member(written.raw, "copy")
    if copy is None:
        yield from _round(written, above, written.symbol, None, 0)
        return
    if not isinstance(copy, dict):
        raise written.invalid("its copy must be an object. Please see https://aka.ms/arm-copy for usage details.")
    loop = cast("Json", copy)
    name = written.head("name", loop)
    if not isinstance(name, str) or not name:
        raise written.invalid("its copy needs a name. Please see https://aka.ms/arm-copy for usage details.")
    count = written.tried(lambda: rounds_of(written.evaluated(member(loop, "count")), name))
    size = _batch_size(loop, written)
    for index in range(count):
        inside = replace(written, context=written.context.within(name, index))
        symbol = f"{written.symbol}[{index}]" if written.symbol else None
        yield from _round(inside, above, symbol, written.symbol or name, index // size + 1 if size else 0)


def _batch_size(loop: Json, written: _Written) -> int:
    """How many of a serial loop are deployed at a time; 0 for a parallel one."""
    mode, size = written.head("mode", loop), written.head("batchSize", loop)
    if mode is not None and (not isinstance(mode, str) or mode.lower() not in ("serial", "parallel")):
        raise written.invalid(f"the copy mode '{str(mode)[:40]}' is neither 'Serial' nor 'Parallel'.")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
        raise written.invalid("the copy batchSize must be an integer from 1.")
    return (size or 1) if isinstance(mode, str) and mode.lower() == "serial" else 0


def _round(written: _Written, above: _Above, symbol: str | None, loop: str | None, batch: int) -> Iterator[Declared]:
    own_type, own_name, version = written.head("type"), written.head("name"), written.head("apiVersion")
    if not isinstance(own_type, str) or not isinstance(own_name, str) or not own_type or not own_name:
        raise written.invalid(f"its 'type' and 'name' must be strings that are not empty. {_USAGE}")
    type = "/".join(segments(f"{above.type}/{own_type}" if above.type else own_type))
    name = f"{above.name}/{own_name}" if above.name else own_name
    names = segments(name)
    line, column = written.context.place_of(*written.path)
    if len(segments(type)) != len(names) + 1:
        raise refused(
            f"The template resource '{name}' for type '{type}'{at(line, column)} has incorrect segment lengths. A "
            "nested resource type must have identical number of segments as its resource name. A root resource type "
            f"must have segment length one greater than its resource name. {_USAGE}",
            line, column, f"{shown_path(written.path)}.type",
        )  # fmt: skip
    if not isinstance(version, str):
        raise written.invalid(f"it needs an 'apiVersion'. {_USAGE}", name)
    if member(written.raw, "import") is not None or member(written.raw, "extension") is not None:
        raise written.invalid("it belongs to an extension, and this server has none.", name)
    condition = _condition(written) and above.condition
    scope = above.scope if above.scope is not None else _scope(written, type)
    id = extended(scope, type, names)
    resource = TemplateResource(
        id=id,
        type=type_of(id),
        name=name,
        api_version=version,
        scope=scope,
        symbolic_name=symbol,
        condition=condition,
        existing=member(written.raw, "existing") is True,
        raw=written.raw,
        context=written.context.standing(Place.BODY),
        line=line,
        column=column,
    )
    yield Declared(resource, loop, batch, _depends_on(written))
    children = member(written.raw, "resources")
    if children is not None:
        inside = _Above(type, name, condition, scope)
        yield from _all(children, written.context, inside, (*written.path, "resources"))


def _scope(written: _Written, type: str) -> str:
    facts = written.context.facts
    if type.lower() == DEPLOYMENTS.lower():
        subscription, group = written.head("subscriptionId"), written.head("resourceGroup")
        if subscription or group:
            base = f"/subscriptions/{subscription or facts.subscription_id}"
            return f"{base}/resourceGroups/{group}" if group else base
        named = written.head("managementGroup")
        if isinstance(named, str):
            return management_group(named)
    scope = written.head("scope")
    if scope is None:
        return home_of(type, facts.scope)
    try:
        if isinstance(scope, str):
            return scope_of(scope, facts.scope)
    except ValueError:
        pass
    raise written.invalid(f"its scope '{str(scope)[:300]}' is not the id of a resource, nor type and name of one.")


def _condition(written: _Written) -> bool:
    found = written.head("condition")
    if found is None:
        return True
    if isinstance(found, str) and found.lower() in ("true", "false"):
        return found.lower() == "true"
    if not isinstance(found, bool):
        raise written.invalid("its condition must be a boolean. Please see https://aka.ms/arm-conditions for details.")
    return found


def _depends_on(written: _Written) -> tuple[str, ...]:
    found = written.head("dependsOn")
    if found is None:
        return ()
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(each, str) for each in cast("list[Any]", found)):
        raise written.invalid(f"its dependsOn must be an array of strings. {_USAGE}")
    return tuple(cast("list[str]", found))
