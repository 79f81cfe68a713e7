"""Query results as the query API writes them: Arrow batches to JSON, a column at a time.

https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.kql.types import ScalarType
from vedette.logs.result import ResultColumn

_PIECE_ROWS: Final = 8192
_TICKS_PER_SECOND: Final = 10_000_000
_TICKS_PER_DAY: Final = 86_400 * _TICKS_PER_SECOND

# Arrow writes a timestamp of microseconds with six digits, always; the API leaves out the zeros at their end.
_ARROW_DATETIME: Final = r"^(.{10}) (.{8})(\.[0-9]*?[1-9])?[.0]*$"
_LAST_INSTANT: Final = pc.MatchSubstringOptions(".999999")
_AS_WIRE_DATETIME: Final = pc.ReplaceSubstringOptions(_ARROW_DATETIME, r"\1T\2\3Z")


def encode_result(
    batches: Iterable[pa.RecordBatch], columns: Sequence[ResultColumn], *, nested: bool = False
) -> Iterator[bytes]:
    """The rows of all batches as `encode_rows` writes them, in pieces of so few rows that one is small in memory, with
    a comma before each but the first."""
    comma = b""
    for batch in batches:
        for start in range(0, batch.num_rows, _PIECE_ROWS):
            yield comma + encode_rows(batch.slice(start, _PIECE_ROWS), columns, nested=nested)
            comma = b","


def encode_rows(batch: pa.RecordBatch, columns: Sequence[ResultColumn], *, nested: bool = False) -> bytes:
    """The rows of a batch as JSON arrays with commas between them; nothing for no rows. A dynamic is a string of JSON,
    or, where `nested`, that JSON itself.

    The batch has the edge representation of query results: datetimes as timestamps in UTC, timespans as ticks of
    100 ns, decimals, guids and dynamics as text. A null is null, an empty string is "".
    """
    if batch.num_rows == 0:
        return b""
    cells = [
        _nested(values)
        if nested and column.type is ScalarType.dynamic
        else column_cells(values, column.type, column.digit)
        for values, column in zip(batch.columns, columns, strict=True)
    ]
    return orjson.dumps(list(zip(*cells, strict=True)))[1:-1]


def column_cells(column: pa.Array, type: ScalarType, digit: int = 0) -> list[Any]:
    """The column's values as JSON has them; `digit` is the seventh of datetimes."""
    match type:
        case ScalarType.datetime if digit:
            texts = column.cast(pa.timestamp("us")).cast(pa.string()).to_pylist()
            return [None if text is None else f"{text[:10]}T{text[11:26]}{digit}Z" for text in texts]
        case ScalarType.datetime:
            return _datetime_texts(column).to_pylist()
        case ScalarType.timespan:
            return _timespan_texts(column).to_pylist()
        case ScalarType.real:
            return _reals(column)
        case _:
            return column.to_pylist()


def _nested(column: pa.Array) -> list[Any]:
    return [None if text is None else orjson.Fragment(text) for text in column.to_pylist()]


def timespan_text(ticks: int) -> str:
    """Ticks of 100 ns as `[-][d.]hh:mm:ss[.fffffff]`."""
    days, rest = divmod(abs(ticks), _TICKS_PER_DAY)
    seconds, fraction = divmod(rest, _TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    sign = "-" if ticks < 0 else ""
    day = f"{days}." if days else ""
    part = f".{fraction:07d}" if fraction else ""
    return f"{sign}{day}{hour:02d}:{minute:02d}:{second:02d}{part}"


def _datetime_texts(column: pa.Array) -> pa.Array:
    written = column.cast(pa.timestamp("us")).cast(pa.string())
    last = pc.call_function("ends_with", [written], _LAST_INSTANT)  # as kql.literals.format_datetime has it
    if pc.call_function("any", [last]).as_py():
        written = pc.call_function(
            "if_else", [last, pc.call_function("binary_join_element_wise", [written, "9", ""]), written]
        )
    return pc.call_function("replace_substring_regex", [written], _AS_WIRE_DATETIME)


def _timespan_texts(column: pa.Array) -> pa.Array:
    """Each distinct timespan is written once."""
    encoded = column.dictionary_encode()
    texts = pa.array([timespan_text(ticks) for ticks in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _reals(column: pa.Array) -> list[Any]:
    """Doubles; NaN and the infinities, for which JSON has no numbers, are the strings that Kusto writes."""
    values = column.to_pylist()
    if pc.call_function("all", [pc.call_function("is_finite", [column])]).as_py() is not False:
        return values
    return [value if value is None or value - value == 0 else _not_finite(value) for value in values]


def _not_finite(value: float) -> str:
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
