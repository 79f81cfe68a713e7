"""Retention: rows that are older than their table keeps them are deleted, in small steps between which others arrive.

A row's age counts from its arrival, by the server's clock (decision 21).
https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from vedette.core.errors import Unavailable, VedetteError
from vedette.logs.catalog import start_of_day
from vedette.logs.standard_names import RECEIVED
from vedette.logs.store import LogStore
from vedette.logs.table_changes import moment

AT_ONCE: Final = 50_000
"""About how many rows one transaction deletes, at most those of one day: what arrives meanwhile waits for no more."""

EVERY: Final = timedelta(hours=1)

_log = structlog.get_logger(__name__)


def apply_retention(logs: LogStore, now: datetime) -> None:
    """Delete what no table keeps any more, the oldest first. It may be cut off anywhere and done again.

    Raises Unavailable when the storage fails or the server is stopping.
    """
    for workspace_id in logs.workspace_ids():
        try:
            _apply(logs, workspace_id, now)
        except Unavailable:
            raise
        except VedetteError as error:  # such as that it is gone meanwhile; the others' rows are deleted all the same
            _log.warning("retention ended early for a workspace", workspace=workspace_id, reason=error.message)


def _apply(logs: LogStore, workspace_id: str, now: datetime) -> None:
    settings = logs.settings(workspace_id)
    for name in logs.tables.stored_names(workspace_id):
        days = settings.of(name).kept_days(name, settings.days, now)
        deleted = _delete(logs, workspace_id, name, start_of_day(now) - timedelta(days=days), now)
        if deleted:
            _log.info("rows deleted after their retention", workspace=workspace_id, table=name, rows=deleted)


def _delete(logs: LogStore, workspace_id: str, name: str, before: datetime, now: datetime) -> int:
    old = f"{RECEIVED} < {moment(before)}"
    pieces = logs.tables.slices(workspace_id, name, old, RECEIVED, AT_ONCE, now)
    return sum(logs.tables.delete_before(workspace_id, name, RECEIVED, min(piece.end, before)) for piece in pieces)
