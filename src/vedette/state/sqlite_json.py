"""SQLite's words for JSON: functions over the text of a body."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, column, exists, func, literal, null

from vedette.state.conditions import Path
from vedette.state.json_access import quoted_step
from vedette.state.json_values import JsonValues
from vedette.state.tables import documents

INSTANT_FUNCTION = "vedette_instant"
"""The name under which a connection offers `instant_of_text` to SQL."""


class SqliteValues:
    """`JsonValues` below the place that `prefix` names, None for the top."""

    def __init__(self, prefix: ColumnElement[str] | None = None) -> None:
        self._prefix = prefix

    def is_null(self, path: Path) -> ColumnElement[bool]:
        """`JsonValues.is_null`."""
        return func.coalesce(self._kind(path), "null") == "null"

    def text(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.text`."""
        return self._typed(path, "text")

    def number(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.number`."""
        return self._typed(path, "integer", "real")

    def truth(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.truth`."""
        return self._typed(path, "true", "false")

    def instant(self, path: Path) -> ColumnElement[Any]:
        """`JsonValues.instant`."""
        return func.vedette_instant(self.value(path))

    def has_element(
        self, path: Path, name: str, where: Callable[[JsonValues], ColumnElement[bool]] | None
    ) -> ColumnElement[bool]:
        """`JsonValues.has_element`."""
        elements = func.json_each(documents.c.body, self._locate(path)).table_valued(column("fullkey"), name=name)
        query = exists().select_from(elements).correlate_except(elements).where(self._kind(path) == "array")
        return query if where is None else query.where(where(SqliteValues(elements.c.fullkey)))

    def value(self, path: Path) -> ColumnElement[Any]:
        """The value of any kind: true is 1, an array or object is its JSON."""
        return func.json_extract(documents.c.body, self._locate(path))

    def _kind(self, path: Path) -> ColumnElement[Any]:
        return func.json_type(documents.c.body, self._locate(path))

    def _typed(self, path: Path, *kinds: str) -> ColumnElement[Any]:
        return case((self._kind(path).in_(kinds), self.value(path)), else_=null())

    def _locate(self, path: Path) -> ColumnElement[str]:
        keys = "".join(f'."{quoted_step(key)}"' for key in path)
        return literal("$" + keys) if self._prefix is None else self._prefix + keys


class SqliteJson:
    """`JsonDialect` of SQLite."""

    def __init__(self) -> None:
        self.top = SqliteValues()

    def number_bound(self, value: float) -> Any:
        """`JsonDialect.number_bound`."""
        return value

    def text_bound(self, value: str) -> str:
        """`JsonDialect.text_bound`."""
        return value

    def contains(self, value: ColumnElement[Any], text: str) -> ColumnElement[bool]:
        """`JsonDialect.contains`."""
        return func.instr(value, text) > 0

    def sort_keys(self, path: Path) -> Sequence[ColumnElement[Any]]:
        """`JsonDialect.sort_keys`: SQLite itself sorts nulls before numbers before texts."""
        value = self.top.value(path)
        return (func.coalesce(func.vedette_instant(value), value),)
