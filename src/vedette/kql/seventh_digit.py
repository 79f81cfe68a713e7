"""The seventh digit of a datetime's second, which the engine does not keep, where the plan itself says it.

A literal has one (`datetime(2024-01-01 10:00:00.1234567)`), the ends of days, weeks, months and years end in a 9, and
moving a datetime by a constant timespan gives another. It is followed through columns as long as it is the same in
every row; where it is not, or comes out of stored data, it is 0, and 9 in the last microsecond of a second.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeGuard

from vedette.kql import plan
from vedette.kql.literals import Moment, parse_datetime
from vedette.kql.types import ScalarType

Known = Mapping[int, int]
"""The digits that are not 0, by the ids of their fields."""

_CHOICES = frozenset({"iff", "case", "coalesce", "max_of", "min_of"})
_CHOOSING = frozenset({"min", "max", "minif", "maxif", "take_any", "take_anyif", "any", "anyif"})
_ENDS = frozenset({"endofday", "endofweek", "endofmonth", "endofyear"})
_WHOLE_STEPS = frozenset(
    {"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"}
)


def seventh_digits(root: plan.Plan) -> dict[int, int]:
    """The digits that are not 0 of all fields of a plan."""
    known: dict[int, int] = {}
    seen: set[int] = set()

    def visit(node: plan.Plan) -> None:
        if isinstance(node, plan.Shared):
            if node.id not in seen:
                seen.add(node.id)
                visit(node.plan)
            _note(known, zip(node.fields, (known.get(field.id, 0) for field in node.plan.fields), strict=True))
            return
        for part in plan.inputs(node):
            visit(part)
        _note(known, _given(node, known))

    visit(root)
    return known


def _note(known: dict[int, int], found: Iterable[tuple[plan.Field, int]]) -> None:
    known.update((field.id, digit) for field, digit in found if digit)


def _given(node: plan.Plan, known: Known) -> Iterable[tuple[plan.Field, int]]:
    match node:
        case plan.Values():
            return ((field, _common(row[at] for row in node.rows)) for at, field in enumerate(node.fields))
        case plan.Project():
            return [(field, digit(value, known)) for field, value in node.items]
        case plan.Summarize():
            keys = [(field, digit(value, known)) for field, value in node.keys]
            return [*keys, *((field, _aggregated(call, known)) for field, call in node.aggregates)]
        case plan.Join():
            return [(field, known.get(of.id, 0)) for field, of in zip(node.fields, node.sources, strict=True)]
        case plan.Union():
            columns = zip(*(part.fields for part in node.inputs), strict=True)
            digits = [{known.get(field.id, 0) for field in column} for column in columns]
            return [
                (field, found.pop() if len(found) == 1 else 0) for field, found in zip(node.fields, digits, strict=True)
            ]
        case _:
            return ()


def _common(values: Iterable[plan.Expression], known: Known | None = None) -> int:
    """The one digit of all values; nulls do not count."""
    found = {
        digit(value, known or {}) for value in values if not (isinstance(value, plan.Constant) and value.value is None)
    }
    return found.pop() if len(found) == 1 else 0


def _aggregated(call: plan.Aggregate, known: Known) -> int:
    if isinstance(call, plan.ArgBest):
        return digit(call.value, known)
    return digit(call.arguments[0], known) if call.function.name in _CHOOSING else 0


def digit(node: plan.Expression, known: Known) -> int:
    """The seventh digit of an expression's value; 0 for what is no datetime and where it is not known."""
    if node.type is not ScalarType.datetime:
        return 0
    match node:
        case plan.Constant():
            return node.value.tick if isinstance(node.value, Moment) else 0
        case plan.Reference():
            return known.get(node.field.id, 0)
        case plan.Apply():
            return _applied(node, known)
        case _:
            return 0


def _applied(node: plan.Apply, known: Known) -> int:
    name, arguments = node.function.name, node.arguments
    if name in _ENDS:
        return 9
    if name in _CHOICES:
        return _common((each for each in arguments if each.type is ScalarType.datetime), known)
    return _OTHERS[name](arguments, known) if name in _OTHERS else 0


Arguments = tuple[plan.Expression, ...]


def _sum(arguments: Arguments, known: Known) -> int:
    left, right = arguments
    if left.type is not ScalarType.datetime:
        left, right = right, left
    return (digit(left, known) + right.value) % 10 if _is_whole(right) else 0


def _difference(arguments: Arguments, known: Known) -> int:
    return (digit(arguments[0], known) - arguments[1].value) % 10 if _is_whole(arguments[1]) else 0


def _is_whole(node: plan.Expression) -> TypeGuard[plan.Constant]:
    return isinstance(node, plan.Constant) and isinstance(node.value, int)


def _added(arguments: Arguments, known: Known) -> int:
    part = arguments[0]
    is_whole = isinstance(part, plan.Constant) and str(part.value).lower() in _WHOLE_STEPS
    return digit(arguments[2], known) if is_whole else 0


def _read(arguments: Arguments, known: Known) -> int:
    text = arguments[0]
    moment = parse_datetime(text.value) if isinstance(text, plan.Constant) and isinstance(text.value, str) else None
    return moment.tick if isinstance(moment, Moment) else digit(text, known)


def _made(arguments: Arguments, known: Known) -> int:
    if len(arguments) == 1:
        return _read(arguments, known)
    seconds = arguments[5]
    return int(f"{seconds.value:.7f}"[-1]) if isinstance(seconds, plan.Constant) and seconds.value is not None else 0


_OTHERS: Mapping[str, Callable[[Arguments, Known], int]] = {
    "+": _sum,
    "-": _difference,
    "datetime_add": _added,
    "todatetime": _read,
    "make_datetime": _made,
}


def settled(node: plan.Apply, known: Known) -> plan.Apply:
    """A datetime moved by a constant timespan with the digit's part of the way in it, in whole microseconds."""
    if node.type is not ScalarType.datetime or node.function.name not in ("+", "-"):
        return node
    at = 1 if node.arguments[0].type is ScalarType.datetime else 0
    span = node.arguments[at]
    if not _is_whole(span):
        return node
    sign = 1 if node.function.name == "+" else -1
    moved = (sign * span.value + digit(node.arguments[1 - at], known)) // 10 * 10
    arguments = list(node.arguments)
    arguments[at] = plan.Constant(sign * moved, ScalarType.timespan)
    return plan.Apply(node.function, tuple(arguments), node.type)
