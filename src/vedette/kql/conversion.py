"""Implicit conversions: what Kusto does by itself when types meet."""

import json
from datetime import datetime
from typing import Any

from vedette.kql import plan
from vedette.kql.literals import parse_datetime, parse_timespan
from vedette.kql.signatures import is_null
from vedette.kql.types import NUMERIC, ScalarType


def convert(expression: plan.Expression, target: ScalarType) -> plan.Expression:
    """The expression as `target`; constants are converted at once where that is exact."""
    if expression.type is target:
        return expression
    if is_null(expression):
        return plan.Constant("" if target is ScalarType.string else None, target)
    if isinstance(expression, plan.Constant):
        folded = _fold(expression, target)
        if folded is not None:
            return folded
    return plan.Convert(expression, target)


def _fold(constant: plan.Constant, target: ScalarType) -> plan.Constant | None:
    value: Any = constant.value
    if constant.type in (ScalarType.int, ScalarType.long):
        if target in (ScalarType.int, ScalarType.long):
            return plan.Constant(value, target)
        if target is ScalarType.real:
            return plan.Constant(float(value), target)
    if constant.type is ScalarType.dynamic and target is ScalarType.string:
        return plan.Constant(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")), target)
    return None


def comparable(left: plan.Expression, right: plan.Expression) -> tuple[plan.Expression, plan.Expression] | None:
    """Both sides of a comparison in one type, or None where Kusto does not compare them."""
    if left.type is right.type:
        return None if left.type is ScalarType.dynamic and not (is_null(left) or is_null(right)) else (left, right)
    if is_null(left) or is_null(right):
        other = right.type if is_null(left) else left.type
        return convert(left, other), convert(right, other)
    for one, other in ((left, right), (right, left)):
        target = _meets(one, other)
        if target is not None:
            converted = _constant_text(other, target) or convert(other, target)
            pair = (convert(one, target), converted)
            return pair if one is left else (pair[1], pair[0])
    return None


def _meets(one: plan.Expression, other: plan.Expression) -> ScalarType | None:
    """The type in which `one` and `other` compare, `other` being the one that gives way."""
    if other.type is ScalarType.dynamic:
        return one.type
    if one.type is ScalarType.int and _is_small(other):
        return ScalarType.int  # the constant gives way, so that a column is compared as it is stored
    if one.type in NUMERIC and other.type in NUMERIC:
        order = (ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.decimal)
        return max(one.type, other.type, key=order.index)
    if one.type in NUMERIC and other.type is ScalarType.bool:
        return one.type
    if one.type is ScalarType.string and other.type is ScalarType.guid:
        return ScalarType.string
    if one.type in (ScalarType.datetime, ScalarType.timespan) and _constant_text(other, one.type) is not None:
        return one.type
    return None


def _is_small(expression: plan.Expression) -> bool:
    if not isinstance(expression, plan.Constant) or expression.type is not ScalarType.long:
        return False
    return isinstance(expression.value, int) and -(2**31) <= expression.value < 2**31


def _constant_text(expression: plan.Expression, target: ScalarType) -> plan.Constant | None:
    """A constant text read as a datetime or timespan, as Kusto does beside one."""
    if not isinstance(expression, plan.Constant) or not isinstance(expression.value, str):
        return None
    if expression.type is not ScalarType.string:
        return None
    value: datetime | int | None = None
    if target is ScalarType.datetime:
        value = parse_datetime(expression.value)
    elif target is ScalarType.timespan:
        value = parse_timespan(expression.value)
    return None if value is None else plan.Constant(value, target)


def as_text(expression: plan.Expression) -> plan.Expression:
    """String operators read a dynamic or a guid as its text."""
    if expression.type in (ScalarType.dynamic, ScalarType.guid):
        return convert(expression, ScalarType.string)
    return expression
