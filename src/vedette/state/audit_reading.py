"""Records of the audit, as they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from vedette.core.errors import Unavailable
from vedette.state.audit_chain import AuditRecord, record_of
from vedette.state.database import Database
from vedette.state.instants import to_microseconds
from vedette.state.tables import audit

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records: of an interval; of writes of the management plane below an id, of a resource, a provider or a
    correlation id. All in lower case; None and empty for any."""

    since: datetime | None = None
    until: datetime | None = None
    below: str = ""
    subject: str = ""
    provider: str = ""
    correlation: str = ""
    writes_only: bool = False


def read_records(
    connection: Connection,
    database: Database,
    where: AuditFilter,
    *,
    after: int,
    before: int | None,
    oldest_first: bool,
    limit: int,
) -> list[AuditRecord]:
    """Some records between two numbers, which are not among them."""
    conditions: list[Any] = [audit.c.sequence > after]
    if before is not None:
        conditions.append(audit.c.sequence < before)
    if where.since is not None:
        conditions.append(audit.c.at >= to_microseconds(where.since))
    if where.until is not None:
        conditions.append(audit.c.at <= to_microseconds(where.until))
    if where.writes_only:
        conditions.append(audit.c.subject != "")
    if where.below:
        below = database.key_text(where.below)
        conditions.append(
            (audit.c.subject == below) | ((audit.c.subject > f"{below}/") & (audit.c.subject < f"{below}0"))
        )
    for column, value in (
        (audit.c.subject, where.subject),
        (audit.c.provider, where.provider),
        (audit.c.correlation, where.correlation),
    ):
        if value:
            conditions.append(column == database.key_text(value))
    order = audit.c.sequence.asc() if oldest_first else audit.c.sequence.desc()
    rows = connection.execute(select(audit).where(*conditions).order_by(order).limit(limit)).all()
    return [record_of(row) for row in rows]


def all_records(database: Database) -> Iterator[AuditRecord]:
    """Every record in its order, a page at a time. Raises Unavailable (StateUnavailable)."""
    after = 0
    while True:
        try:
            with database.reading.connect() as connection:
                rows = connection.execute(
                    select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(_PAGE)
                ).all()
        except DBAPIError as error:
            raise Unavailable("StateUnavailable", f"The audit cannot be read: {error.orig}.") from error
        if not rows:
            return
        for row in rows:
            yield record_of(row)
        after = rows[-1].sequence
