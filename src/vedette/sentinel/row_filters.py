"""The filters by which rows are deleted, as a KQL condition: they mean what they would mean in a query.

https://learn.microsoft.com/rest/api/loganalytics/workspace-purge/purge
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.kql.literals import parse_datetime, parse_guid, parse_timespan
from vedette.kql.types import ScalarType
from vedette.logs.table_changes import quoted, text_literal

MOST_FILTERS: Final = 100
MOST_VALUES: Final = 10_000

_COMPARISONS = frozenset({"==", ">", ">=", "<", "<="})
_LISTS = frozenset({"in", "in~"})
_OF_TEXTS = frozenset({"=~", "in~"})
_OPERATORS = (*sorted(_COMPARISONS), "=~", "in", "in~", "between")


def condition(value: Any, columns: Mapping[str, ScalarType]) -> str:
    """The condition that all of the filters `{column, operator, value, key?}` hold.

    Raises InvalidInput (InvalidParameter) for a filter that is none, or names a column that the table does not have.
    """
    if not isinstance(value, list) or not value:
        raise _invalid("'filters' must be a list of one filter or more: without one, every row would be deleted.")
    filters = cast("list[Any]", value)
    if len(filters) > MOST_FILTERS:
        raise _invalid(f"There are {len(filters)} filters; {MOST_FILTERS} is the most.")
    return " and ".join(f"({_filter(each, columns)})" for each in filters)


def _filter(value: Any, columns: Mapping[str, ScalarType]) -> str:
    if not isinstance(value, dict):
        raise _invalid("A filter must be an object with 'column', 'operator' and 'value'.")
    given = cast("dict[str, Any]", value)
    column, key, operator = given.get("column"), given.get("key"), given.get("operator")
    if not isinstance(column, str) or column not in columns:
        raise _invalid(f"The table has no column '{str(column)[:80]}'.")
    if not isinstance(operator, str) or operator not in _OPERATORS:
        raise _invalid(f"The operator '{str(operator)[:40]}' is not supported; {', '.join(_OPERATORS)} are.")
    subject, type = quoted(column), columns[column]
    if key is not None:
        if type is not ScalarType.dynamic or not isinstance(key, str):
            raise _invalid(f"'key' names a property of a dynamic column, which '{column}' is not.")
        subject = f"{subject}[{text_literal(key)}]"
    if type is ScalarType.dynamic:
        subject, type = f"tostring({subject})", ScalarType.string
    if operator in _OF_TEXTS and type is not ScalarType.string:
        raise _invalid(f"The operator '{operator}' is for strings; '{column}' is {type.value}.")
    return _test(subject, operator, given.get("value"), type, column)


def _test(subject: str, operator: str, value: Any, type: ScalarType, column: str) -> str:
    if operator in _LISTS:
        values = _several(value, operator, 1, MOST_VALUES)
        return f"{subject} {operator} ({', '.join(_constant(each, type, column) for each in values)})"
    if operator == "between":
        low, high = _several(value, operator, 2, 2)
        return f"{subject} between ({_constant(low, type, column)} .. {_constant(high, type, column)})"
    if type is ScalarType.string and operator in ("<", "<=", ">", ">="):
        return f"strcmp({subject}, {_constant(value, type, column)}) {operator} 0"
    return f"{subject} {operator} {_constant(value, type, column)}"


def _several(value: Any, operator: str, least: int, most: int) -> Sequence[Any]:
    if not isinstance(value, list) or not least <= len(cast("list[Any]", value)) <= most:
        wanted = f"{least} values" if least == most else f"{least} to {most} values"
        raise _invalid(f"The operator '{operator}' takes a list of {wanted}.")
    return cast("list[Any]", value)


def _constant(value: Any, type: ScalarType, column: str) -> str:
    made = _CONSTANTS[type](value) if isinstance(value, str | int | float) else None
    if made is None:
        raise _invalid(f"The value {str(value)[:80]!r} does not fit the column '{column}' of type {type.value}.")
    return made


def _text(value: Any) -> str | None:
    return text_literal(value) if isinstance(value, str) else None


def _datetime(value: Any) -> str | None:
    instant = parse_datetime(value) if isinstance(value, str) else None
    return None if instant is None else f"datetime({instant.isoformat()})"


def _guid(value: Any) -> str | None:
    guid = parse_guid(value) if isinstance(value, str) else None
    return None if guid is None else f"guid({guid})"


def _timespan(value: Any) -> str | None:
    ticks = parse_timespan(value) if isinstance(value, str) else None
    return None if ticks is None else f"timespan({value.strip()})"


def _whole(value: Any) -> str | None:
    try:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            return None
        return f"long({int(value)})"
    except (ValueError, OverflowError):
        return None


def _real(value: Any) -> str | None:
    try:
        return None if isinstance(value, bool) else f"real({float(value)!r})"
    except (ValueError, OverflowError):
        return None


def _truth(value: Any) -> str | None:
    said = str(value).lower()
    return f"bool({said})" if said in ("true", "false") else None


_CONSTANTS: Mapping[ScalarType, Callable[[Any], str | None]] = {
    ScalarType.string: _text,
    ScalarType.datetime: _datetime,
    ScalarType.guid: _guid,
    ScalarType.timespan: _timespan,
    ScalarType.int: _whole,
    ScalarType.long: _whole,
    ScalarType.real: _real,
    ScalarType.decimal: _real,
    ScalarType.bool: _truth,
}


def _invalid(message: str) -> InvalidInput:
    return InvalidInput("InvalidParameter", message)
