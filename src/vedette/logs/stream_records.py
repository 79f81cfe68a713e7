"""JSON records as the typed rows of a stream: a value that does not fit its column's type is null, as in Azure.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure#stream-declarations
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any, Final

import orjson
import pyarrow as pa

from vedette.core.errors import InvalidInput
from vedette.engine.arrow_types import ARROW_TYPES
from vedette.kql.literals import (
    parse_bool,
    parse_datetime,
    parse_decimal,
    parse_guid,
    parse_int,
    parse_long,
    parse_real,
    parse_timespan,
)
from vedette.kql.types import ScalarType

VALUE_BYTES: Final = 64 * 1024
"""Longest value, in bytes of UTF-8; the rest of a longer one is cut off."""

_SURELY_SHORT = VALUE_BYTES // 4  # characters
_INT = 2**31
_LONG = 2**63
_DECIMAL_BOUND = Decimal(10) ** 21


def stream_table(records: Sequence[Mapping[str, Any]], columns: Mapping[str, ScalarType]) -> pa.Table:
    """The records' values of these columns, as `logs.values` types them; properties of other names are left out.

    Texts become numbers, bools and times where they read as such, and everything becomes text; what does not convert
    is null. Raises InvalidInput (InvalidPayload) for a value that is nested too deeply to be written.
    """
    arrays = [_array(type, [record.get(name) for record in records]) for name, type in columns.items()]
    return pa.table(arrays, names=list(columns))


def _array(type: ScalarType, values: list[Any]) -> pa.Array:
    convert = _CONVERSIONS[type]
    return pa.array([None if value is None else convert(value) for value in values], ARROW_TYPES[type])


def _as_bool(value: Any) -> bool | None:
    match value:
        case bool():
            return value
        case int():
            return value != 0
        case str():
            return parse_bool(value.strip())
        case _:
            return None


def _whole(parse: Callable[[str], int | None], bound: int) -> Callable[[Any], int | None]:
    def convert(value: Any) -> int | None:
        match value:
            case bool():
                return int(value)
            case int():
                return value if -bound <= value < bound else None
            case float():
                return int(value) if value.is_integer() and -bound <= value < bound else None
            case str():
                return parse(value.strip())
            case _:
                return None

    return convert


def _as_real(value: Any) -> float | None:
    match value:
        case bool():
            return float(value)
        case int() | float():
            return float(value)
        case str():
            return parse_real(value.strip())
        case _:
            return None


def _as_decimal(value: Any) -> str | None:
    """The number as text of at most 21 digits before and 17 after the point, which is what storage takes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = parse_decimal(str(value))
    if number is None or abs(number) >= _DECIMAL_BOUND:
        return None
    with localcontext(prec=60):
        return format(round(number, 17), "f")


def _as_text(value: Any) -> str:
    text = value if type(value) is str else _json(value)
    return text if len(text) <= _SURELY_SHORT else _cut(text)


def _as_guid(value: Any) -> str | None:
    return parse_guid(value.strip()) if isinstance(value, str) else None


def _as_timespan(value: Any) -> int | None:
    return parse_timespan(value.strip()) if isinstance(value, str) else None


def _as_json(value: Any) -> str:
    text = _json(value)
    if len(text) <= _SURELY_SHORT or len(text.encode()) <= VALUE_BYTES:
        return text
    return _json(_cut(value if isinstance(value, str) else text))


def _as_datetime(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return _naive(parse_datetime(value.strip()))
    return _naive(instant)


def _naive(instant: datetime | None) -> datetime | None:
    if instant is None or instant.tzinfo is None:
        return instant
    try:
        return instant.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise InvalidInput("InvalidPayload", "A value is nested too deeply.") from error


def _cut(text: str) -> str:
    """The longest head that fits into VALUE_BYTES, cut between characters."""
    encoded = text.encode()
    return text if len(encoded) <= VALUE_BYTES else encoded[:VALUE_BYTES].decode(errors="ignore")


_CONVERSIONS: Mapping[ScalarType, Callable[[Any], Any]] = {
    ScalarType.bool: _as_bool,
    ScalarType.int: _whole(parse_int, _INT),
    ScalarType.long: _whole(parse_long, _LONG),
    ScalarType.real: _as_real,
    ScalarType.decimal: _as_decimal,
    ScalarType.string: _as_text,
    ScalarType.datetime: _as_datetime,
    ScalarType.timespan: _as_timespan,
    ScalarType.guid: _as_guid,
    ScalarType.dynamic: _as_json,
}
"""What makes a value of each type, as `ARROW_TYPES` keeps it."""
