"""The order of a template's resources: what each depends on, said or by what it asks, and cycles refused.

https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-dependency
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from vedette.arm.templates.context import Budget, Context, Place, Target
from vedette.arm.templates.copies import copied_properties
from vedette.arm.templates.errors import InvalidTemplate, NotYetKnown, at, refused
from vedette.arm.templates.evaluation import evaluated, value_of
from vedette.arm.templates.facts import Json, member, without
from vedette.arm.templates.ids import segments
from vedette.arm.templates.outer_templates import nested_template
from vedette.arm.templates.resource import TemplateResource
from vedette.arm.templates.resources import Declared
from vedette.arm.templates.syntax import is_expression, read
from vedette.expressions.errors import ExpressionError
from vedette.expressions.syntax import Calling, Expression, Selection

_USAGE = "Please see https://aka.ms/arm-syntax-resources for usage details."


def targets_of(declared: Iterable[Declared]) -> dict[str, tuple[Target, ...]]:
    """What `reference` can name: resources by id, by name, by symbolic name, and of a loop with its number."""
    found: dict[str, tuple[Target, ...]] = {}
    for each in declared:
        resource = each.resource
        target = Target(resource.id, resource.api_version, resource.name, resource.condition or resource.existing)
        keys = {resource.id.lower()}
        if resource.symbolic_name:
            keys |= {resource.symbolic_name.lower(), (each.loop or "").lower()} - {""}
        else:
            keys.add(resource.name.lower())
        for key in keys:
            others = [one for one in found.get(key, ()) if one.id != target.id]
            found[key] = (*others, target)
    return found


def ordered(
    declared: list[Declared], targets: Mapping[str, tuple[Target, ...]], budget: Budget
) -> list[TemplateResource]:
    """The resources with what they depend on, each behind that. Raises InvalidTemplate, ExpressionError."""
    _check_unique(declared)
    names = _names(declared)
    said = {each.resource.id.lower(): _said(each, names, declared) for each in declared}
    firm: dict[str, set[str]] = {}
    loose: dict[str, set[str]] = {}
    for each in declared:
        firm[each.resource.id.lower()], loose[each.resource.id.lower()] = _asked(each.resource, targets)
    alive = {each.resource.id.lower(): each.resource for each in declared if each.resource.deployed}
    there = {each.resource.id.lower() for each in declared if each.resource.existing}

    def reached(ids: Iterable[str]) -> Iterator[str]:
        """Those that are deployed; behind what is there already stands what that depends on."""
        waiting = list(ids)[::-1]
        seen: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            budget.work(1)
            if one in alive:
                yield one
            elif one in there:
                budget.work(len(said[one]))
                waiting += reversed(said[one])

    edges = {id: list(reached((*said[id], *sorted(firm[id])))) for id in alive}
    _sorted(alive, edges)
    for id in alive:
        for one in loose[id]:
            if one in alive and one not in edges[id] and not _reaches(one, id, edges, budget):
                edges[id].append(one)
    order = _sorted(alive, edges)
    idle = [each.resource for each in declared if not each.resource.deployed]
    return [
        *(replace(alive[id], depends_on=tuple(dict.fromkeys(alive[one].id for one in edges[id]))) for id in order),
        *idle,
    ]


def _check_unique(declared: list[Declared]) -> None:
    seen: set[str] = set()
    for each in declared:
        resource = each.resource
        if not resource.deployed:
            continue
        if resource.id.lower() in seen:
            where = at(resource.line, resource.column)
            raise refused(
                f"The resource '{_short(resource)}'{where} is defined multiple times in a template. Please see "
                "https://aka.ms/arm-template/#resources for usage details.",
                resource.line,
                resource.column,
            )
        seen.add(resource.id.lower())


def _short(resource: TemplateResource) -> str:
    """`Type/name`, as messages say it."""
    at = resource.id.lower().find("/providers/", len(resource.scope))
    return resource.id[at + len("/providers/") :] if at >= 0 else resource.id


def _names(declared: list[Declared]) -> dict[str, set[str]]:
    """What `dependsOn` can say, folded, and the folded ids that it means."""
    found: dict[str, set[str]] = {}
    for each in declared:
        resource = each.resource
        keys = {resource.id, _short(resource), resource.name, each.loop or "", resource.symbolic_name or ""} - {""}
        for key in keys:
            found.setdefault(key.lower().strip("/"), set()).add(resource.id.lower())
    return found


def _said(each: Declared, names: Mapping[str, set[str]], declared: list[Declared]) -> list[str]:
    found: list[str] = []
    for text in dict.fromkeys(each.depends_on):
        known = names.get("/".join(segments(text)).lower())
        if known is None:
            raise undefined(text)
        others = known - {each.resource.id.lower()}
        found += sorted(others or known)
    if each.batch > 1:
        found += [
            other.resource.id.lower() for other in declared if other.loop == each.loop and other.batch == each.batch - 1
        ]
    return list(dict.fromkeys(found))


def undefined(text: str) -> InvalidTemplate:
    """The error of a resource that is named and not there; an id is shown without what it is deployed to."""
    at = text.lower().find("/providers/") if text.startswith("/") else -1
    shown = text[at + len("/providers/") :] if at >= 0 else text
    return refused(
        f"The resource '{shown[:400]}' is not defined in the template. Please see https://aka.ms/arm-template for "
        "usage details."
    )


def _asked(resource: TemplateResource, targets: Mapping[str, tuple[Target, ...]]) -> tuple[set[str], set[str]]:
    """The folded ids of resources that the body asks by name, and of those that it asks by id and version."""
    firm: set[str] = set()
    loose: set[str] = set()

    def note(target: Target, loosely: bool) -> None:
        (loose if loosely else firm).add(target.id.lower())

    if resource.deployed and resource.context is not None:
        context = replace(resource.context, place=Place.BODY, targets=targets, asked=note)
        for expression, inside in _expressions(_evaluated_part(resource), context, 0):
            _walk(expression, inside)
    own = resource.id.lower()
    if own in firm:
        where = at(resource.line, resource.column)
        raise refused(
            f"The template resource '{resource.name}'{where} cannot reference itself. Please see "
            "https://aka.ms/arm-template-expressions/#reference for usage details."
        )
    return firm, loose - {own}


def _evaluated_part(resource: TemplateResource) -> Any:
    """The body without a nested template that evaluates itself."""
    if not resource.is_deployment:
        return without(resource.raw, "resources")
    template, outer = nested_template(dict(resource.raw))
    if template is None or outer:
        return resource.raw
    return without(cast("Json", member(resource.raw, "properties")), "template")


def _expressions(value: Any, context: Context, depth: int) -> Iterator[tuple[Expression, Context]]:
    context.budget.work(1)
    if isinstance(value, str):
        if is_expression(value):
            yield read(value), context
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _expressions(each, context, depth + 1)
    elif isinstance(value, dict):
        for name, each in cast("Json", value).items():
            loops = copied_properties(each, context, evaluated) if name.lower() == "copy" else None
            if loops is None:
                yield from _expressions(each, context, depth + 1)
                continue
            for _, rounds in loops:
                for item, inside in rounds:
                    yield from _expressions(item, inside, depth + 1)


def _walk(expression: Expression, context: Context) -> None:
    """Evaluate each call that asks a resource for itself, so that none is hidden behind another that is not known."""
    match expression:
        case Calling(name, arguments):
            folded = name.lower()
            if folded == "if" and len(arguments) == 3:
                arguments = _taken(arguments, context)
            for each in arguments:
                _walk(each, context)
            if folded in ("reference", "references") or folded.startswith("list"):
                _tried(expression, context)
        case Selection(of, key):
            _walk(of, context)
            _walk(key, context)
        case _:
            return


def _taken(arguments: tuple[Expression, ...], context: Context) -> tuple[Expression, ...]:
    held = _tried(arguments[0], context)
    if isinstance(held, bool):
        return (arguments[0], arguments[1] if held else arguments[2])
    return arguments


def _tried(expression: Expression, context: Context) -> Any:
    """Its value, or nothing where that is not known yet; what is wrong with it is told when the body is evaluated."""
    try:
        return value_of(expression, context)
    except (NotYetKnown, ExpressionError):
        return None


def _sorted(alive: Mapping[str, TemplateResource], edges: Mapping[str, list[str]]) -> list[str]:
    """The folded ids, each behind what it depends on, else in the template's order. Raises InvalidTemplate."""
    order: list[str] = []
    done: set[str] = set()
    for start in alive:
        path: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            path.append((start, iter(edges[start])))
        on_path = [start]
        while path:
            id, rest = path[-1]
            following = next((one for one in rest if one not in done), None)
            if following is None:
                path.pop()
                on_path.pop()
                done.add(id)
                order.append(id)
            elif following in on_path:
                raise _cycle([alive[one] for one in (*on_path[on_path.index(following) :], following)])
            else:
                path.append((following, iter(edges[following])))
                on_path.append(following)
    return order


def _cycle(chain: list[TemplateResource]) -> Exception:
    way = " -> ".join(f"'{_short(each)}'" for each in chain)
    return refused(
        f"Circular dependency detected on resource: '{chain[0].id}'. The cycle is {way}. {_USAGE}",
        chain[0].line,
        chain[0].column,
    )


def _reaches(start: str, wanted: str, edges: Mapping[str, list[str]], budget: Budget) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        id = waiting.pop()
        if id == wanted:
            return True
        budget.work(len(edges[id]))
        fresh = [one for one in edges[id] if one not in seen]
        seen.update(fresh)
        waiting += fresh
    return False
