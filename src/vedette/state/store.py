"""Documents in a SQL database: one writer at a time, readers beside it, and an outbox of log rows."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vedette.core.clock import Clock
from vedette.core.errors import Conflict, Unavailable
from vedette.core.ids import NewId
from vedette.state.audit_chain import AuditRecord, Head, head_of
from vedette.state.audit_reading import AuditFilter, all_records, read_records
from vedette.state.conditions import Condition, Order
from vedette.state.copying import copy_from_sqlite
from vedette.state.databases import database_of
from vedette.state.document_rows import count_documents, get_document, list_documents
from vedette.state.documents import Document, OutboxRow
from vedette.state.indexed import Position
from vedette.state.migrations import migrate
from vedette.state.rows import decode_row
from vedette.state.tables import EPOCH, facts, format_version, metadata, outbox, versions
from vedette.state.transaction import ANY_TYPE, Transaction

__all__ = ["StateStore", "Transaction"]


class StateStore:
    """The documents of one data directory; its methods may be called from any thread.

    `deliver`, when set, is called after each commit that emitted log rows, before `transaction()` exits, and
    `committing` as the last step of each transaction. `waiting_commits` counts the commits of rows that did not
    have to be delivered soon.
    Raises Unsupported (StateFormatTooNew) when a newer release wrote the database.
    """

    def __init__(self, url: str, clock: Clock, new_id: NewId) -> None:
        self.deliver: Callable[[], None] | None = None
        self.committing: Callable[[Transaction], None] | None = None
        self.waiting_commits = 0
        self._counting = threading.Lock()
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
                held = select(table).where(facts.c.key != EPOCH) if table is facts else select(table)
                if table is not format_version and connection.execute(held.limit(1)).first() is not None:
                    raise Conflict("StateNotEmpty", f"{self.place} holds a state already.")
            copy_from_sqlite(path, connection, self._database)

    @property
    def is_writing(self) -> bool:
        """Whether this thread holds the write transaction."""
        return self._writing_thread == threading.get_ident()

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
            return get_document(connection, self._database, id)

    def list(
        self,
        type: str,
        scope: str | Sequence[str] | None = None,
        *,
        where: Condition | None = None,
        order: Sequence[Order] = (),
        limit: int | None = None,
        offset: int = 0,
        below: bool = False,
        after: Position | None = None,
    ) -> list[Document]:
        """The documents of a type, by default oldest first; `scope` is the id of their parent or of one of several, or
        with `below` of anything above them. With `after`, an `indexed.position_of` in the same order, those behind it;
        their cost does not grow with how far that is. Raises InvalidInput (InvalidSkipToken)."""
        with self._read() as connection:
            return list_documents(connection, self._database, type, scope, where, order, limit, offset, below, after)

    def count(self, type: str, scope: str | Sequence[str] | None = None, *, where: Condition | None = None) -> int:
        """How many documents `list` would find."""
        with self._read() as connection:
            return count_documents(connection, self._database, type, scope, where)

    def version(self, type: str) -> int:
        """A number that grows with each commit that changes documents of a type, whichever process makes it; within the
        life of this store."""
        if self._database.is_shared:
            query = select(func.sum(versions.c.value)).where(versions.c.type_key.in_((type.lower(), ANY_TYPE)))
            with self._read() as connection:
                return int(connection.execute(query).scalar_one() or 0)
        return self._versions.get(type.lower(), 0) + self._versions.get(ANY_TYPE, 0)

    def audit_records(
        self,
        where: AuditFilter = AuditFilter(),  # noqa: B008  (it is frozen)
        *,
        after: int = 0,
        before: int | None = None,
        oldest_first: bool = False,
        limit: int,
    ) -> Sequence[AuditRecord]:
        """Records of the audit whose numbers are between `after` and `before`, the newest first."""
        with self._read() as connection:
            return read_records(
                connection, self._database, where, after=after, before=before, oldest_first=oldest_first, limit=limit
            )

    def all_audit_records(self) -> Iterator[AuditRecord]:
        """Every record of the audit in its order."""
        return all_records(self._database)

    def audit_head(self) -> Head:
        """The last record of the audit."""
        with self._read() as connection:
            return head_of(connection)

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
            if self.committing is not None:
                self.committing(transaction)
            if self._database.is_shared:
                _count_changes(connection, transaction.touched)
        with self._counting:
            for type in transaction.touched:
                self._versions[type] = self._versions.get(type, 0) + 1
            self.waiting_commits += transaction.waiting > 0
        if transaction.emitted and self.deliver is not None:
            self.deliver()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        if self.is_writing:
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
