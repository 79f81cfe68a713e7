"""PostgreSQL's words for JSON: operators over `content`, which is the body as jsonb.

jsonb can hold every JSON text but one with the character U+0000, so `without_nul` writes that one as two others; the
order of strings stays as it is.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Text,
    case,
    collate,
    exists,
    func,
    literal,
    literal_column,
    null,
)
from sqlalchemy import (
    cast as sql_cast,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from vedette.state.conditions import Path
from vedette.state.json_access import quoted_step
from vedette.state.json_values import JsonValues
from vedette.state.tables import documents

_ESCAPED = re.compile("\x01([\x01\x02])")
_CONTENT: ColumnElement[Any] = literal_column("documents.content", JSONB)


class PostgresqlValues:
    """`JsonValues` below a value."""

    def __init__(self, start: ColumnElement[Any] = _CONTENT) -> None:
        self._start = start

    def is_null(self, path: Path) -> ColumnElement[bool]:
        """`JsonValues.is_null`."""
        return func.coalesce(self._kind(path), "null") == "null"

    def text(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.text`."""
        return self._typed(path, "string", collate(_scalar(self._value(path)), "C"))

    def number(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.number`."""
        return self._typed(path, "number", sql_cast(_scalar(self._value(path)), Numeric))

    def truth(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.truth`."""
        return case(
            (self._value(path) == literal_column("'true'::jsonb"), 1),
            (self._value(path) == literal_column("'false'::jsonb"), 0),
            else_=null(),
        )

    def instant(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.instant`."""
        return func.vedette_instant(self._typed(path, "string", _scalar(self._value(path))), type_=BigInteger)

    def has_element(
        self, path: Path, name: str, where: Callable[[JsonValues], ColumnElement[bool]] | None
    ) -> ColumnElement[bool]:
        """`JsonValues.has_element`."""
        array = self._typed(path, "array", self._value(path))
        elements = func.jsonb_array_elements(array, type_=JSONB).table_valued("value", name=name)
        query = exists().select_from(elements).correlate_except(elements)
        return query if where is None else query.where(where(PostgresqlValues(sql_cast(elements.c.value, JSONB))))

    def sort_keys(self, path: Path) -> Sequence[ColumnElement[Any]]:
        """As SQLite sorts: null and absent ones, then numbers, truths and instants by size, then texts, among them
        arrays and objects as the JSON that was stored."""
        kind, text = self._kind(path), _scalar(self._value(path))
        number = case(
            (kind == "number", sql_cast(text, Numeric)),
            (kind == "boolean", sql_cast(self.truth(path), Numeric)),
            (kind == "string", sql_cast(self.instant(path), Numeric)),
            else_=null(),
        )
        stored = _scalar(reduce(_step, path, sql_cast(documents.c.body, JSON)))
        rest = case((kind == "string", text), (kind.in_(("array", "object")), stored), else_=null())
        rank = case((number.is_not(None), 1), (rest.is_not(None), 2), else_=0)
        return rank, number, collate(case((number.is_(None), rest), else_=null()), "C")

    def _value(self, path: Path) -> ColumnElement[Any]:
        return reduce(_step, path, self._start)

    def _kind(self, path: Path) -> ColumnElement[Any]:
        return func.jsonb_typeof(self._value(path), type_=Text)

    def _typed(self, path: Path, kind: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((self._kind(path) == kind, value), else_=null())


class PostgresqlJson:
    """`JsonDialect` of PostgreSQL."""

    def __init__(self) -> None:
        self.top = PostgresqlValues()

    def number_bound(self, value: float) -> Any:
        """`JsonDialect.number_bound`: the decimal that JSON writes for it."""
        return sql_cast(literal(str(Decimal(repr(value)))), Numeric)

    def text_bound(self, value: str) -> str:
        """`JsonDialect.text_bound`."""
        return without_nul(value)

    def contains(self, value: ColumnElement[Any], text: str) -> ColumnElement[bool]:
        """`JsonDialect.contains`."""
        return func.strpos(value, text) > 0

    def sort_keys(self, path: Path) -> Sequence[ColumnElement[Any]]:
        """`JsonDialect.sort_keys`."""
        return self.top.sort_keys(path)


def without_nul(text: str) -> str:
    """A string with U+0000 and, to tell them apart, U+0001 written as two characters each."""
    if "\x00" not in text and "\x01" not in text:
        return text
    return text.replace("\x01", "\x01\x02").replace("\x00", "\x01\x01")


def with_nul(text: str) -> str:
    """The string that `without_nul` was given."""
    return _ESCAPED.sub(lambda found: "\x00" if found[1] == "\x01" else "\x01", text)


def in_strings(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every string in it changed, the keys of objects too."""
    match value:
        case str():
            return change(value)
        case list():
            return [in_strings(each, change) for each in cast("list[Any]", value)]
        case dict():
            fields = cast("dict[str, Any]", value)
            return {change(key): in_strings(each, change) for key, each in fields.items()}
        case _:
            return value


def _step(value: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    return value.op("->", return_type=JSONB())(sql_cast(literal(without_nul(quoted_step(key))), Text))


def _scalar(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A JSON value as text: a string without its quotation marks, all else as its JSON."""
    return value.op("#>>", return_type=Text())(literal_column("'{}'::text[]"))
