"""Rows on their way to the writer: what of them is kept, counted and noted, and what is said where they are refused."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Final

import pyarrow as pa

from vedette.core.clock import Clock
from vedette.core.errors import VedetteError
from vedette.core.metrics import Metrics
from vedette.logs.arrivals import Arrivals, Arrived, arrived
from vedette.logs.catalog import TableKey
from vedette.logs.daily_cap import DailyCaps, Status, is_capped
from vedette.logs.receiving import Received, Receiving
from vedette.logs.tables import built_in
from vedette.logs.writer import Batch, LogWriter

OWN_ROWS: Final = "server"
"""The way of what the server writes of its own account: no cap stops it, and nobody is told of it in Operation."""

_SCHEMA: Final = "workspace_"


class Intake:
    """Its methods may be called from any thread. `on_refused`, when set, is told of rows that came and were not stored:
    workspace, table, code and reason."""

    def __init__(self, writer: LogWriter, caps: DailyCaps, metrics: Metrics, clock: Clock) -> None:
        self.on_refused: Callable[[str, str, str, str], None] | None = None
        self.arrivals = Arrivals()
        self.receiving = Receiving()
        self._writer = writer
        self._caps = caps
        self._metrics = metrics
        self._clock = clock

    @contextmanager
    def taking(self, places: Collection[tuple[str, str]], way: str) -> Iterator[Received]:
        """Around the taking of rows for these workspaces and tables; what refuses them is said."""
        try:
            with self.receiving.batch(self._clock.now()) as batch:
                yield batch
        except Exception as error:
            for workspace_id, table in places:
                self._say_refused(workspace_id, table, way, error)
            raise

    def within_caps(self, rows: Mapping[TableKey, pa.Table], way: str) -> Mapping[TableKey, pa.Table]:
        """The rows without those for tables of which the workspace takes no more today."""
        if way == OWN_ROWS:
            return rows
        now = self._clock.now()
        kept: dict[TableKey, pa.Table] = {}
        for (schema, table), part in rows.items():
            if capped(table) and not self._caps.admits(workspace_of_schema(schema), now):
                self._metrics.dropped_rows.add(part.num_rows, way, Status.OVER_QUOTA.value)
            else:
                kept[schema, table] = part
        return kept

    def write(self, batch: Batch, way: str = OWN_ROWS) -> Future[None]:
        """Hand a batch to the writer, and count it when it is on the disk."""
        began, received = perf_counter(), self._clock.now()
        told = {key: arrived(rows, received) for key, rows in batch.rows.items()}
        done = self._writer.submit(batch)
        done.add_done_callback(partial(self._ended, told, way, began, received))
        return done

    def forget(self, workspace_id: str) -> None:
        """Let go of a workspace that is no more."""
        self.arrivals.forget(workspace_id)
        self._caps.forget(workspace_id)

    def _ended(
        self, told: Mapping[TableKey, Arrived], way: str, began: float, received: datetime, done: Future[None]
    ) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            for schema, table in told:
                self._say_refused(workspace_of_schema(schema), table, way, error)
            return
        self._metrics.ack_seconds.observe(perf_counter() - began, way)
        for (schema, table), batch in told.items():
            workspace_id = workspace_of_schema(schema)
            self._metrics.rows.add(batch.rows, table, way)
            self._metrics.bytes.add(batch.bytes, table, way)
            self.arrivals.note(workspace_id, table, batch, received)
            if capped(table):
                self._caps.count(workspace_id, batch.bytes, received)

    def _say_refused(self, workspace_id: str, table: str, way: str, error: BaseException) -> None:
        if self.on_refused is None or way == OWN_ROWS:
            return
        told = isinstance(error, VedetteError)
        code = error.code if told else "InternalServerError"
        self.on_refused(workspace_id, table, code, error.message if told else "The fault is the server's: see its log.")


def capped(table: str) -> bool:
    """Whether a workspace's daily cap stops what is sent to this table."""
    known = built_in(table)
    return is_capped(table, billable=known.billable if known else True)


def schema_of_workspace(workspace_id: str) -> str:
    """The engine's schema for the tables of a workspace, by its GUID."""
    return _SCHEMA + workspace_id.lower()


def workspace_of_schema(schema: str) -> str:
    """The GUID of the workspace whose tables are in this schema of the engine."""
    return schema.removeprefix(_SCHEMA)
