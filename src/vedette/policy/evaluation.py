"""Whether conditions hold on a resource: quickly, or with every comparison told.

https://learn.microsoft.com/azure/governance/policy/how-to/author-policies-for-arrays
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from vedette.policy.aliases import alias_steps
from vedette.policy.conditions import AllOf, AnyOf, Condition, CountOf, FieldOf, Left, Not, SourceOf, Test, ValueOf
from vedette.policy.errors import EvaluationFailed
from vedette.policy.limits import MOST_COUNTED, MOST_MEMBERS
from vedette.policy.operators import OPERATORS
from vedette.policy.scene import Counted, Scene, computed
from vedette.policy.target import Alias, Field, Own, Selected, read_field, select
from vedette.policy.values import Json


@dataclass(frozen=True, slots=True)
class Told:
    """A condition and what came of it. `kind` is AllOf, AnyOf, Not, Field, Value, Source or Count; a comparison has its
    `expression` (a field's name, the text of a value), `path`, `actual`, `operator` and `expected`; `why` says in words
    what does not speak for itself. `result` is None where it could not be evaluated."""

    kind: str
    result: bool | None
    expression: str = ""
    path: str = ""
    actual: Any = None
    operator: str = ""
    expected: Any = None
    why: str = ""
    inside: "tuple[Told, ...]" = ()


def holds(condition: Condition, scene: Scene) -> bool:
    """Whether a condition holds. Raises EvaluationFailed."""
    match condition:
        case AllOf(conditions):
            return all(holds(each, scene) for each in conditions)
        case AnyOf(conditions):
            return any(holds(each, scene) for each in conditions)
        case Not(inside):
            return not holds(inside, scene)
        case Test(left, operator, expected):
            return _tested(operator, _looked_at(left, scene), computed(expected, scene), is_place=_is_place(left))


def _tested(operator: str, found: Selected, expected: Any, *, is_place: bool) -> bool:
    """Every value of a collection must hold; one without members holds."""
    compare = OPERATORS[operator]
    values = found.values
    if is_place:
        values, expected = tuple(map(_place, values)), _place(expected)
    return all(compare(each, expected) for each in values)


def _is_place(left: Left) -> bool:
    """Whether it is a location, of which `East US` and `eastus` are one."""
    if not isinstance(left, FieldOf):
        return False
    name = getattr(left.name, "value", None)
    return isinstance(name, str) and read_field(name) == Own("location")


def _place(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(" ", "")
    return [_place(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


def _looked_at(left: Left, scene: Scene) -> Selected:
    match left:
        case FieldOf(name):
            return select(scene.target, field_named(computed(name, scene)), scene.scopes)
        case ValueOf(value):
            return Selected((computed(value, scene),), ("",), False)
        case SourceOf():
            return Selected((scene.facts.action or None,), ("",), False)
        case CountOf():
            number = sum(1 for inside in _rounds(left, scene) if left.where is None or holds(left.where, inside))
            return Selected((number,), ("",), False)


def field_named(name: Any) -> Field:
    """The field of a name that was computed. Raises EvaluationFailed."""
    found = read_field(name) if isinstance(name, str) else None
    if found is None:
        raise EvaluationFailed(f"The field '{str(name)[:200]}' is none that a policy knows.")
    return found


def _rounds(count: CountOf, scene: Scene) -> Iterator[Scene]:
    """The scene at each member that is counted."""
    if count.field is not None:
        named = field_named(computed(count.field, scene))
        if not isinstance(named, Alias):
            raise EvaluationFailed(f"The field '{named}' is no array that could be counted.")
        found = select(scene.target, named, scene.scopes)
        steps = alias_steps(named.folded, scene.target.folded_type) or ()
        if len(found.values) > MOST_COUNTED:
            raise EvaluationFailed(f"'{named.name}' has more than {MOST_COUNTED} members to be counted.")
        for value, path in zip(found.values, found.paths, strict=True):
            yield scene.at(Counted("", value, named.folded), {**scene.scopes, steps: (value, path)})
        return
    assert count.values is not None
    values = computed(count.values, scene)
    members = cast("list[Any]", values) if isinstance(values, list) else [values]
    if len(members) > MOST_MEMBERS:
        raise EvaluationFailed(f"A count goes through at most {MOST_MEMBERS} values, and here are {len(members)}.")
    for value in members:
        yield scene.at(Counted(count.name.lower(), value))


def told(condition: Condition, scene: Scene) -> Told:
    """What came of every condition of a tree, those too that no longer matter. Raises nothing."""
    match condition:
        case AllOf(conditions):
            inside = tuple(told(each, scene) for each in conditions)
            return Told("AllOf", _all([each.result for each in inside]), inside=inside)
        case AnyOf(conditions):
            inside = tuple(told(each, scene) for each in conditions)
            return Told("AnyOf", _any([each.result for each in inside]), inside=inside)
        case Not(each):
            inside = told(each, scene)
            return Told("Not", None if inside.result is None else not inside.result, inside=(inside,))
        case Test():
            return _told_test(condition, scene)


def _all(results: list[bool | None]) -> bool | None:
    return False if False in results else None if None in results else True


def _any(results: list[bool | None]) -> bool | None:
    return True if True in results else None if None in results else False


def _told_test(test: Test, scene: Scene) -> Told:
    kind, text = _described(test.left)
    operator = f"{test.operator[0].upper()}{test.operator[1:]}"
    expected: Any = None
    inside: tuple[Told, ...] = ()
    try:
        if isinstance(test.left, FieldOf):
            text = str(computed(test.left.name, scene))
        expected = computed(test.expected, scene)
        found = _looked_at(test.left, scene)
        if isinstance(test.left, CountOf) and test.left.where is not None:
            where = test.left.where
            inside = tuple(told(where, each) for each in _rounds(test.left, scene))
        result = _tested(test.operator, found, expected, is_place=_is_place(test.left))
    except EvaluationFailed as error:
        return Told(kind, None, text, "", None, operator, expected, error.message, inside)
    path = ", ".join(each for each in found.paths if each)
    return Told(kind, result, text, path, found.value, operator, expected, _why(test, found, inside), inside)


def _why(test: Test, found: Selected, inside: tuple[Told, ...]) -> str:
    if isinstance(test.left, CountOf):
        number = sum(1 for each in inside if each.result)
        return f"{number} of {len(inside)} members hold" if test.left.where is not None else ""
    if isinstance(test.left, FieldOf) and found.is_collection:
        number = len(found.values)
        return "the array has no members, of which all hold" if not number else f"all of {number} members must hold"
    if isinstance(test.left, FieldOf) and found.values[0] is None and test.operator != "exists":
        return "the resource has no such property"
    return ""


def _described(left: Left) -> tuple[str, str]:
    match left:
        case FieldOf(name):
            return "Field", shown(name)
        case ValueOf(value):
            return "Value", shown(value)
        case SourceOf(name):
            return "Source", name
        case CountOf(field, values, _, _):
            return "Count", shown(field if field is not None else values)


def shown(value: Any) -> str:
    """A prepared value as it was written."""
    text = getattr(value, "text", None)
    if isinstance(text, str):
        return text
    held = getattr(value, "value", None)
    return held if isinstance(held, str) else str(held) if held is not None else ""


def expressions_of(tree: Told) -> list[Json]:
    """The comparisons that were made, as `evaluationDetails` has them:
    https://learn.microsoft.com/rest/api/policyinsights/policy-states (ExpressionEvaluationDetails)"""
    found: list[Json] = []
    waiting = [tree]
    while waiting:
        each = waiting.pop(0)
        if each.operator:
            result = "True" if each.result else "False" if each.result is False else "Error"
            item: Json = {
                "result": result,
                "expressionKind": each.kind,
                "expression": each.expression,
                "expressionValue": each.actual,
                "targetValue": each.expected,
                "operator": each.operator,
            }
            if each.path:
                item["path"] = each.path
            found.append(item)
        else:
            waiting = [*each.inside, *waiting]
    return found
