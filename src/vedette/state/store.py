"""Documents in a SQL database: one writer at a time, readers beside it, and an outbox of log rows."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Row, bindparam, delete, func, insert, not_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vedette.core.clock import Clock
from vedette.core.errors import Conflict, Unavailable
from vedette.core.ids import NewId
from vedette.state.conditions import Condition, Order
from vedette.state.copying import copy_from_sqlite
from vedette.state.database import Database
from vedette.state.databases import database_of
from vedette.state.documents import Document, OutboxRow
from vedette.state.instants import from_microseconds, to_microseconds
from vedette.state.json_access import order_clauses, where_clause
from vedette.state.migrations import migrate
from vedette.state.rows import decode_row, encode_row
from vedette.state.tables import counters, documents, facts, format_version, metadata, outbox, versions

_ANY_TYPE = ""
"""Stands among the types that were changed for all of them."""


class Transaction:
    """Reads and writes that are committed together, or not at all; made by `StateStore.transaction`."""

    def __init__(self, connection: Connection, database: Database, clock: Clock, new_id: NewId) -> None:
        self._connection = connection
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self.emitted = 0
        self.touched: set[str] = set()

    def get(self, id: str) -> Document | None:
        """The document of this id, whatever its letter case; None when there is none."""
        return _get(self._connection, self._database, id)

    def list(
        self,
        type: str,
        scope: str | None = None,
        *,
        where: Condition | None = None,
        order: Sequence[Order] = (),
        limit: int | None = None,
        offset: int = 0,
        below: bool = False,
    ) -> list[Document]:
        """The documents of a type, by default oldest first; this transaction's own writes included."""
        return _list(self._connection, self._database, type, scope, where, order, limit, offset, below)

    def count(self, type: str, scope: str | None = None, *, where: Condition | None = None) -> int:
        """How many documents `list` would find."""
        return _count(self._connection, self._database, type, scope, where)

    def put(
        self, *, id: str, type: str, scope: str, name: str, body: dict[str, Any], etag: str | None = None
    ) -> tuple[Document, bool]:
        """Create or replace a document; True when it was created.

        An existing one keeps its id, name and creation time. `etag`, unless None or `*`, must be the existing
        document's; for a document that does not exist it is ignored. Raises Conflict (code Conflict).
        """
        existing = self.get(id)
        self.touched.add(type.lower())
        now = from_microseconds(to_microseconds(self._clock.now()))
        if existing is None:
            document = Document(id, type, scope.lower(), name, self._new_id(), body, now, now)
            self._connection.execute(insert(documents).values(key=id.lower(), **_columns(self._database, document)))
            return document, True
        _check_etag(existing, etag)
        document = Document(
            existing.id, existing.type, existing.scope, existing.name, self._new_id(), body, existing.created, now
        )
        self._connection.execute(
            update(documents).where(documents.c.key == id.lower()).values(**_columns(self._database, document))
        )
        return document, False

    def create_all(
        self, *, type: str, scope: str, ids: Sequence[str], bodies: Sequence[dict[str, Any]], first: int = 0
    ) -> None:
        """Create many documents, whose ids end in their names, in few statements; none of them may exist.

        Each is created a microsecond after the one before it, the first `first` of them from now, so that a list
        keeps their order.
        """
        self.touched.add(type.lower())
        now = from_microseconds(to_microseconds(self._clock.now()))
        rows: list[dict[str, Any]] = []
        for at, (id, body) in enumerate(zip(ids, bodies, strict=True), first):
            created = now + timedelta(microseconds=at)
            name = id.rpartition("/")[2]
            document = Document(id, type, scope.lower(), name, self._new_id(), body, created, created)
            rows.append({"key": id.lower(), **_columns(self._database, document)})
        if rows:
            self._connection.execute(insert(documents), rows)

    def delete_all(self, removed: Sequence[Document]) -> None:
        """Remove many documents in few statements."""
        self.touched.update(each.type.lower() for each in removed)
        if removed:
            gone = delete(documents).where(documents.c.key == bindparam("gone"))
            self._connection.execute(gone, [{"gone": each.id.lower()} for each in removed])

    def delete(self, id: str, *, etag: str | None = None) -> bool:
        """Remove a document; False when there is none. Raises Conflict when `etag` is another than the document's."""
        existing = self.get(id)
        if existing is None:
            return False
        _check_etag(existing, etag)
        self.touched.add(existing.type.lower())
        self._connection.execute(delete(documents).where(documents.c.key == id.lower()))
        return True

    def delete_below(self, id: str, *, keep: Sequence[str] = ()) -> int:
        """Remove every document under this id, at any depth, but those whose ids continue one in `keep`."""
        self.touched.add(_ANY_TYPE)
        kept = [not_(_continues(documents.c.key, each.lower())) for each in keep]
        return self._connection.execute(delete(documents).where(_below(id), *kept)).rowcount

    def next_number(self, scope: str, name: str) -> int:
        """1, 2, 3 … for each scope and name; a number is never given out twice, a rolled-back one is given again."""
        return self._advance(scope, name)

    def emit(self, workspace_id: str, table: str, row: dict[str, Any]) -> None:
        """Write a row to a log table of a workspace, if and when this transaction commits."""
        self._connection.execute(
            insert(outbox).values(
                sequence=self._advance("", "outbox"),
                workspace_id=workspace_id,
                table_name=table,
                row=encode_row(row),
            )
        )
        self.emitted += 1

    def emit_all(self, workspace_id: str, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """`emit` for many rows in few statements."""
        if not rows:
            return
        last = self._advance("", "outbox", len(rows))
        self._connection.execute(
            insert(outbox),
            [
                {"sequence": sequence, "workspace_id": workspace_id, "table_name": table, "row": encode_row(row)}
                for sequence, row in enumerate(rows, last - len(rows) + 1)
            ],
        )
        self.emitted += len(rows)

    def get_value(self, key: str) -> Any | None:
        """The fact stored under a key; None when there is none."""
        text = self._connection.execute(select(facts.c.value).where(facts.c.key == key)).scalar_one_or_none()
        return None if text is None else orjson.loads(text)

    def set_value(self, key: str, value: Any) -> None:
        """Store a JSON fact under a key; None removes it."""
        self._connection.execute(delete(facts).where(facts.c.key == key))
        if value is not None:
            self._connection.execute(insert(facts).values(key=key, value=orjson.dumps(value).decode()))

    def copy_to(self, path: Path) -> None:
        """Write the whole store as it is without this transaction's own changes to a new SQLite file."""
        self._database.copy_to(self._connection, path)

    def _advance(self, scope: str, name: str, by: int = 1) -> int:
        row = (counters.c.scope == scope.lower()) & (counters.c.name == name)
        current = self._connection.execute(select(counters.c.value).where(row)).scalar_one_or_none()
        if current is None:
            self._connection.execute(insert(counters).values(scope=scope.lower(), name=name, value=by))
            return by
        self._connection.execute(update(counters).where(row).values(value=current + by))
        return current + by


class StateStore:
    """The documents of one data directory; its methods may be called from any thread.

    `deliver`, when set, is called after each commit that emitted log rows, before `transaction()` exits.
    Raises Unsupported (StateFormatTooNew) when a newer release wrote the database.
    """

    def __init__(self, url: str, clock: Clock, new_id: NewId) -> None:
        self.deliver: Callable[[], None] | None = None
        self._clock = clock
        self._new_id = new_id
        self._writer = threading.Lock()
        self._writing_thread: int | None = None
        self._versions: dict[str, int] = {}
        self._database = database_of(url)
        try:
            with self._write() as connection:
                migrate(connection, self._database.migrations)
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        """What and where the database is, for people; without a password."""
        return self._database.place

    def claim(self) -> None:
        """Be the one server that works with this database. Raises Conflict (StateInUse) while another one is."""
        self._database.claim()

    def take_from(self, path: Path) -> None:
        """Fill an empty store with everything that the SQLite file of another one holds. Raises Conflict."""
        with self._write() as connection:
            for table in metadata.sorted_tables:
                if table is not format_version and connection.execute(select(table).limit(1)).first() is not None:
                    raise Conflict("StateNotEmpty", f"{self.place} holds a state already.")
            copy_from_sqlite(path, connection, self._database)

    def pending(self, limit: int = 1000) -> list[OutboxRow]:
        """The log rows that are committed and not yet discarded, oldest first."""
        query = select(outbox).order_by(outbox.c.sequence).limit(limit)
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [OutboxRow(row.sequence, row.workspace_id, row.table_name, decode_row(row.row)) for row in rows]

    def pending_count(self) -> int:
        """How many log rows `pending` would give without a limit."""
        with self._read() as connection:
            return connection.execute(select(func.count()).select_from(outbox)).scalar_one()

    def get(self, id: str) -> Document | None:
        """The document of this id, whatever its letter case; None when there is none."""
        with self._read() as connection:
            return _get(connection, self._database, id)

    def list(
        self,
        type: str,
        scope: str | None = None,
        *,
        where: Condition | None = None,
        order: Sequence[Order] = (),
        limit: int | None = None,
        offset: int = 0,
        below: bool = False,
    ) -> list[Document]:
        """The documents of a type, by default oldest first; `scope` is the id of their parent, or with `below` of
        anything above them."""
        with self._read() as connection:
            return _list(connection, self._database, type, scope, where, order, limit, offset, below)

    def count(self, type: str, scope: str | None = None, *, where: Condition | None = None) -> int:
        """How many documents `list` would find."""
        with self._read() as connection:
            return _count(connection, self._database, type, scope, where)

    def version(self, type: str) -> int:
        """A number that grows with each commit that changes documents of a type, whichever process makes it; within the
        life of this store."""
        if self._database.is_shared:
            query = select(func.sum(versions.c.value)).where(versions.c.type_key.in_((type.lower(), _ANY_TYPE)))
            with self._read() as connection:
                return int(connection.execute(query).scalar_one() or 0)
        return self._versions.get(type.lower(), 0) + self._versions.get(_ANY_TYPE, 0)

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The one write transaction; others wait. An exception rolls everything back and is raised on.

        Raises Unavailable (StateUnavailable) when the database cannot be written, such as on a full disk.
        """
        return self._transaction()

    def discard(self, sequence: int) -> None:
        """Forget the pending rows up to and including `sequence`."""
        with self._write() as connection:
            connection.execute(delete(outbox).where(outbox.c.sequence <= sequence))

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with self._write() as connection:
            transaction = Transaction(connection, self._database, self._clock, self._new_id)
            yield transaction
            if self._database.is_shared:
                _count_changes(connection, transaction.touched)
        for type in transaction.touched:
            self._versions[type] = self._versions.get(type, 0) + 1
        if transaction.emitted and self.deliver is not None:
            self.deliver()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a state transaction is open already in this thread")
        with self._writer:
            self._writing_thread = threading.get_ident()
            try:
                with self._database.engine.connect() as connection:
                    self._database.begin(connection)
                    try:
                        yield connection
                    except BaseException:
                        connection.rollback()
                        raise
                    connection.commit()
            except (DBAPIError, PoolTimeout) as error:
                raise Unavailable("StateUnavailable", f"The state cannot be written: {_reason(error)}.") from error
            finally:
                self._writing_thread = None

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._database.reading.connect() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable("StateUnavailable", f"The state cannot be read: {_reason(error)}.") from error


def _reason(error: DBAPIError | PoolTimeout) -> str:
    """What the database said, on one line; no URL is in it."""
    told = error.orig if isinstance(error, DBAPIError) else "all connections to it are in use"
    return " ".join(str(told).split()).rstrip(".")


def _count_changes(connection: Connection, types: set[str]) -> None:
    for type in types:
        row = versions.c.type_key == type
        if not connection.execute(update(versions).where(row).values(value=versions.c.value + 1)).rowcount:
            connection.execute(insert(versions).values(type_key=type, value=1))


def _below(id: str) -> ColumnElement[bool]:
    return (documents.c.scope == id.lower()) | _continues(documents.c.scope, id.lower())


def _continues(column: Column[str], id: str) -> ColumnElement[bool]:
    return (column > f"{id}/") & (column < f"{id}0")  # "0" follows "/"


def _check_etag(existing: Document, etag: str | None) -> None:
    if etag is not None and etag not in ("*", existing.etag):
        raise Conflict(
            "Conflict", f"'{existing.id}' has changed since it was read: its etag is not '{etag}'. Nothing was saved."
        )


def _columns(database: Database, document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "type": document.type,
        "type_key": document.type.lower(),
        "scope": document.scope,
        "name": document.name,
        "etag": document.etag,
        "body": database.body_text(document.body),
        "created": to_microseconds(document.created),
        "modified": to_microseconds(document.modified),
    }


def _document(database: Database, row: Row[Any]) -> Document:
    return Document(
        id=row.id,
        type=row.type,
        scope=row.scope,
        name=row.name,
        etag=row.etag,
        body=database.body_of(row.body),
        created=from_microseconds(row.created),
        modified=from_microseconds(row.modified),
    )


def _get(connection: Connection, database: Database, id: str) -> Document | None:
    row = connection.execute(select(documents).where(documents.c.key == database.key_text(id.lower()))).one_or_none()
    return None if row is None else _document(database, row)


def _list(
    connection: Connection,
    database: Database,
    type: str,
    scope: str | None,
    where: Condition | None,
    order: Sequence[Order],
    limit: int | None,
    offset: int,
    below: bool,
) -> list[Document]:
    query = select(documents).where(*_filters(database, type, scope, where, below=below))
    query = query.order_by(
        *(key for each in order for key in order_clauses(each, database.json)), documents.c.created, documents.c.key
    )
    if limit is not None:
        query = query.limit(limit)
    rows = connection.execute(query.offset(offset) if offset else query).all()
    return [_document(database, row) for row in rows]


def _count(connection: Connection, database: Database, type: str, scope: str | None, where: Condition | None) -> int:
    query = select(func.count()).select_from(documents).where(*_filters(database, type, scope, where))
    return connection.execute(query).scalar_one()


def _filters(
    database: Database, type: str, scope: str | None, where: Condition | None, *, below: bool = False
) -> list[Any]:
    filters: list[Any] = [documents.c.type_key == database.key_text(type.lower())]
    if scope is not None:
        asked = database.key_text(scope.lower())
        filters.append(_below(asked) if below else documents.c.scope == asked)
    if where is not None:
        filters.append(where_clause(where, database.json))
    return filters
