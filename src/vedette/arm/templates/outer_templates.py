"""Nested templates whose expressions belong to the template around them.

https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates
"""

from collections.abc import Iterator
from typing import Any, cast

from vedette.arm.templates.context import Context
from vedette.arm.templates.copies import rounds_of
from vedette.arm.templates.evaluation import Make, Unknown, evaluated, maker
from vedette.arm.templates.facts import Json, member, without
from vedette.arm.templates.ids import DEPLOYMENTS, segments
from vedette.arm.templates.syntax import escaped


def is_outer(properties: Json, template: Any) -> bool:
    """Whether a nested deployment's template is evaluated with what is around it, which is the default before 2.0."""
    options = member(properties, "expressionEvaluationOptions")
    scope = member(cast("Json", options), "scope") if isinstance(options, dict) else None
    if isinstance(scope, str) and scope.lower() in ("inner", "outer"):
        return scope.lower() == "outer"
    version = member(cast("Json", template), "languageVersion") if isinstance(template, dict) else None
    return version is None or str(version).startswith("1.")


def nested_template(raw: Json) -> tuple[Any, bool]:
    """The template of a nested deployment, None where it has none, and whether it is evaluated from outside."""
    properties = member(raw, "properties")
    held = cast("Json", properties) if isinstance(properties, dict) else {}
    template = member(held, "template")
    return template, template is not None and is_outer(held, template)


def deployment_body(raw: Json, make: Make, context: Context, partly: bool) -> Json:
    """What a deployment in a template comes to: `make` of all that is in it, but that its own template stays as it is
    where that evaluates itself, and is `flattened` where it is evaluated from outside.

    Raises ExpressionError.
    """
    properties = member(raw, "properties")
    if not isinstance(properties, dict):
        return make(raw, context)
    template, outer = nested_template(raw)
    found = make(without(raw, "properties"), context)
    found["properties"] = make(without(cast("Json", properties), "template"), context)
    if isinstance(template, str):
        found["properties"]["template"] = (make if outer else maker(partly))(template, context)
    elif template is not None:
        found["properties"]["template"] = flattened(template, context, partly) if outer else template
    return found


def flattened(template: Any, context: Context, partly: bool) -> Any:
    """The template with every expression evaluated here, so that evaluating it once more changes nothing.

    Copies are made, and what depends on a loop depends on each of its rounds. Raises ExpressionError.
    """
    if not isinstance(template, dict):
        return template
    work = _Flattening(partly)
    found: Json = {}
    for name, each in cast("Json", template).items():
        if name.lower() == "resources" and isinstance(each, list):
            found[name] = work.resources(cast("list[Any]", each), context)
        else:
            found[name] = work.closed(each, context)
    return found


class _Flattening:
    def __init__(self, partly: bool) -> None:
        self.partly = partly
        self.make = maker(partly)

    def closed(self, value: Any, context: Context) -> Any:
        """The value, evaluated, in a form that evaluates to itself."""
        return self._kept(self.make(value, context))

    def _kept(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if isinstance(value, Unknown) else escaped(value)
        if isinstance(value, list):
            return [self._kept(each) for each in cast("list[Any]", value)]
        if isinstance(value, dict):
            return {name: self._kept(each) for name, each in cast("Json", value).items()}
        return value

    def resources(self, resources: list[Any], context: Context) -> list[Any]:
        found: list[Any] = []  # what is no resource is refused by the deployment that it is in
        loops: dict[str, list[str]] = {}
        for raw in resources:
            if not isinstance(raw, dict):
                found.append(raw)
                continue
            loop = member(cast("Json", raw), "copy")
            if not isinstance(loop, dict):
                found.append(self._resource(cast("Json", raw), context))
                continue
            name = str(evaluated(member(cast("Json", loop), "name"), context.shaping()))
            for each in self._rounds(cast("Json", raw), cast("Json", loop), name, context):
                loops.setdefault(name.lower(), []).append(_title(each))
                found.append(each)
        return [self._depending(cast("Json", each), loops) if isinstance(each, dict) else each for each in found]

    def _rounds(self, raw: Json, loop: Json, name: str, context: Context) -> Iterator[Json]:
        count = rounds_of(evaluated(member(loop, "count"), context.shaping()), name)
        rest = without(raw, "copy")
        serial = str(evaluated(member(loop, "mode"), context.shaping())).lower() == "serial"
        before: list[str] = []
        for index in range(count):
            made = self._resource(rest, context.within(name, index))
            if serial and before:
                made["dependsOn"] = [*(member(made, "dependsOn") or []), before[-1]]
            before.append(_title(made))
            yield made

    def _resource(self, raw: Json, context: Context) -> Json:
        if str(member(raw, "type")).lower() != DEPLOYMENTS.lower():
            return cast("Json", self.closed(raw, context))
        return deployment_body(raw, self.closed, context, self.partly)

    def _depending(self, resource: Json, loops: dict[str, list[str]]) -> Json:
        said = member(resource, "dependsOn")
        if not isinstance(said, list) or not loops:
            return resource
        depends = [one for each in cast("list[Any]", said) for one in loops.get(str(each).lower(), [each])]
        return {name: depends if name.lower() == "dependson" else value for name, value in resource.items()}


def _title(resource: Json) -> str:
    """`Type/name` with the names where they belong, as `dependsOn` may have it."""
    namespace, *types = segments(str(member(resource, "type"))) or [""]
    names = segments(str(member(resource, "name")))
    return "/".join((namespace, *(part for pair in zip(types, names, strict=False) for part in pair)))
