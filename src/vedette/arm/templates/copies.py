"""Copy loops: how often they go around, and those of properties and variables.

https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

from vedette.arm.templates.context import Context
from vedette.arm.templates.facts import Json, member
from vedette.expressions.errors import ExpressionError

_OF_ROUND = 2  # steps that a round counts, whatever is in it
MOST_ROUNDS = 800
"""https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources#copy-limits"""


def rounds_of(count: Any, name: str) -> int:
    """How often a loop of this count goes around. Raises ExpressionError."""
    if not isinstance(count, int) or isinstance(count, bool):
        raise ExpressionError(
            f"The copy count of '{name}' must be an integer. Please see https://aka.ms/arm-copy for usage details."
        )
    if count < 0:
        raise ExpressionError(
            f"The copy count '{count}' of '{name}' must not be negative. Please see https://aka.ms/arm-copy for usage "
            "details."
        )
    if count > MOST_ROUNDS:
        raise ExpressionError(
            f"The copy count '{count}' of '{name}' exceeds the limit of '{MOST_ROUNDS}'. Please see "
            "https://aka.ms/arm-copy for usage details."
        )
    return count


def copied_properties(
    loops: Any, context: Context, evaluated: Callable[[Any, Context], Any]
) -> list[tuple[str, list[tuple[Any, Context]]]] | None:
    """What the value of a property `copy` makes: names, and for each the inputs with what they can see.

    None where it is no loop but a property of that name. Raises ExpressionError for a count that is none.
    """
    if not isinstance(loops, list) or not loops or not all(map(_is_loop, cast("list[Any]", loops))):
        return None
    return [_copied(each, context, evaluated) for each in cast("list[Json]", loops)]


def _is_loop(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    names = {name.lower() for name in cast("Json", value)}
    return {"name", "count", "input"} <= names


def _copied(
    loop: Json, context: Context, evaluated: Callable[[Any, Context], Any]
) -> tuple[str, list[tuple[Any, Context]]]:
    name = evaluated(member(loop, "name"), context.shaping())
    if not isinstance(name, str):
        raise ExpressionError("The name of a copy loop must be a string.")
    count = rounds_of(evaluated(member(loop, "count"), context.shaping()), name)
    shape = member(loop, "input")
    return name, [(shape, inside) for inside in _rounds(context, name, count)]


def _rounds(context: Context, name: str, count: int) -> Iterator[Context]:
    """Each round's context; `copyIndex()` without a name stays that of the resource around."""
    around = context.copies.get("")
    for index in range(count):
        context.budget.step(_OF_ROUND)
        yield context.within(name, index, index if around is None else around)
