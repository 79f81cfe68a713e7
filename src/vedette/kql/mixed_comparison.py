"""Comparing a text with a number or a bool, which published queries do because workspaces type columns differently.

Equality with a constant converts the constant, so that a column is compared as it is stored: `EventID == "4624"`
compares numbers, `ResultType == 0` the text `0`. All else compares as numbers or bools; a text that is none is null.
"""

from dataclasses import dataclass

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.conversion import comparable, convert
from vedette.kql.diagnostics import Span
from vedette.kql.literals import parse_bool, parse_decimal, parse_long, parse_real
from vedette.kql.types import INTEGRAL, NUMERIC, ScalarType

_EQUALITIES = frozenset({"==", "!="})
CASTS = {type: f"to{type.value}" for type in ScalarType}
CASTS[ScalarType.real] = "todouble"
CASTS[ScalarType.dynamic] = "tostring"
"""The function that makes values of each type comparable."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Both sides in one type, and what to tell the writer."""

    left: plan.Expression
    right: plan.Expression
    message: str
    hint: str


def comparable_or_warned(
    binder: Binder, operator: str, left: plan.Expression, right: plan.Expression, span: Span
) -> tuple[plan.Expression, plan.Expression] | None:
    """Both sides of a comparison in one type, None where they do not compare; a text beside a number is warned of."""
    pair = comparable(left, right)
    if pair is not None:
        return pair
    mixed = compare_mixed(operator, left, right)
    if mixed is None:
        return None
    binder.warn("WRN0002", mixed.message, span, mixed.hint)
    return mixed.left, mixed.right


def compare_mixed(operator: str, left: plan.Expression, right: plan.Expression) -> Mixed | None:
    """How `left operator right` is read where one side is a string and the other a number or a bool, else None."""
    if left.type is ScalarType.string and _is_value(right):
        text, value, message, hint = _mixed(operator, left, right)
        return Mixed(text, value, message, hint)
    if right.type is ScalarType.string and _is_value(left):
        text, value, message, hint = _mixed(operator, right, left)
        return Mixed(value, text, message, hint)
    return None


def _is_value(expression: plan.Expression) -> bool:
    return expression.type in NUMERIC or expression.type is ScalarType.bool


def _mixed(
    operator: str, text: plan.Expression, value: plan.Expression
) -> tuple[plan.Expression, plan.Expression, str, str]:
    said = f"This compares a string with a {value.type.value}"
    if isinstance(text, plan.Constant):
        number = _number(str(text.value), value.type)
        if number is None:
            null = plan.Constant(None, value.type)
            return null, value, f"{said}, and '{text.value}' is none: they are never equal.", "Compare with a value."
        target = number.type
        return number, convert(value, target), f"{said}: the text is read as one.", "Write the value without quotes."
    if operator in _EQUALITIES and isinstance(value, plan.Constant) and value.type in INTEGRAL:
        written = str(value.value)
        return text, plan.Constant(written, ScalarType.string), f"{said}: as texts.", f"Write '{written}' in quotes."
    target = ScalarType.real if _is_wide(text, value) else value.type
    message = f"{said}: the string is read as a {target.value}, null where it is none."
    return plan.Convert(text, target), convert(value, target), message, f"Write {CASTS[target]}(…) around the string."


def _is_wide(text: plan.Expression, value: plan.Expression) -> bool:
    """Whether a text may hold a fraction that an integer constant is ordered against."""
    return value.type in INTEGRAL and isinstance(value, plan.Constant) and not isinstance(text, plan.Constant)


def _number(text: str, type: ScalarType) -> plan.Constant | None:
    """A constant text as a value of that type, or as a real where an integer has a fraction."""
    if type is ScalarType.bool:
        truth = parse_bool(text)
        return None if truth is None else plan.Constant(truth, type)
    if type is ScalarType.decimal:
        exact = parse_decimal(text)
        return None if exact is None else plan.Constant(exact, type)
    if type in INTEGRAL:
        whole = parse_long(text)
        if whole is not None:
            fits = type is ScalarType.int and -(2**31) <= whole < 2**31
            return plan.Constant(whole, ScalarType.int if fits else ScalarType.long)
    real = parse_real(text)
    return None if real is None else plan.Constant(real, ScalarType.real)
