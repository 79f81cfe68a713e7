"""Arrow tables from elsewhere, a transformation's result or a Parquet file, as the typed rows of a log table."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from vedette.core.errors import InvalidInput
from vedette.engine.arrow_types import ARROW_TYPES
from vedette.kql.types import ScalarType
from vedette.logs.values import DECIMAL, column_type, dynamics

_MICROSECONDS = pa.timestamp("us")
_TICK = 100  # nanoseconds


def typed_rows(rows: pa.Table, columns: Mapping[str, ScalarType]) -> pa.Table:
    """The rows with each column as storage takes it: guid and dynamic as text (JSON for dynamic), datetime as
    timestamp[us] in UTC, timespan as int64 ticks of 100 ns, decimal as decimal128(38, 17).

    Taken are Arrow types whose values all fit: any integers, floats also where integers are given, text in each of its
    encodings (also for a decimal, a guid, and JSON for a dynamic), timestamps and dates, durations or ticks, and lists,
    structs and maps for a dynamic. Raises InvalidInput (InvalidDataFormat) with `field`.
    """
    names = rows.column_names
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput("InvalidDataFormat", f"There are two columns '{twice}'.", field=twice)
    arrays = [_column(name, column_type(name, columns), rows.column(name)) for name in names]
    return pa.table(arrays, names=names)


def _column(name: str, type: ScalarType, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        return values.cast(_STORED[type]) if pa.types.is_null(values.type) else _CASTS[type](values)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(
            "InvalidDataFormat",
            f"Column '{name}' does not fit its type {type.value}: {str(error).partition(chr(10))[0][:200]}.",
            field=name,
        ) from error


def _only(values: pa.ChunkedArray, *fitting: Callable[[pa.DataType], bool]) -> pa.ChunkedArray:
    if not any(fits(values.type) for fits in fitting):
        raise ValueError(f"it holds {values.type}")
    return values


def _is_text(type: pa.DataType) -> bool:
    return pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type)


def _bools(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, pa.types.is_boolean)


def _ints(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, pa.types.is_integer).cast(pa.int32())


def _longs(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, pa.types.is_integer).cast(pa.int64())


def _reals(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, pa.types.is_floating, pa.types.is_integer).cast(pa.float64())


def _decimals(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, pa.types.is_decimal, pa.types.is_integer, _is_text).cast(DECIMAL)


def _strings(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return _only(values, _is_text).cast(pa.string())


def _datetimes(values: pa.ChunkedArray) -> pa.ChunkedArray:
    timed = _only(values, pa.types.is_timestamp, pa.types.is_date)
    zoned = pa.types.is_timestamp(timed.type) and timed.type.tz is not None
    # Kusto's datetime has ticks of 100 ns, storage has microseconds: what lies between is cut.
    options = pc.CastOptions(pa.timestamp("us", "UTC") if zoned else _MICROSECONDS, allow_time_truncate=True)
    return timed.cast(options=options).cast(_MICROSECONDS)


def _timespans(values: pa.ChunkedArray) -> pa.ChunkedArray:
    spans = _only(values, pa.types.is_integer, pa.types.is_duration)
    if pa.types.is_integer(spans.type):
        return spans.cast(pa.int64())
    nanoseconds = spans.cast(pa.duration("ns")).cast(pa.int64())
    return pc.call_function("divide", [nanoseconds, pa.scalar(_TICK, pa.int64())])


def _dynamics(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if _is_text(values.type):
        return values.cast(pa.string())
    return pa.chunked_array([dynamics(values.to_pylist())], pa.string())


_STORED: Mapping[ScalarType, pa.DataType] = {**ARROW_TYPES, ScalarType.decimal: DECIMAL}

_CASTS: Mapping[ScalarType, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    ScalarType.bool: _bools,
    ScalarType.int: _ints,
    ScalarType.long: _longs,
    ScalarType.real: _reals,
    ScalarType.decimal: _decimals,
    ScalarType.string: _strings,
    ScalarType.datetime: _datetimes,
    ScalarType.timespan: _timespans,
    ScalarType.guid: _strings,
    ScalarType.dynamic: _dynamics,
}
