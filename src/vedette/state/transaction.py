"""A write transaction: reads and writes that are committed together, or not at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, not_, select, update

from vedette.core.clock import Clock
from vedette.core.errors import Conflict
from vedette.core.ids import NewId
from vedette.state.audit_chain import AuditChain, Entry, Head, remove_before
from vedette.state.changes import Change, ManyChanges, counted, is_recorded
from vedette.state.conditions import Condition, Order
from vedette.state.database import Database
from vedette.state.document_rows import columns_of, continues, count_documents, get_document, is_below, list_documents
from vedette.state.documents import Document
from vedette.state.instants import from_microseconds, to_microseconds
from vedette.state.rows import encode_row
from vedette.state.tables import counters, documents, facts, outbox

ANY_TYPE = ""
"""Stands among the types that were changed for all of them."""


_INSERT = insert(documents)
_UPDATE = update(documents).where(documents.c.key == bindparam("replaced"))


class Transaction:
    """Reads and writes that are committed together, or not at all; made by `StateStore.transaction`."""

    def __init__(self, connection: Connection, database: Database, clock: Clock, new_id: NewId) -> None:
        self._connection = connection
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self.emitted = 0
        self.touched: set[str] = set()
        self.changes: list[Change | ManyChanges] = []
        self.waiting = 0

    def get(self, id: str) -> Document | None:
        """The document of this id, whatever its letter case; None when there is none."""
        return get_document(self._connection, self._database, id)

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
        return list_documents(self._connection, self._database, type, scope, where, order, limit, offset, below)

    def count(self, type: str, scope: str | None = None, *, where: Condition | None = None) -> int:
        """How many documents `list` would find."""
        return count_documents(self._connection, self._database, type, scope, where)

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
            self._connection.execute(_INSERT, {"key": self._key(id), **columns_of(self._database, document)})
            self._changed(Change(None, document))
            return document, True
        _check_etag(existing, etag)
        document = Document(
            existing.id, existing.type, existing.scope, existing.name, self._new_id(), body, existing.created, now
        )
        self._connection.execute(_UPDATE, {"replaced": self._key(id), **columns_of(self._database, document)})
        self._changed(Change(existing, document))
        return document, False

    def change(self, document: Document, body: dict[str, Any]) -> Document:
        """Put a document back with another body, under its own id, type, scope and name; whatever its etag is now."""
        changed, _ = self.put(id=document.id, type=document.type, scope=document.scope, name=document.name, body=body)
        return changed

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
            rows.append({"key": self._key(id), **columns_of(self._database, document)})
        if rows:
            self._connection.execute(insert(documents), rows)
            types, states = counted(sorted((type, row["key"], row["etag"]) for row in rows))
            self._changed(ManyChanges(type, scope.lower(), created=len(rows), types=types, states=states))

    def delete_all(self, removed: Sequence[Document]) -> None:
        """Remove many documents in few statements."""
        self.touched.update(each.type.lower() for each in removed)
        if removed:
            gone = delete(documents).where(documents.c.key == bindparam("gone"))
            self._connection.execute(gone, [{"gone": self._key(each.id)} for each in removed])
            by_key = sorted(removed, key=lambda each: each.id.lower())
            types, states = counted((each.type, each.id.lower(), each.etag) for each in by_key)
            self._changed(
                ManyChanges(removed[0].type, removed[0].scope, deleted=len(removed), types=types, states=states)
            )

    def delete(self, id: str, *, etag: str | None = None) -> bool:
        """Remove a document; False when there is none. Raises Conflict when `etag` is another than the document's."""
        existing = self.get(id)
        if existing is None:
            return False
        _check_etag(existing, etag)
        self.touched.add(existing.type.lower())
        self._connection.execute(delete(documents).where(documents.c.key == self._key(id)))
        self._changed(Change(existing, None))
        return True

    def delete_below(self, id: str, *, keep: Sequence[str] = ()) -> int:
        """Remove every document under this id, at any depth, but those whose ids continue one in `keep`."""
        self.touched.add(ANY_TYPE)
        kept = [not_(continues(documents.c.key, self._key(each))) for each in keep]
        below = is_below(self._key(id))
        held = select(documents.c.type, documents.c.key, documents.c.etag).where(below, *kept)
        rows = self._connection.execute(held.order_by(documents.c.key))
        types, states = counted((row.type, row.key, row.etag) for row in rows)
        removed = self._connection.execute(delete(documents).where(below, *kept)).rowcount
        if types:
            self._changed(ManyChanges("", id.lower(), deleted=sum(types.values()), types=types, states=states))
        return removed

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

    def emit_all(self, workspace_id: str, table: str, rows: Sequence[dict[str, Any]], *, soon: bool = True) -> None:
        """`emit` for many rows in few statements. Those that nobody needs `soon` wait for the next that are, or for
        the next query."""
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
        if soon:
            self.emitted += len(rows)
        else:
            self.waiting += len(rows)

    def get_value(self, key: str) -> Any | None:
        """The fact stored under a key; None when there is none."""
        text = self._connection.execute(select(facts.c.value).where(facts.c.key == key)).scalar_one_or_none()
        return None if text is None else orjson.loads(text)

    def set_value(self, key: str, value: Any) -> None:
        """Store a JSON fact under a key; None removes it."""
        self._connection.execute(delete(facts).where(facts.c.key == key))
        if value is not None:
            self._connection.execute(insert(facts).values(key=key, value=orjson.dumps(value).decode()))

    def append_audit(self, chain: AuditChain, entry: Entry) -> None:
        """Put a record at the end of the audit."""
        chain.append(self._connection, self._clock.now(), entry)

    def remove_audit(self, before: datetime) -> Head | None:
        """Remove old records of the audit; gives the last one, which a record must name."""
        return remove_before(self._connection, before)

    def copy_to(self, path: Path) -> None:
        """Write the whole store as it is without this transaction's own changes to a new SQLite file."""
        self._database.copy_to(self._connection, path)

    def _key(self, id: str) -> str:
        return self._database.key_text(id.lower())

    def _changed(self, change: Change | ManyChanges) -> None:
        if is_recorded(change.type):
            self.changes.append(change)

    def _advance(self, scope: str, name: str, by: int = 1) -> int:
        row = (counters.c.scope == scope.lower()) & (counters.c.name == name)
        current = self._connection.execute(select(counters.c.value).where(row)).scalar_one_or_none()
        if current is None:
            self._connection.execute(insert(counters).values(scope=scope.lower(), name=name, value=by))
            return by
        self._connection.execute(update(counters).where(row).values(value=current + by))
        return current + by


def _check_etag(existing: Document, etag: str | None) -> None:
    if etag is not None and etag not in ("*", existing.etag):
        raise Conflict(
            "Conflict", f"'{existing.id}' has changed since it was read: its etag is not '{etag}'. Nothing was saved."
        )
