"""Math functions: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

from collections.abc import Callable
from math import isfinite
from typing import Any, cast

from vedette.expressions.errors import about
from vedette.expressions.functions import Function, function
from vedette.expressions.values import is_number


def in_range(name: str, value: Any) -> Any:
    """The value. Raises ExpressionError for an integer of more than 64 bits, and for what is no number."""
    if not (-(2**63) <= value < 2**63 if isinstance(value, int) else isfinite(value)):
        raise about(name, "gives a number that is too large.")
    return value


def _two(name: str, work: Callable[[Any, Any], Any]) -> Function:
    return function(name, "summand1: number, summand2: number", lambda one, other: in_range(name, work(one, other)))


def _div(one: Any, other: Any) -> Any:
    """Of two integers the integer that is left when the rest is thrown away."""
    if other == 0:
        raise about("div", "cannot divide by zero.")
    if isinstance(one, int) and isinstance(other, int):
        return in_range("div", abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1))
    return in_range("div", float(one) / float(other))


def _mod(one: Any, other: Any) -> Any:
    """The rest, with the sign of the dividend."""
    if other == 0:
        raise about("mod", "cannot divide by zero.")
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


def _extreme(name: str, choose: Callable[[list[Any]], Any]) -> Function:
    def call(*values: Any) -> Any:
        first = values[0]
        numbers = cast("list[Any]", first) if len(values) == 1 and isinstance(first, list) else list(values)
        if not numbers or not all(is_number(each) for each in numbers):
            raise about(name, "expects one array of numbers, or at least one number.")
        return choose(numbers)

    return function(name, "number1+: any", call)


MATHEMATICS = (
    _two("add", lambda one, other: one + other),
    _two("sub", lambda one, other: one - other),
    _two("mul", lambda one, other: one * other),
    function("div", "dividend: number, divisor: number", _div),
    function("mod", "dividend: number, divisor: number", _mod),
    _extreme("max", max),
    _extreme("min", min),
)
