"""`custom_log.type_rows` a column at a time, for records that are alike, as those of one sender mostly are.

It gives the same columns and values or, where records differ in a way that matters, nothing: then each row is typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from vedette.kql.types import ScalarType
from vedette.logs.custom_log import TABLE_COLUMNS, VALUE_BYTES, RowTyper

_SHORTEST: Final = 16  # characters of a date and time; shorter text is text
_LIKE_DATETIME: Final = pc.MatchSubstringOptions(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
# Years that no time zone can bring out of Python's range; Arrow itself knows no such range.
_LOCAL: Final = r"^[1-8]\d{3}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_WITHOUT_ZONE: Final = pc.MatchSubstringOptions(f"{_LOCAL}$")
_WITH_ZONE: Final = pc.MatchSubstringOptions(rf"{_LOCAL}(Z|[+-]\d\d:?\d\d)$")
_LIKE_GUID: Final = pc.MatchSubstringOptions(
    r"^\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?$"
)
_GUID: Final = pc.MatchSubstringOptions(
    r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
)
_NAIVE: Final = pa.timestamp("us")
_AWARE: Final = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class TypedColumns:
    """Typed rows as Arrow, and the columns that they need beyond the ones the table had."""

    columns: Mapping[str, ScalarType]
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class _Alike:
    """A property whose values all have one letter: as sent, and as their own type's column stores them."""

    letter: str
    sent: pa.Array
    converted: pa.Array
    first: Any


def type_columns(records: Sequence[Any], existing: Mapping[str, ScalarType]) -> TypedColumns | None:
    """The typed rows of records that have the same properties, each of one type; None for all others.

    Raises InvalidInput (InvalidDataFormat) for a property name that `type_rows` refuses.
    """
    if len(records) == 0 or set(map(type, records)) != {dict}:
        return None
    names = tuple(records[0])
    if len(existing) + len(names) > TABLE_COLUMNS or any(tuple(record) != names for record in records):
        return None
    typer = RowTyper(existing)
    arrays: dict[str, pa.Array] = {}
    for name, values in zip(names, zip(*map(dict.values, records), strict=True), strict=True):
        kinds = set(map(type, values))
        if kinds == {type(None)}:
            continue
        alike = _alike(values, kinds - {type(None)})
        if alike is None:
            return None
        place = typer.place(name, alike.first, alike.letter)
        if place is None or place[0] in arrays:
            return None
        column, as_own_type = place
        arrays[column] = alike.converted if as_own_type else alike.sent
    return TypedColumns(typer.added, pa.table(arrays)) if arrays else None


def _alike(values: Sequence[Any], kinds: set[type]) -> _Alike | None:
    first = next(value for value in values if value is not None)
    if kinds == {bool}:
        truths = pa.array(values, pa.bool_())
        return _Alike("b", truths, truths, first)
    if kinds <= {int, float}:
        numbers = pa.array([None if value is None else float(value) for value in values], pa.float64())
        return _Alike("d", numbers, numbers, first)
    if kinds == {str}:
        return _alike_texts(pa.array(values, pa.string()), first)
    return None


def _alike_texts(texts: pa.Array, first: str) -> _Alike | None:
    lengths = pc.call_function("min_max", [pc.call_function("binary_length", [texts])]).as_py()
    if lengths["max"] > VALUE_BYTES:
        return None
    if lengths["max"] >= _SHORTEST:
        filled = texts.drop_null()
        if _any(filled, _LIKE_DATETIME):
            instants = _instants(texts, filled)
            return None if instants is None else _Alike("t", texts, instants, first)
        if _any(filled, _LIKE_GUID):
            if not _all(filled, _GUID):
                return None
            return _Alike("g", texts, pc.call_function("utf8_lower", [texts]), first)
    return _Alike("s", texts, texts, first)


def _any(texts: pa.Array, pattern: pc.MatchSubstringOptions) -> bool:
    return bool(pc.call_function("any", [pc.call_function("match_substring_regex", [texts], pattern)]).as_py())


def _all(texts: pa.Array, pattern: pc.MatchSubstringOptions) -> bool:
    return bool(pc.call_function("all", [pc.call_function("match_substring_regex", [texts], pattern)]).as_py())


def _instants(texts: pa.Array, filled: pa.Array) -> pa.Array | None:
    """Dates and times in UTC; None where one is none, such as one with a thirteenth month, or only some have zones."""
    try:
        if _all(filled, _WITH_ZONE):
            return texts.cast(_AWARE).cast(_NAIVE)
        return texts.cast(_NAIVE) if _all(filled, _WITHOUT_ZONE) else None
    except pa.ArrowInvalid:
        return None
