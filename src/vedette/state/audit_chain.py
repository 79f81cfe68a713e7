"""The audit's records as a chain: each is sealed with the one before it, by a key that is not in the database.

A record that is changed, removed, put in or moved breaks the chain there. One that is removed at the end leaves it
whole, which is why the seal of the last one, its head, is told and kept elsewhere.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select

from vedette.state.documents import Document
from vedette.state.instants import from_microseconds, to_microseconds
from vedette.state.tables import audit

NOTHING: Final = "0" * 64
"""What the first record names as the seal before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded. `subject` is the lower-case id of the resource that a write of the management plane
    names, `provider` its namespace in lower case and `correlation` its correlation id; empty for all else."""

    content: dict[str, Any]
    subject: str = ""
    provider: str = ""
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A record of the chain: `text` is its content as JSON, `seal` what closes it, `previous` the seal before it."""

    sequence: int
    at: datetime
    subject: str
    provider: str
    correlation: str
    text: str
    previous: str
    seal: str

    @property
    def content(self) -> dict[str, Any]:
        """Who, what, how it ended, and what it was before and after."""
        return orjson.loads(self.text)


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain: its number, 0 for none, and its seal."""

    sequence: int = 0
    seal: str = NOTHING

    def __str__(self) -> str:
        return f"{self.sequence}:{self.seal}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look through the chain found. `broken` is the number of the first record that is wrong, None for none."""

    records: int
    head: Head
    broken: int | None = None
    problem: str = ""


class AuditChain:
    """Seals records with a key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.key_id = hashlib.sha256(b"vedette audit key\n" + key).hexdigest()[:16]

    def append(self, connection: Connection, at: datetime, entry: Entry) -> Head:
        """Put a record at the end, inside the caller's write transaction."""
        last = head_of(connection)
        sequence, microseconds = last.sequence + 1, to_microseconds(at)
        text = orjson.dumps(entry.content | {"key": self.key_id}).decode()
        record = AuditRecord(sequence, at, entry.subject, entry.provider, entry.correlation, text, last.seal, "")
        seal = self._seal(record)
        connection.execute(
            insert(audit).values(
                sequence=sequence,
                at=microseconds,
                subject=entry.subject,
                provider=entry.provider,
                correlation=entry.correlation,
                record=text,
                previous=last.seal,
                seal=seal,
            )
        )
        return Head(sequence, seal)

    def digest(self, document: Document | None) -> str | None:
        """What tells a document's state without giving it away; None for none."""
        if document is None:
            return None
        told = orjson.dumps([document.id, document.etag, document.body], option=orjson.OPT_SORT_KEYS)
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()

    def digest_of_many(self, states: bytes) -> str:
        """The same for the `states` of many documents."""
        return hmac.new(self._key, states, hashlib.sha256).hexdigest()

    def verify(self, records: Iterable[AuditRecord], heads: Iterable[Head] = ()) -> Verdict:
        """Look through the whole chain, in its order; `heads` are records that are known to have been in it."""
        wanted = {head.seal: head for head in heads if head.sequence}
        pruned: set[tuple[int, str]] = set()
        first, last, count = Head(), Head(), 0
        gap: Verdict | None = None
        for record in records:
            if count and record.sequence > last.sequence + 1:  # old records may be removed while these are read
                gap = gap or Verdict(count, last, record.sequence, _missing(last.sequence + 1, record.sequence - 1))
                first = last = Head(record.sequence - 1, record.previous)
            if count == 0:
                first = last = Head(record.sequence - 1, record.previous)
            problem = self._problem(record, last)
            if problem:
                return gap or Verdict(count, last, record.sequence, problem)
            content = record.content
            if removed := content.get("pruned"):
                pruned.add((removed["sequence"], removed["seal"]))
            wanted.pop(record.seal, None)
            last, count = Head(record.sequence, record.seal), count + 1
        if gap is not None and (first.sequence, first.seal) not in pruned:
            return gap
        if first != Head() and (first.sequence, first.seal) not in pruned:
            told = f"The records up to {first.sequence} are missing, and none says that they were removed."
            return Verdict(count, last, first.sequence, told)
        missing = [head for head in wanted.values() if (head.sequence, head.seal) not in pruned]
        gone = [head for head in missing if head.sequence > first.sequence]
        if gone:
            head = min(gone, key=lambda each: each.sequence)
            told = f"The record {head.sequence} with the seal {head.seal} was in the chain and is not: records were "
            return Verdict(count, last, head.sequence, told + "removed at the end, or all were written anew.")
        return Verdict(count, last)

    def _problem(self, record: AuditRecord, last: Head) -> str:
        if record.previous != last.seal:
            return f"It does not follow the record {last.sequence}: one of the two was put in or changed."
        if not hmac.compare_digest(self._seal(record), record.seal):
            try:
                key = record.content.get("key")
            except (ValueError, AttributeError):
                key = None
            if key != self.key_id:
                return f"It was sealed with another key ({key}) than the one that is here ({self.key_id}), or changed."
            return "Its content is not what was sealed: it was changed."
        return ""

    def _seal(self, record: AuditRecord) -> str:
        told = orjson.dumps(
            [
                record.sequence,
                to_microseconds(record.at),
                record.subject,
                record.provider,
                record.correlation,
                record.previous,
                record.text,
            ]
        )
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()


def _missing(first: int, last: int) -> str:
    return f"The records {first} to {last} before it are missing."


def head_of(connection: Connection) -> Head:
    """The last record."""
    row = connection.execute(
        select(audit.c.sequence, audit.c.seal).order_by(audit.c.sequence.desc()).limit(1)
    ).one_or_none()
    return Head() if row is None else Head(row.sequence, row.seal)


def record_of(row: Row[Any]) -> AuditRecord:
    """A row of the table as a record."""
    return AuditRecord(
        row.sequence,
        from_microseconds(row.at),
        row.subject,
        row.provider,
        row.correlation,
        row.record,
        row.previous,
        row.seal,
    )


def remove_before(connection: Connection, instant: datetime) -> Head | None:
    """Remove the records before an instant, but never the last; gives the last that was removed, None for none.

    The caller appends a record that names it, else the chain would seem broken.
    """
    old = audit.c.at < to_microseconds(instant)
    # A clock that was set back leaves records that are older than those before them: only what is before the first
    # newer record goes.
    newer = connection.execute(select(func.min(audit.c.sequence)).where(~old)).scalar_one()
    until = head_of(connection).sequence if newer is None else newer
    row = connection.execute(
        select(audit.c.sequence, audit.c.seal)
        .where(audit.c.sequence < until)
        .order_by(audit.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(delete(audit).where(audit.c.sequence <= row.sequence))
    return Head(row.sequence, row.seal)
