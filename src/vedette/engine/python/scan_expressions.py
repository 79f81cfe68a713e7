"""The expressions of a program of `scan` as Python functions of a row and the records of the steps before it; nulls as
Kusto has them (https://learn.microsoft.com/kusto/query/scalar-data-types/null-values)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Columns = Sequence[Sequence[Any]]
Records = Sequence[Sequence[Any] | None]
Evaluate = Callable[[int, Records], Any]

_WORDS = 1 << 64
_SIGN = 1 << 63
_TICKS_TYPES = ("datetime", "timespan")


def compiled(code: Sequence[Any], given: Columns, defaults: Sequence[Any]) -> Evaluate:
    """The function for the words of `kql/scan_program.py`; `defaults` are the cells of a record that is not there."""
    kind, *rest = code
    match kind:
        case "constant":
            (value,) = rest
            return lambda row, records: value
        case "given":
            values = given[rest[0]]
            return lambda row, records: values[row]
        case "state":
            step, cell = rest
            missing = defaults[cell]
            return lambda row, records: missing if (record := records[step]) is None else record[cell]
        case "call":
            name, types, arguments = rest
            return _call(name, types, [compiled(each, given, defaults) for each in arguments])
        case "and" | "or":
            return _logical([compiled(each, given, defaults) for each in rest[0]], decisive=kind == "or")
        case "convert":
            source, target, operand = rest
            return _converted(source, target, compiled(operand, given, defaults))
        case "in":
            negated, folded, operand, values = rest
            tests = [compiled(each, given, defaults) for each in values]
            return _member(compiled(operand, given, defaults), tests, negated=negated, folded=folded)
        case _:
            raise ValueError(f"a program of scan has no '{kind}'")


def _logical(operands: Sequence[Evaluate], *, decisive: bool) -> Evaluate:
    def evaluate(row: int, records: Records) -> bool | None:
        is_known = True
        for operand in operands:
            value = operand(row, records)
            if value is decisive:
                return decisive
            is_known = is_known and value is not None
        return (not decisive) if is_known else None

    return evaluate


def _converted(source: str, target: str, operand: Evaluate) -> Evaluate:
    if target == "string":
        return lambda row, records: text_of(operand(row, records))
    if target == "real":
        return lambda row, records: None if (value := operand(row, records)) is None else float(value)
    if target == "dynamic" and source == "string":
        return lambda row, records: operand(row, records)
    return operand


def _member(operand: Evaluate, values: Sequence[Evaluate], *, negated: bool, folded: bool) -> Evaluate:
    def evaluate(row: int, records: Records) -> bool:
        value = operand(row, records)
        others = [each(row, records) for each in values]
        if folded:
            value, others = value.lower(), [each.lower() for each in others]
        return (value is not None and value in others) is not negated

    return evaluate


def _call(name: str, types: Sequence[str], arguments: Sequence[Evaluate]) -> Evaluate:
    lazy = _LAZY.get(name)
    if lazy is not None:
        return lazy(arguments)
    if name in _OF_NULLS:
        function = _OF_NULLS[name]
        return lambda row, records: function(*[each(row, records) for each in arguments])
    strict = _arithmetic(name, types) if name in _ARITHMETIC else _STRICT[name]

    def evaluate(row: int, records: Records) -> Any:
        values = [each(row, records) for each in arguments]
        return None if None in values else strict(*values)

    return evaluate


def text_of(value: Any) -> str:
    """A value as `tostring` writes it."""
    if value is None:
        return ""
    return str(value)


# --- by cases ------------------------------------------------------------------------------------------------------


def _case(arguments: Sequence[Evaluate]) -> Evaluate:
    pairs = list(zip(arguments[:-1:2], arguments[1:-1:2], strict=True))

    def evaluate(row: int, records: Records) -> Any:
        for condition, value in pairs:
            if condition(row, records) is True:
                return value(row, records)
        return arguments[-1](row, records)

    return evaluate


def _coalesce(arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(row: int, records: Records) -> Any:
        value = None
        for each in arguments:
            value = each(row, records)
            if value is not None and value != "":
                break
        return value

    return evaluate


_LAZY: Mapping[str, Callable[[Sequence[Evaluate]], Evaluate]] = {"iff": _case, "case": _case, "coalesce": _coalesce}


# --- of nulls too --------------------------------------------------------------------------------------------------


def _equal(left: Any, right: Any) -> bool | None:
    return None if left is None and right is None else left == right


def _different(left: Any, right: Any) -> bool | None:
    return None if left is None and right is None else left != right


def _best(choose: Callable[..., Any]) -> Callable[..., Any]:
    def best(*values: Any) -> Any:
        known = [each for each in values if each is not None]
        return next((each for each in known if each != each), None) or choose(known, default=None)

    return best


_OF_NULLS: Mapping[str, Callable[..., Any]] = {
    "==": _equal,
    "!=": _different,
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "isempty": lambda value: value is None or value == "",
    "isnotempty": lambda value: value is not None and value != "",
    "max_of": _best(max),
    "min_of": _best(min),
    "tostring": text_of,
    "strcat": lambda *values: "".join(map(text_of, values)),
    "array_concat": lambda *arrays: [each for array in arrays if isinstance(array, list) for each in array],
}


# --- null of null --------------------------------------------------------------------------------------------------


def _whole(value: float) -> int | None:
    """A number cut to a whole one; null where it is none, or too large."""
    if not math.isfinite(value) or not -(2.0**63) <= value < 2.0**63:
        return None
    return int(value)


_STRICT: Mapping[str, Callable[..., Any]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "=~": lambda left, right: left.lower() == right.lower(),
    "!~": lambda left, right: left.lower() != right.lower(),
    "not": lambda value: not value,
    "abs": abs,
    "strlen": len,
    "tolower": str.lower,
    "toupper": str.upper,
    "startswith": lambda text, part: text.lower().startswith(part.lower()),
    "endswith": lambda text, part: text.lower().endswith(part.lower()),
    "contains": lambda text, part: part.lower() in text.lower(),
    "startswith_cs": str.startswith,
    "endswith_cs": str.endswith,
    "contains_cs": lambda text, part: part in text,
    "replace_string": lambda text, part, other: text.replace(part, other) if part else text,
    "tolong": _whole,
    "todouble": float,
    "array_length": lambda array: len(array) if isinstance(array, list) else None,
}


def wrapped(value: int) -> int:
    """The low 64 bits, with their sign."""
    return (value + _SIGN) % _WORDS - _SIGN


def _arithmetic(name: str, types: Sequence[str]) -> Callable[..., Any]:
    """The operator on these types: of whole numbers and ticks it gives whole ones, but ticks by ticks a real."""
    is_whole = "real" not in types
    if name == "/" and is_whole:
        return _ratio if types == ["timespan", "timespan"] else _quotient
    if name == "/":
        return _real_quotient if types[0] == "real" else lambda left, right: int(left / right) if right else None
    if name == "%":
        return _remainder
    function = _ARITHMETIC[name]
    if is_whole:
        return lambda *values: wrapped(function(*values))
    if any(each in _TICKS_TYPES for each in types):
        return lambda *values: round(function(*values))
    return function


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
    "negate": lambda value: -value,
}


def _quotient(left: int, right: int) -> int | None:
    if not right:
        return None
    size = abs(left) // abs(right)
    return wrapped(size if (left < 0) == (right < 0) else -size)


def _ratio(left: int, right: int) -> float:
    return _real_quotient(float(left), float(right))


def _real_quotient(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder(left: Any, right: Any) -> Any:
    """Never negative, whatever the signs."""
    return left % abs(right) if right else None


FUNCTIONS = frozenset({*_LAZY, *_OF_NULLS, *_STRICT, *_ARITHMETIC})
"""The functions that a program may call."""
