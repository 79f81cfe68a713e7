"""Moves the log rows that documents emitted into their tables, exactly once.

The number of the last row moved is committed with the rows, so a row whose removal from the outbox was lost in a
crash is known and not moved again.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import pyarrow as pa
import structlog

from vedette.core.errors import InvalidInput, NotFound
from vedette.logs.catalog import TableKey
from vedette.logs.writer import Batch
from vedette.state.documents import OutboxRow
from vedette.state.store import StateStore

APPLIED = "outbox.applied"

PrepareRows = Callable[[str, str, Sequence[Mapping[str, Any]]], tuple[TableKey, pa.Table]]

_log = structlog.get_logger(__name__)


class OutboxDrain:
    """`prepare` types rows for a table of a workspace, `submit` makes a batch durable."""

    def __init__(
        self,
        state: StateStore,
        applied: int,
        prepare: PrepareRows,
        submit: Callable[[Batch], Future[None]],
    ) -> None:
        self._state = state
        self._applied = applied
        self._prepare = prepare
        self._submit = submit
        self._lock = threading.Lock()

    def drain(self) -> None:
        """Move everything that is pending; when it returns, the rows are durable and queries see them."""
        with self._lock:
            while pending := self._state.pending():
                last = pending[-1].sequence
                new = [row for row in pending if row.sequence > self._applied]
                if new:
                    self._submit(Batch(self._typed(new), {APPLIED: str(last)})).result()
                    self._applied = last
                self._state.discard(last)

    def _typed(self, rows: Sequence[OutboxRow]) -> dict[TableKey, pa.Table]:
        by_table: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in rows:
            by_table.setdefault((row.workspace_id, row.table), []).append(row.row)
        parts: dict[TableKey, list[pa.Table]] = {}
        for (workspace_id, table), its_rows in by_table.items():
            for key, typed in self._typed_rows(workspace_id, table, its_rows):
                parts.setdefault(key, []).append(typed)
        return {key: pa.concat_tables(tables, promote_options="default") for key, tables in parts.items()}

    def _typed_rows(
        self, workspace_id: str, table: str, rows: Sequence[Mapping[str, Any]]
    ) -> list[tuple[TableKey, pa.Table]]:
        """The rows as Arrow. One that does not fit its table becomes a row of Operation that says so: it must neither
        vanish nor stop those behind it."""
        try:
            return [self._prepare(workspace_id, table, rows)]
        except (InvalidInput, NotFound) as error:
            if len(rows) > 1:
                return [typed for row in rows for typed in self._typed_rows(workspace_id, table, [row])]
            _log.error("log row refused", workspace=workspace_id, table=table, reason=error.message)
            if error.code == "WorkspaceNotFoundError":
                return []
            return [self._prepare(workspace_id, "Operation", [_refusal(table, error.message)])]


def _refusal(table: str, reason: str) -> dict[str, Any]:
    return {
        "OperationCategory": "Ingestion",
        "OperationStatus": "Error",
        "OperationKey": "Data collection status",
        "Detail": f"A row for {table} could not be stored. {reason}",
    }
