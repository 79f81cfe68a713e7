"""Documents as rows of their table: how they are found, read and written there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, bindparam, func, select

from vedette.state.conditions import Condition, Order
from vedette.state.database import Database
from vedette.state.documents import Document
from vedette.state.indexed import COLUMNS, Position, behind, dialect_of, entered_by, indexed_values
from vedette.state.instants import from_microseconds, to_microseconds
from vedette.state.json_access import order_clauses, where_clause
from vedette.state.tables import documents

_READ = [column for column in documents.c if column.name not in COLUMNS]
_BY_KEY = select(*_READ).where(documents.c.key == bindparam("asked"))
"""Made once: to put a statement together takes longer than to run it."""


def is_below(id: str) -> ColumnElement[bool]:
    return (documents.c.scope == id.lower()) | continues(documents.c.scope, id.lower())


def continues(column: Column[str], id: str) -> ColumnElement[bool]:
    return (column > f"{id}/") & (column < f"{id}0")  # "0" follows "/"


def columns_of(database: Database, document: Document) -> dict[str, Any]:
    return {
        "id": database.key_text(document.id),
        "type": document.type,
        "type_key": document.type.lower(),
        "scope": database.key_text(document.scope),
        "name": database.key_text(document.name),
        "etag": document.etag,
        "body": database.body_text(document.body),
        "created": to_microseconds(document.created),
        "modified": to_microseconds(document.modified),
        **indexed_values(document.type.lower(), document.body, database.key_text),
    }


def _document(database: Database, row: Row[Any]) -> Document:
    return Document(
        id=database.text_of_key(row.id),
        type=row.type,
        scope=database.text_of_key(row.scope),
        name=database.text_of_key(row.name),
        etag=row.etag,
        body=database.body_of(row.body),
        created=from_microseconds(row.created),
        modified=from_microseconds(row.modified),
    )


def get_document(connection: Connection, database: Database, id: str) -> Document | None:
    row = connection.execute(_BY_KEY, {"asked": database.key_text(id.lower())}).one_or_none()
    return None if row is None else _document(database, row)


def list_documents(
    connection: Connection,
    database: Database,
    type: str,
    scope: str | Sequence[str] | None,
    where: Condition | None,
    order: Sequence[Order],
    limit: int | None,
    offset: int,
    below: bool,
    after: Position | None = None,
) -> list[Document]:
    folded = type.lower()
    query = select(*_READ).where(*_filters(database, type, scope, where, below=below), *entered_by(folded, order))
    if after is not None:
        position = [database.key_text(each) if isinstance(each, str) else each for each in after]
        query = query.where(behind(folded, order, position))
    dialect = dialect_of(folded, database.json)
    keys = [key for each in order for key in order_clauses(each, dialect)]
    query = query.order_by(*keys, documents.c.created, documents.c.key)
    if limit is not None:
        query = query.limit(limit)
    rows = connection.execute(query.offset(offset) if offset else query).all()
    return [_document(database, row) for row in rows]


def count_documents(
    connection: Connection,
    database: Database,
    type: str,
    scope: str | Sequence[str] | None,
    where: Condition | None,
) -> int:
    query = select(func.count()).select_from(documents).where(*_filters(database, type, scope, where))
    return connection.execute(query).scalar_one()


def _filters(
    database: Database,
    type: str,
    scope: str | Sequence[str] | None,
    where: Condition | None,
    *,
    below: bool = False,
) -> list[Any]:
    filters: list[Any] = [documents.c.type_key == database.key_text(type.lower())]
    if isinstance(scope, Sequence) and not isinstance(scope, str) and len(scope) == 1:
        scope = scope[0]  # an index that is in the order asked for serves one, not several
    if isinstance(scope, Sequence) and not isinstance(scope, str):
        filters.append(documents.c.scope.in_([database.key_text(each.lower()) for each in scope]))
    elif scope is not None:
        asked = database.key_text(scope.lower())
        filters.append(is_below(asked) if below else documents.c.scope == asked)
    if where is not None:
        filters.append(where_clause(where, dialect_of(type.lower(), database.json)))
    return filters
