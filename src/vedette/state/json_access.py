"""Conditions and orders as SQL over the documents table, in the words of a database's `JsonDialect`.

Paths and values are bound parameters.
"""

from collections.abc import Sequence
from itertools import count
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, false, func, not_, or_, true

from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order, Path, Scalar
from vedette.state.instants import to_microseconds
from vedette.state.json_values import JsonDialect, JsonValues
from vedette.state.tables import documents

_TEXT_COLUMNS = {"id": documents.c.id, "name": documents.c.name, "etag": documents.c.etag}
_INSTANT_COLUMNS = {"created": documents.c.created, "modified": documents.c.modified}
_ORDERINGS = {"gt": gt, "ge": ge, "lt": lt, "le": le}


def where_clause(condition: Condition, dialect: JsonDialect) -> ColumnElement[bool]:
    """The condition over the documents table."""
    return _Clauses(dialect).condition(condition, dialect.top)


def order_clauses(order: Order, dialect: JsonDialect) -> list[ColumnElement[Any]]:
    """The sort keys over the documents table; text that is a date and time sorts as an instant."""
    column = _column(order.path)
    keys: Sequence[ColumnElement[Any]] = dialect.sort_keys(order.path) if column is None else (column,)
    return [_sorted(key, descending=order.descending) for key in keys]


def _sorted(key: ColumnElement[Any], *, descending: bool) -> ColumnElement[Any]:
    if isinstance(key, Column):  # never null, and PostgreSQL has an index only for the order that says nothing of nulls
        return key.desc() if descending else key.asc()
    return key.desc().nulls_last() if descending else key.asc().nulls_first()


class _Clauses:
    """The clauses of one statement."""

    def __init__(self, dialect: JsonDialect) -> None:
        self._dialect = dialect
        self._numbers = count()

    def condition(self, condition: Condition, values: JsonValues) -> ColumnElement[bool]:
        match condition:
            case And(conditions):
                return and_(true(), *(self.condition(each, values) for each in conditions))
            case Or(conditions):
                return or_(false(), *(self.condition(each, values) for each in conditions))
            case Not(inner):
                return not_(func.coalesce(self.condition(inner, values), false()))
            case Compare(path, operator, value):
                return self._compare(values, path, operator, value)
            case In(path, options):
                return self._in(values, path, options)
            case Match(path, operator, text):
                return self._match(self._text(values, path), operator, self._dialect.text_bound(text))
            case AnyElement(path, where):
                inside = None if where is None else (lambda element: self.condition(where, element))
                return values.has_element(path, f"element_{next(self._numbers)}", inside)

    def _compare(self, values: JsonValues, path: Path, operator: str, value: Scalar) -> ColumnElement[bool]:
        if operator == "ne":
            return not_(func.coalesce(self._compare(values, path, "eq", value), false()))
        if value is None:
            return self._is_null(values, path) if operator == "eq" else false()
        left, right = self._operands(values, path, value)
        return left == right if operator == "eq" else _ORDERINGS[operator](left, right)

    def _in(self, values: JsonValues, path: Path, options: Sequence[Scalar]) -> ColumnElement[bool]:
        """One IN for all options of a kind: a chain of comparisons would be too deep for SQLite."""
        kinds: dict[type, list[tuple[ColumnElement[Any], Any]]] = {}
        for each in options:
            if each is not None:
                kind = float if isinstance(each, int) and not isinstance(each, bool) else type(each)
                kinds.setdefault(kind, []).append(self._operands(values, path, each))
        found: list[ColumnElement[bool]] = [pairs[0][0].in_([right for _, right in pairs]) for pairs in kinds.values()]
        if None in options:
            found.append(self._is_null(values, path))
        return or_(false(), *found)

    def _is_null(self, values: JsonValues, path: Path) -> ColumnElement[bool]:
        if self._is_top(values) and _column(path) is not None:
            return false()
        return values.is_null(path)

    def _operands(
        self, values: JsonValues, path: Path, value: str | bool | float | Any
    ) -> tuple[ColumnElement[Any], Any]:
        match value:
            case bool():
                return values.truth(path), int(value)
            case int() | float():
                return values.number(path), self._dialect.number_bound(value)
            case str():
                return self._text(values, path), self._dialect.text_bound(value)
            case _:
                return self._instant(values, path), to_microseconds(value)

    def _text(self, values: JsonValues, path: Path) -> ColumnElement[Any]:
        own = _TEXT_COLUMNS.get(path[0]) if len(path) == 1 and self._is_top(values) else None
        return values.text(path) if own is None else own

    def _instant(self, values: JsonValues, path: Path) -> ColumnElement[Any]:
        own = _INSTANT_COLUMNS.get(path[0]) if len(path) == 1 and self._is_top(values) else None
        return values.instant(path) if own is None else own

    def _is_top(self, values: JsonValues) -> bool:
        return values is self._dialect.top

    def _match(self, value: ColumnElement[Any], operator: str, text: str) -> ColumnElement[bool]:
        length = len(text)
        if operator == "contains":
            return self._dialect.contains(value, text)
        if operator == "startswith":
            return func.substr(value, 1, length) == text
        return and_(func.length(value) >= length, func.substr(value, func.length(value) - length + 1) == text)


def _column(path: Path) -> ColumnElement[Any] | None:
    return (_TEXT_COLUMNS | _INSTANT_COLUMNS).get(path[0]) if len(path) == 1 else None


def quoted_step(key: str) -> str:
    """A key as a step of a path; a quotation mark cannot be written in one, so it matches nothing."""
    return key.replace('"', "\ufffd")
