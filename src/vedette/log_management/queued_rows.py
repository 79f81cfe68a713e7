"""Rows of the server's own that nobody waits for: kept in memory for some seconds and stored together."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, Final

import structlog

from vedette.core.errors import VedetteError
from vedette.core.metrics import Metrics
from vedette.logs.store import LogStore

MOST_ROWS: Final = 10_000
"""Rows that are kept at most; those beyond are dropped, and counted as dropped."""

_SOON: Final = 1_000  # so many rows do not wait for their time
_log = structlog.get_logger(__name__)


class QueuedRows:
    """Rows on their way to the tables of all workspaces. Its methods may be called from any thread.

    What is queued and not stored is lost when the process is killed; `flush` at the end of its life stores the rest.
    """

    def __init__(self, logs: LogStore, metrics: Metrics) -> None:
        self._logs = logs
        self._metrics = metrics
        self._lock = threading.Lock()
        self._rows: list[tuple[str, str, Mapping[str, Any]]] = []

    def add(self, workspace_id: str, table: str, row: Mapping[str, Any]) -> None:
        """Queue a row; nobody waits for it."""
        with self._lock:
            if len(self._rows) >= MOST_ROWS:
                self._metrics.dropped_rows.add(1, "server", "QueueFull")
                return
            self._rows.append((workspace_id, table, row))
            full = len(self._rows) % _SOON == 0
        if full:
            self.flush(wait=False)

    def flush(self, *, wait: bool = True) -> None:
        """Store what is queued; on return it is on the disk, unless nobody is to wait for it."""
        with self._lock:
            rows, self._rows = self._rows, []
        grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for workspace_id, table, row in rows:
            grouped.setdefault((workspace_id, table), []).append(row)
        stored = [self._append(*key, its_rows) for key, its_rows in grouped.items()]
        for future in stored if wait else ():
            if future is not None and (error := future.exception()) is not None:
                _log.error("rows of the server's own were not stored", reason=str(error))

    def _append(self, workspace_id: str, table: str, rows: list[Mapping[str, Any]]) -> Future[None] | None:
        try:
            return self._logs.append(workspace_id, table, rows)
        except VedetteError as error:  # a workspace that is gone, a full disk: nobody waits who could be told
            self._metrics.dropped_rows.add(len(rows), "server", error.code)
            _log.error("rows of the server's own were not stored", table=table, code=error.code, reason=error.message)
            return None
