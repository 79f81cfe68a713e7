"""The values that long lists are filtered and ordered by, kept in columns with indexes beside the bodies they are in.

A type with `INDEXED` paths has each of their values in one of five columns; every other type has nothing there. What a
path holds is what its column is for: the server itself makes these values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, and_, or_

from vedette.core.errors import InvalidInput
from vedette.state.conditions import Order, Path
from vedette.state.documents import Document
from vedette.state.instants import instant_of_text, to_microseconds
from vedette.state.json_values import JsonDialect, JsonValues
from vedette.state.tables import documents

Position = Sequence[int | str]
"""Where a document stands in an order: a value for each sort key, then those of the order that settles ties."""

COLUMNS = ("instant_a", "instant_b", "number_a", "text_a", "text_b")
_NOTHING = -(2**62)
"""Stands for an instant or a number that is not there, and sorts before every other."""

_TIMES: Mapping[Path, str] = {
    ("properties", "createdTimeUtc"): "instant_a",
    ("properties", "lastModifiedTimeUtc"): "instant_b",
}
INDEXED: Mapping[str, Mapping[Path, str]] = {
    "microsoft.securityinsights/incidents": {
        **_TIMES,
        ("properties", "incidentNumber"): "number_a",
        ("properties", "status"): "text_a",
        ("properties", "severity"): "text_b",
    },
    "microsoft.securityinsights/incidents/comments": _TIMES,
    "microsoft.securityinsights/entities": {
        ("properties", "timeGenerated"): "instant_a",
        ("kind",): "text_a",
        ("properties", "status"): "text_b",
    },
}
"""The columns of the paths, by folded type."""

_OWN: Mapping[Path, Column[Any]] = {
    (name,): documents.c[name] for name in ("id", "name", "etag", "created", "modified")
}


def indexed_values(type_key: str, body: Mapping[str, Any], text: Callable[[str], str]) -> dict[str, Any]:
    """What the columns hold for a body; `text` makes a string one that the database can hold."""
    held: dict[str, Any] = dict.fromkeys(COLUMNS)
    for path, name in INDEXED.get(type_key, {}).items():
        value = _at(body, path)
        if name.startswith("text"):
            held[name] = text(value) if isinstance(value, str) else None
        elif name.startswith("instant"):
            instant = instant_of_text(value)
            held[name] = _NOTHING if instant is None else instant
        else:
            is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < -_NOTHING
            held[name] = value if is_number else _NOTHING
    return held


def dialect_of(type_key: str, dialect: JsonDialect) -> JsonDialect:
    """The words for the bodies of a type."""
    columns = INDEXED.get(type_key)
    return dialect if columns is None else IndexedJson(columns, dialect, IndexedValues(columns, dialect.top))


def position_of(type_key: str, order: Sequence[Order], document: Document) -> Position | None:
    """Where a document stands; None for an order of which not every key is in a column."""
    keys = _keys(type_key, order)
    if keys is None:
        return None
    held = indexed_values(type_key, document.body, str)
    own = {
        "id": document.id,
        "name": document.name,
        "etag": document.etag,
        "created": to_microseconds(document.created),
        "modified": to_microseconds(document.modified),
        "key": document.id.lower(),
    }
    return [(own | held)[column.name] for column, _ in keys]


def behind(type_key: str, order: Sequence[Order], position: Position) -> ColumnElement[bool]:
    """What stands behind a position. Raises InvalidInput (InvalidSkipToken) for one of another order."""
    keys = _keys(type_key, order)
    if keys is None or len(keys) != len(position) or not all(map(_fits, keys, position)):
        raise InvalidInput("InvalidSkipToken", "The '$skipToken' is of a list in another order.")
    choices: list[ColumnElement[bool]] = []
    for at, ((column, descending), value) in enumerate(zip(keys, position, strict=True)):
        same = [each == held for (each, _), held in zip(keys[:at], position[:at], strict=True)]
        choices.append(and_(*same, column < value if descending else column > value))
    first, descending = keys[0]
    bound = first <= position[0] if descending else first >= position[0]  # what an index is entered by
    return and_(bound, or_(*choices))


def entered_by(type_key: str, order: Sequence[Order]) -> list[ColumnElement[bool]]:
    """What holds for every document of a type, and tells the database that an order's index has them all."""
    keys = _keys(type_key, order[:1])
    indexed = keys is not None and bool(order) and keys[0][0].name in COLUMNS
    return [keys[0][0].is_not(None)] if keys is not None and indexed else []


def _keys(type_key: str, order: Sequence[Order]) -> list[tuple[Column[Any], bool]] | None:
    """The columns that an order sorts by, each with whether it descends."""
    indexed = INDEXED.get(type_key, {})
    keys: list[tuple[Column[Any], bool]] = []
    for each in order:
        name = indexed.get(each.path)
        column = documents.c[name] if name and not name.startswith("text") else _OWN.get(each.path)
        if column is None:
            return None
        keys.append((column, each.descending))
    return [*keys, (documents.c.created, False), (documents.c.key, False)]


def _fits(key: tuple[Column[Any], bool], value: int | str) -> bool:
    is_text = key[0].type.python_type is str
    return isinstance(value, str) if is_text else isinstance(value, int) and abs(value) < 2**63


def _at(body: Mapping[str, Any], path: Path) -> Any:
    value: Any = body
    for key in path:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True, slots=True)
class IndexedValues:
    """`JsonValues` of a body whose indexed paths are read from their columns."""

    columns: Mapping[Path, str]
    rest: JsonValues

    def is_null(self, path: Path) -> ColumnElement[bool]:
        """`JsonValues.is_null`."""
        return self.rest.is_null(path)

    def text(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.text`."""
        column = self._column(path, "text")
        return self.rest.text(path) if column is None else column

    def number(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.number`."""
        column = self._column(path, "number")
        return self.rest.number(path) if column is None else column

    def truth(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.truth`."""
        return self.rest.truth(path)

    def instant(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.instant`."""
        column = self._column(path, "instant")
        return self.rest.instant(path) if column is None else column

    def has_element(
        self, path: Path, name: str, where: Callable[[JsonValues], ColumnElement[bool]] | None
    ) -> ColumnElement[bool]:
        """`JsonValues.has_element`."""
        return self.rest.has_element(path, name, where)

    def _column(self, path: Path, kind: str) -> ColumnElement[Any] | None:
        name = self.columns.get(path, "")
        return documents.c[name] if name.startswith(kind) else None


@dataclass(frozen=True, slots=True)
class IndexedJson:
    """`JsonDialect` for the documents of a type with indexed paths."""

    columns: Mapping[Path, str]
    rest: JsonDialect
    top: JsonValues

    def number_bound(self, value: float) -> Any:
        """`JsonDialect.number_bound`."""
        return self.rest.number_bound(value)

    def text_bound(self, value: str) -> str:
        """`JsonDialect.text_bound`."""
        return self.rest.text_bound(value)

    def contains(self, value: ColumnElement[Any], text: str) -> ColumnElement[bool]:
        """`JsonDialect.contains`."""
        return self.rest.contains(value, text)

    def sort_keys(self, path: Path) -> Sequence[ColumnElement[Any]]:
        """`JsonDialect.sort_keys`; texts sort as the bodies have them."""
        name = self.columns.get(path, "text")
        return self.rest.sort_keys(path) if name.startswith("text") else (documents.c[name],)
