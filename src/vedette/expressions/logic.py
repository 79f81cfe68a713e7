"""Comparisons and truth: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

from collections.abc import Callable
from typing import Any

from vedette.expressions.errors import about
from vedette.expressions.functions import Function, function
from vedette.expressions.values import is_number, same, type_name


def compared(name: str, one: Any, other: Any) -> int:
    """-1, 0 or 1: two numbers by value, two strings by their characters' codes. Raises ExpressionError."""
    if is_number(one) and is_number(other):
        return (one > other) - (one < other)
    if isinstance(one, str) and isinstance(other, str):
        return (one > other) - (one < other)
    if isinstance(one, bool) and isinstance(other, bool):
        return int(one) - int(other)
    raise about(
        name,
        "expects two parameters of matching types. The function was invoked with values of type "
        f"'{type_name(one)}' and '{type_name(other)}' that do not match.",
    )


def _ordering(name: str, holds: Callable[[int], bool]) -> Function:
    return function(name, "value: any, compareTo: any", lambda one, other: holds(compared(name, one, other)))


LOGIC = (
    function("and", "expression1+: boolean", lambda *values: all(values)),
    function("or", "expression1+: boolean", lambda *values: any(values)),
    function("not", "expression: boolean", lambda value: not value),
    function("equals", "object1: any, object2: any", same),
    function(
        "if", "expression: boolean, valueIfTrue: any, valueIfFalse: any", lambda test, yes, no: yes if test else no
    ),
    _ordering("greater", lambda order: order > 0),
    _ordering("greaterOrEquals", lambda order: order >= 0),
    _ordering("less", lambda order: order < 0),
    _ordering("lessOrEquals", lambda order: order <= 0),
)
