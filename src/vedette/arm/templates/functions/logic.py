"""Logical functions that evaluate only what they need.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-logical
"""

from collections.abc import Callable, Mapping
from typing import Any

from vedette.arm.templates.context import Context
from vedette.expressions.errors import about
from vedette.expressions.syntax import Expression
from vedette.expressions.values import type_name

Evaluate = Callable[[Expression, Context], Any]
Lazy = Callable[[Context, tuple[Expression, ...], Evaluate], Any]


def _if(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> Any:
    if len(given) != 3:
        raise about("if", f"expects '3' parameter(s) and was invoked with '{len(given)}'.")
    condition = _truth("if", evaluate(given[0], context))
    return evaluate(given[1] if condition else given[2], context)


def _and(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> bool:
    _some("and", given)
    return all(_truth("and", evaluate(each, context)) for each in given)


def _or(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> bool:
    _some("or", given)
    return any(_truth("or", evaluate(each, context)) for each in given)


def _coalesce(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> Any:
    if not given:
        raise about("coalesce", "expects at least one parameter.")
    return next((value for each in given if (value := evaluate(each, context)) is not None), None)


def _some(name: str, given: tuple[Expression, ...]) -> None:
    if len(given) < 2:
        raise about(name, f"expects at least '2' parameter(s) and was invoked with '{len(given)}'.")


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise about(name, f"expects its parameters to be booleans. The provided value is of type '{type_name(value)}'.")
    return value


LAZY_LOGIC: Mapping[str, Lazy] = {"if": _if, "and": _and, "or": _or, "coalesce": _coalesce}
