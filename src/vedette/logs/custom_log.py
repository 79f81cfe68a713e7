"""The columns that a Data Collector post makes: names with a type suffix, values converted; pure, no I/O.

https://learn.microsoft.com/azure/azure-monitor/logs/data-collector-api#record-type-and-properties
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final

import orjson

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType

VALUE_BYTES: Final = 32_766
"""Longest stored field, in bytes of UTF-8; the service names this figure when it trims."""

TABLE_COLUMNS: Final = 500
"""Most columns of one table; properties beyond it go into `AdditionalFields`."""

NAME_CHARACTERS: Final = 500
"""Longest property name. The 45 characters of the limits page are not what the collector enforces: published tables
have collector columns of 95."""

OLDEST: Final = timedelta(days=2)
NEWEST: Final = timedelta(days=1)
"""A time outside [now - OLDEST, now + NEWEST] is not believed; the time of arrival is taken."""

ADDITIONAL_FIELDS: Final = "AdditionalFields"
RESERVED: Final = frozenset({"tenant", "TimeGenerated", "RawData"})

STANDARD_COLUMNS: Final[Mapping[str, ScalarType]] = {
    "MG": ScalarType.string,
    "ManagementGroupName": ScalarType.string,
    "Computer": ScalarType.string,
    "RawData": ScalarType.string,
}
"""What every collector table has besides the implicit columns of a log table."""

_KNOWN_NAMES: Final = (
    "Computer",
    "IPAddress",
    "CallerIPAddress",
    "SourceIP",
    "ResultType",
    "ResultDescription",
    "OperationName",
    "CorrelationId",
    "Category",
    "Severity",
    "Message",
    "ResourceId",
    "ResourceGroup",
    "ResourceType",
)
_KNOWN: Final = {name.lower(): name for name in _KNOWN_NAMES}
_KNOWN_TYPES: Final = {"Severity": ScalarType.int}

_SUFFIX_TYPES: Final = {
    "s": ScalarType.string,
    "b": ScalarType.bool,
    "d": ScalarType.real,
    "t": ScalarType.datetime,
    "g": ScalarType.string,
}

_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")
_GUID = re.compile(
    r"(\{)?[0-9a-fA-F]{8}(-)?[0-9a-fA-F]{4}(?(2)-)[0-9a-fA-F]{4}(?(2)-)[0-9a-fA-F]{4}(?(2)-)[0-9a-fA-F]{12}(?(1)\})"
)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Rows under their column names, and the columns that they need beyond the ones the table had."""

    columns: dict[str, ScalarType]
    rows: list[dict[str, Any]]
    cut: frozenset[str] = frozenset()
    """The properties of which a value was longer than VALUE_BYTES."""
    full: bool = False
    """Whether a property found no column any more and went into AdditionalFields."""


def type_rows(rows: Sequence[Any], existing: Mapping[str, ScalarType]) -> TypedRows:
    """Name and convert every property of every row; `existing` are the columns that the table has now.

    A property's type is that of its first value; a later string becomes the existing column's type if it can, every
    other mismatch makes a further column with another suffix. Nulls are left out. Datetimes are aware and in UTC.
    Raises InvalidInput (InvalidDataFormat) for a row that is not an object and for a name that cannot be a column.
    """
    columns = _Columns(existing)
    properties: dict[str, _Property] = {}
    typed: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        if type(row) is not dict:
            raise _bad_format(f"Record {index} is not a JSON object.")
        typed.append(_typed_row(row, columns, properties))
    return TypedRows(columns.added, typed, frozenset(columns.cut), columns.full)


def generated_at(row: Mapping[str, Any], field: str | None, now: datetime) -> datetime:
    """When the row's event happened: the value of its property `field` if that is a believable time, else `now`."""
    value = row.get(field) if field else None
    if not isinstance(value, str):
        return now
    instant = _instant(value)
    if instant is None or not now - OLDEST <= instant <= now + NEWEST:
        return now
    return instant


class RowTyper:
    """Where values go, one property after the other; `added` are the columns that the table did not have."""

    def __init__(self, existing: Mapping[str, ScalarType]) -> None:
        self._columns = _Columns(existing)
        self._properties: dict[str, _Property] = {}
        self.added = self._columns.added

    def place(self, name: str, value: Any, letter: str) -> tuple[str, bool] | None:
        """The column of all values of the property that have this value's letter, and whether they are converted to
        the letter's type; None where each value decides for itself. Raises InvalidInput (InvalidDataFormat)."""
        _typed_row({name: value}, self._columns, self._properties)
        settled = self._properties[name].settled.get(letter)
        return None if settled is None else (settled[0], settled[1] == letter)


class _Columns:
    """The table's columns as they grow; `added` are the new ones."""

    def __init__(self, existing: Mapping[str, ScalarType]) -> None:
        self.types = dict(existing)
        self.added: dict[str, ScalarType] = {}
        self.cut: set[str] = set()
        self.full = False

    def claim(self, name: str, type: ScalarType) -> bool:
        """Whether the table has or can get this column."""
        if name in self.types:
            return True
        if len(self.types) >= TABLE_COLUMNS and name != ADDITIONAL_FIELDS:
            self.full = True
            return False
        self.types[name] = type
        self.added[name] = type
        return True


class _Property:
    """Where the values of one JSON property go, by the letter of the value's own type."""

    __slots__ = ("base", "known", "settled")

    def __init__(self, name: str) -> None:
        self.base = _NOT_NAME.sub("_", name)
        self.known = _KNOWN.get(self.base.lower())
        self.settled: dict[str, tuple[str, str]] = {}


def _typed_row(row: dict[str, Any], columns: _Columns, properties: dict[str, _Property]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        found = properties.get(name)
        if found is None:
            found = properties[name] = _property(name)
        kind = type(value)
        if kind is str:
            letter, converted = _classified(value)
            if letter == "s":
                if converted is not value:
                    columns.cut.add(name)
                value = converted
        elif kind is bool:
            letter, converted = "b", value
        elif kind is float or kind is int:
            letter, converted = "d", float(value)
        else:
            letter, value = "s", _json_text(name, value, columns)
            converted = value
        target = found.settled.get(letter)
        if target is None:
            _place(typed, found, letter, value, converted, columns)
        elif target[1] == letter:
            typed[target[0]] = converted
        else:
            typed[target[0]] = value
    return typed


def _property(name: str) -> _Property:
    if name in RESERVED:
        raise _bad_format(f"The property name '{name}' is reserved. Rename it, or leave it out.")
    if not name or len(name) > NAME_CHARACTERS:
        raise _bad_format(f"The property name '{name[:80]}' must have between 1 and {NAME_CHARACTERS} characters.")
    return _Property(name)


def _place(typed: dict[str, Any], found: _Property, letter: str, value: Any, converted: Any, columns: _Columns) -> None:
    """Put a value where no earlier value has settled it, and settle it if the place is the same for all alike."""
    if found.known is not None and _put_known(typed, found.known, found.settled, letter, value, converted, columns):
        return
    own = f"{found.base}_{letter}"
    text_column = f"{found.base}_s"
    settles = found.known is None or letter != "d"
    if own in columns.types:
        typed[own] = converted
        if settles:
            found.settled[letter] = (own, letter)
    elif letter in "tg" and text_column in columns.types:
        typed[text_column] = value
        found.settled[letter] = (text_column, "s")
    elif letter == "s" and _put_converted(typed, found.base, value, columns):
        return
    elif columns.claim(own, _SUFFIX_TYPES[letter]):
        typed[own] = converted
        if settles:
            found.settled[letter] = (own, letter)
    else:
        columns.claim(ADDITIONAL_FIELDS, ScalarType.dynamic)
        typed.setdefault(ADDITIONAL_FIELDS, {})[own] = value


def _put_known(
    typed: dict[str, Any],
    name: str,
    settled: dict[str, tuple[str, str]],
    letter: str,
    value: Any,
    converted: Any,
    columns: _Columns,
) -> bool:
    """Put the value under its well-known name if its type is the one that column has."""
    type = columns.types.get(name) or _KNOWN_TYPES.get(name, ScalarType.string)
    if type is ScalarType.string:
        fits = letter in "st" or (letter == "g" and name == "CorrelationId")
        stored = value
    else:
        fits, stored = _as_number(letter, converted, type)
    if not fits or not columns.claim(name, type):
        return False
    typed[name] = stored
    if type is ScalarType.string:
        settled[letter] = (name, "s")
    return True


def _as_number(letter: str, number: Any, type: ScalarType) -> tuple[bool, Any]:
    """Whether a value of that letter fits a well-known column of a number type, and what it stores."""
    if letter != "d":
        return False, None
    if type is ScalarType.real:
        return True, number
    bound = {ScalarType.int: 2**31, ScalarType.long: 2**53}.get(type, 0)
    fits = number == int(number) and -bound <= number < bound
    return fits, int(number) if fits else None


def _put_converted(typed: dict[str, Any], base: str, text: str, columns: _Columns) -> bool:
    """Put a string into the property's number or boolean column if it reads as one."""
    number_column = f"{base}_d"
    if number_column in columns.types and _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        typed[number_column] = number
        return True
    truth_column = f"{base}_b"
    if truth_column in columns.types and text.lower() in ("true", "false"):
        typed[truth_column] = text.lower() == "true"
        return True
    return False


def _classified(text: str) -> tuple[str, Any]:
    """The suffix letter of a string and the value that its column stores."""
    length = len(text)
    if length < 16:
        return "s", text
    if length <= 38:
        if text[4] == "-" and text[10] in "T ":
            instant = _instant(text)
            if instant is not None:
                return "t", instant
        elif length >= 32 and _GUID.fullmatch(text):
            digits = text.strip("{}").replace("-", "").lower()
            return "g", f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        return "s", text
    return "s", text if length <= VALUE_BYTES // 4 else _truncated(text)


def _instant(text: str) -> datetime | None:
    """An ISO 8601 date and time as aware UTC; None if the text is not one. Fractions beyond microseconds are cut."""
    if _DATETIME.fullmatch(text) is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _json_text(name: str, value: Any, columns: _Columns) -> str:
    try:
        text = orjson.dumps(value).decode()
    except TypeError as error:
        raise _bad_format(f"The property '{name[:80]}' is nested too deeply.") from error
    kept = _truncated(text)
    if kept is not text:
        columns.cut.add(name)
    return kept


def _truncated(text: str) -> str:
    """The longest head of the text that fits into VALUE_BYTES, cut between characters."""
    encoded = text.encode()
    return text if len(encoded) <= VALUE_BYTES else encoded[:VALUE_BYTES].decode(errors="ignore")


def _bad_format(message: str) -> InvalidInput:
    return InvalidInput("InvalidDataFormat", message)
