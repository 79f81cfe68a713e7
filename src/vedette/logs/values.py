"""Python values as Arrow columns; a value that does not fit its column's type is refused by field and row."""

import json
import reprlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType

DECIMAL = pa.decimal128(38, 17)
_SHOWN = 60
_NAME_LENGTH = 500


class _Misfit(ValueError):
    """A value is not of its column's type."""


def arrow_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, ScalarType]) -> pa.Table:
    """The rows with those of the `columns` that occur in them; absent fields are null.

    Accepted values: bool; int (also where real or decimal is asked, never bool); float (NaN and infinities too);
    Decimal of at most 21 digits before and 17 after the point; datetime, naive meaning UTC, or ISO 8601 text;
    timespan as int ticks of 100 ns or timedelta; guid as UUID or text; any JSON value for dynamic.
    Raises InvalidInput (InvalidDataFormat) with `field` and, for a value, `row`.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    arrays = [_array(name, column_type(name, columns), [row.get(name) for row in rows]) for name in names]
    return pa.table(arrays, names=names)


def check_name(name: str) -> None:
    """Raises InvalidInput (InvalidDataFormat) for a name that no table or column can have."""
    if not name or len(name) > _NAME_LENGTH or "\0" in name or not _is_text(name):
        raise InvalidInput(
            "InvalidDataFormat", f"{_shown(name)} cannot be a name here: 1 to {_NAME_LENGTH} characters, no NUL."
        )


def column_type(name: str, columns: Mapping[str, ScalarType]) -> ScalarType:
    """The type of the table's column of that name. Raises InvalidInput (InvalidDataFormat) where there is none."""
    if name in columns:
        return columns[name]
    twin = next((column for column in columns if column.lower() == str(name).lower()), None)
    hint = f" Did you mean '{twin}'?" if twin else ""
    raise InvalidInput("InvalidDataFormat", f"The table has no column {_shown(name)}.{hint}", field=name)


def _array(name: str, type: ScalarType, values: list[Any]) -> pa.Array:
    convert = _CONVERTERS[type]
    try:
        return convert(values)
    except _MISFITS as error:
        row = next(index for index, value in enumerate(values) if not _fits(convert, value))
        raise InvalidInput(
            "InvalidDataFormat",
            f"Field '{name}' of row {row + 1} does not fit its column's type {type.value}: {_shown(values[row])}.",
            field=name,
            row=row,
        ) from error


def _fits(convert: Callable[[list[Any]], pa.Array], value: Any) -> bool:
    try:
        convert([value])
    except _MISFITS:
        return False
    return True


def _shown(value: Any) -> str:
    text = reprlib.repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _only(values: list[Any], *types: type) -> None:
    """Raises _Misfit unless every value is None or of exactly one of the types (bool is no int here)."""
    odd = set(map(type, values)) - {type(None), *types}
    if odd:
        raise _Misfit(f"unexpected {', '.join(sorted(each.__name__ for each in odd))}")


def _each(convert: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]


def _bools(values: list[Any]) -> pa.Array:
    _only(values, bool)
    return pa.array(values, pa.bool_())


def _ints(values: list[Any]) -> pa.Array:
    _only(values, int)
    return pa.array(values, pa.int32())


def _longs(values: list[Any]) -> pa.Array:
    _only(values, int)
    return pa.array(values, pa.int64())


def _reals(values: list[Any]) -> pa.Array:
    _only(values, float, int)
    return pa.array(_each(float, values), pa.float64())


def _decimals(values: list[Any]) -> pa.Array:
    _only(values, Decimal, int)
    return pa.array(_each(Decimal, values), DECIMAL)


def _strings(values: list[Any]) -> pa.Array:
    _only(values, str)
    return pa.array(values, pa.string())


def _datetimes(values: list[Any]) -> pa.Array:
    _only(values, datetime, str)
    return pa.array(_each(_utc, values), pa.timestamp("us"))


def _utc(value: datetime | str) -> datetime:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


def _timespans(values: list[Any]) -> pa.Array:
    _only(values, int, timedelta)
    return pa.array(_each(_ticks, values), pa.int64())


def _ticks(value: int | timedelta) -> int:
    return value if isinstance(value, int) else value // timedelta(microseconds=1) * 10


def _guids(values: list[Any]) -> pa.Array:
    _only(values, UUID, str)
    return pa.array(_each(_guid, values), pa.string())


def _guid(value: UUID | str) -> str:
    return str(value if isinstance(value, UUID) else UUID(value))


def dynamics(values: list[Any]) -> pa.Array:
    """Any values as JSON text. Raises ValueError, TypeError or RecursionError for what JSON cannot say."""
    return pa.array(_each(_json, values), pa.string())


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        # orjson stops at 64-bit integers; the engine keeps larger ones as reals.
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if not _is_text(text):
            raise
        return text


_MISFITS = (ValueError, TypeError, ArithmeticError, RecursionError, pa.ArrowException)

_CONVERTERS: Mapping[ScalarType, Callable[[list[Any]], pa.Array]] = {
    ScalarType.bool: _bools,
    ScalarType.int: _ints,
    ScalarType.long: _longs,
    ScalarType.real: _reals,
    ScalarType.decimal: _decimals,
    ScalarType.string: _strings,
    ScalarType.datetime: _datetimes,
    ScalarType.timespan: _timespans,
    ScalarType.guid: _guids,
    ScalarType.dynamic: dynamics,
}
