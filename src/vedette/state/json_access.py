"""Conditions and orders as SQL: the one place that knows how the database reaches into JSON.

Paths and values are bound parameters. This is SQLite's vocabulary; another database needs its own
`_value`, `_kind` and `_elements`.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, and_, case, column, exists, false, func, literal, not_, null, or_, true

from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order, Path, Scalar
from vedette.state.tables import documents

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXT_COLUMNS = {"id": documents.c.id, "name": documents.c.name, "etag": documents.c.etag}
_INSTANT_COLUMNS = {"created": documents.c.created, "modified": documents.c.modified}
_ORDERINGS = {"gt": gt, "ge": ge, "lt": lt, "le": le}

INSTANT_FUNCTION = "vedette_instant"
"""The name under which a connection offers `instant_of_text` to SQL."""


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970; a datetime without a zone is taken as UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The aware UTC datetime that `to_microseconds` counted."""
    return _EPOCH + microseconds * _MICROSECOND


def instant_of_text(text: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 date and time; None for anything else."""
    if not isinstance(text, str) or len(text) < 19 or text[10] not in "Tt" or text[4] != "-":
        return None
    try:
        return to_microseconds(datetime.fromisoformat(text))
    except ValueError:
        return None


class _Source:
    """Where paths begin: the top of the body, or an element of an array in it."""

    def __init__(self, prefix: ColumnElement[str] | None = None) -> None:
        self.prefix = prefix

    def locate(self, path: Path) -> ColumnElement[str]:
        keys = "".join(f".{_quoted(key)}" for key in path)
        return literal("$" + keys) if self.prefix is None else self.prefix + keys

    def value(self, path: Path) -> ColumnElement[Any]:
        return func.json_extract(documents.c.body, self.locate(path))

    def kind(self, path: Path) -> ColumnElement[Any]:
        return func.json_type(documents.c.body, self.locate(path))

    def typed(self, path: Path, *kinds: str) -> ColumnElement[Any]:
        return case((self.kind(path).in_(kinds), self.value(path)), else_=null())


def where_clause(condition: Condition) -> ColumnElement[bool]:
    """The condition over the documents table."""
    return _condition(condition, _Source(), count())


def order_clause(order: Order) -> ColumnElement[Any]:
    """The sort key over the documents table; text that is a date and time sorts as an instant."""
    key = _column(order.path)
    if key is None:
        value = _Source().value(order.path)
        key = func.coalesce(func.vedette_instant(value), value)
    return key.desc() if order.descending else key.asc()


def _condition(condition: Condition, source: _Source, numbers: "count[int]") -> ColumnElement[bool]:
    match condition:
        case And(conditions):
            return and_(true(), *(_condition(each, source, numbers) for each in conditions))
        case Or(conditions):
            return or_(false(), *(_condition(each, source, numbers) for each in conditions))
        case Not(inner):
            return not_(func.coalesce(_condition(inner, source, numbers), false()))
        case Compare(path, operator, value):
            return _compare(source, path, operator, value)
        case In(path, values):
            return or_(false(), *(_compare(source, path, "eq", value) for value in values))
        case Match(path, operator, text):
            return _match(_text(source, path), operator, text)
        case AnyElement():
            return _any_element(condition, source, numbers)


def _compare(source: _Source, path: Path, operator: str, value: Scalar) -> ColumnElement[bool]:
    if operator == "ne":
        return not_(func.coalesce(_compare(source, path, "eq", value), false()))
    if value is None:
        return _is_null(source, path) if operator == "eq" else false()
    left, right = _operands(source, path, value)
    return left == right if operator == "eq" else _ORDERINGS[operator](left, right)


def _is_null(source: _Source, path: Path) -> ColumnElement[bool]:
    if source.prefix is None and _column(path) is not None:
        return false()
    return func.coalesce(source.kind(path), "null") == "null"


def _operands(source: _Source, path: Path, value: Scalar) -> tuple[ColumnElement[Any], Any]:
    match value:
        case bool():
            return source.kind(path), "true" if value else "false"
        case datetime():
            return _instant(source, path), to_microseconds(value)
        case int() | float():
            return source.typed(path, "integer", "real"), value
        case _:
            return _text(source, path), value


def _text(source: _Source, path: Path) -> ColumnElement[Any]:
    if source.prefix is None and len(path) == 1 and path[0] in _TEXT_COLUMNS:
        return _TEXT_COLUMNS[path[0]]
    return source.typed(path, "text")


def _instant(source: _Source, path: Path) -> ColumnElement[Any]:
    if source.prefix is None and len(path) == 1 and path[0] in _INSTANT_COLUMNS:
        return _INSTANT_COLUMNS[path[0]]
    return func.vedette_instant(source.value(path))


def _column(path: Path) -> ColumnElement[Any] | None:
    return (_TEXT_COLUMNS | _INSTANT_COLUMNS).get(path[0]) if len(path) == 1 else None


def _match(value: ColumnElement[Any], operator: str, text: str) -> ColumnElement[bool]:
    length = len(text)
    if operator == "contains":
        return func.instr(value, text) > 0
    if operator == "startswith":
        return func.substr(value, 1, length) == text
    return and_(func.length(value) >= length, func.substr(value, func.length(value) - length + 1) == text)


def _any_element(condition: AnyElement, source: _Source, numbers: "count[int]") -> ColumnElement[bool]:
    each = func.json_each(documents.c.body, source.locate(condition.path))
    elements = each.table_valued(column("fullkey"), name=f"element_{next(numbers)}")
    is_array = source.kind(condition.path) == "array"
    query = exists().select_from(elements).where(is_array)
    if condition.where is None:
        return query
    return query.where(_condition(condition.where, _Source(elements.c.fullkey), numbers))


def _quoted(key: str) -> str:
    """A key as a JSON path step; a quotation mark cannot be written in one, so it matches nothing."""
    return '"' + key.replace('"', "\ufffd") + '"'
