"""One thread that makes batches durable: everything that waits goes into one transaction (group commit)."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import pyarrow as pa

from vedette.core.errors import InvalidInput, Passing, Unavailable
from vedette.core.metrics import Metrics
from vedette.engine.engine import LogEngine, Transaction
from vedette.kql.catalog import Table
from vedette.kql.types import ScalarType
from vedette.logs.catalog import TableKey, TableRegister
from vedette.logs.known_requests import StoredRequest

_GROUP_BYTES = 32_000_000
_WAITING_BYTES = 512_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by table, facts about them, and the request that brought them, stored together or not at all."""

    rows: Mapping[TableKey, pa.Table]
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    request: StoredRequest | None = None

    @property
    def bytes(self) -> int:
        """Size in memory."""
        return sum(rows.nbytes for rows in self.rows.values())


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the tables or their rows, in a transaction of its own, between the batches before and after it.

    `apply` makes it; one that `makes_room` is made on a full disk too. `committed` is given what `apply` answered once
    it is on the disk, before anyone is told. What `apply` raises as InvalidInput, NotFound or Conflict undoes it and
    nothing else.
    """

    apply: Callable[[Transaction], Any]
    committed: Callable[[Any], None] = lambda _: None
    makes_room: bool = False
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: Batch | Change
    bytes: int
    done: Future[Any]


class LogWriter:
    """Takes batches from any thread and stores them in the order of arrival.

    After a storage failure nothing is accepted any more: what the failed write left behind is known only after a
    restart, and an acknowledgement must never be wrong. A disk without room is none: it is noticed before writing.
    """

    def __init__(self, engine: LogEngine, register: TableRegister, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._engine = engine
        self._register = register
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._waiting_batches = 0
        self._refusal: Unavailable | None = None
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def submit(self, batch: Batch | Change) -> Future[Any]:
        """The future resolves when the batch is on the disk and queries see it, that of a change to what it answered.

        Raises Unavailable when too much is waiting, after a storage failure, and after `close`.
        """
        size = batch.bytes
        waiting = _Waiting(batch, size, Future())
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if self._waiting_bytes and self._waiting_bytes + size > _WAITING_BYTES:
                raise Unavailable("ServiceUnavailable", "More rows arrive than can be stored. Try again in a moment.")
            self._waiting_bytes += size
            self._waiting_batches += 1
            self._queue.put(waiting)
        return waiting.done

    @property
    def waiting(self) -> tuple[int, int]:
        """How many batches wait for the next commit or are in the one that runs, and their bytes."""
        return self._waiting_batches, self._waiting_bytes

    def close(self) -> None:
        """Store what is waiting, then stop."""
        self._refuse(Unavailable("ServiceUnavailable", "The server is stopping."))
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, stopping = self._group(first)
            kept = [each for each in group if each.done.set_running_or_notify_cancel()]
            for is_change, alike in groupby(kept, lambda each: isinstance(each.batch, Change)):
                if is_change:
                    for each in alike:
                        self._change(each)
                else:
                    self._store(self._fitting(alike))
            with self._lock:
                self._waiting_bytes -= sum(each.bytes for each in group)
                self._waiting_batches -= len(group)
            if stopping:
                return

    def _group(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """What can go into one transaction, and whether the end of the queue was met."""
        group = [first]
        size = first.bytes
        while size < _GROUP_BYTES and not self._queue.empty():
            following = self._queue.get()
            if following is None:
                return group, True
            group.append(following)
            size += following.bytes
        return group, False

    def _change(self, waiting: _Waiting) -> None:
        change = waiting.batch
        assert isinstance(change, Change)
        try:
            with self._engine.write(makes_room=change.makes_room) as transaction:
                answer = change.apply(transaction)
            change.committed(answer)
        except Exception as error:  # whatever it is, it belongs to the one who waits; the thread must live on
            if isinstance(error, Unavailable) and not isinstance(error, Passing):
                self._refuse(error)
            waiting.done.set_exception(error)
        else:
            waiting.done.set_result(answer)

    def _fitting(self, group: Iterable[_Waiting]) -> list[_Waiting]:
        """Those whose tables still have every column that their rows hold; a change that came in between may have
        dropped one, and then the rows have to be sent again."""
        fitting: list[_Waiting] = []
        for each in group:
            assert isinstance(each.batch, Batch)
            gone = next((key for key, rows in each.batch.rows.items() if not self._has(key, rows.column_names)), None)
            if gone is None:
                fitting.append(each)
                continue
            message = f"The table '{gone[1]}' was changed while rows for it arrived. Send them again."
            each.done.set_exception(Unavailable("ServiceUnavailable", message))
        return fitting

    def _has(self, key: TableKey, columns: Iterable[str]) -> bool:
        planned = self._register.planned(key)
        return planned is not None and all(name in planned for name in columns)

    def _store(self, group: Sequence[_Waiting]) -> None:
        if not group:
            return
        try:
            self._commit([each.batch for each in group if isinstance(each.batch, Batch)])
        except InvalidInput as error:
            if len(group) == 1:
                group[0].done.set_exception(error)
                return
            for each in group:  # one bad batch does not take the others with it
                self._store([each])
        except Exception as error:  # whatever it is, it belongs to those who wait; the thread must live on
            if isinstance(error, Unavailable) and not isinstance(error, Passing):
                self._refuse(error)
            for each in group:
                each.done.set_exception(error)
        else:
            for each in group:
                each.done.set_result(None)

    def _commit(self, batches: Sequence[Batch]) -> None:
        tables: dict[TableKey, Table] = {}
        began = perf_counter()
        rows_committed = 0
        with self._engine.write() as transaction:
            for key, rows in _by_table(batches).items():
                tables[key] = self._grown(transaction, key)
                rows_committed += rows.num_rows
                if rows.num_rows:
                    transaction.append(tables[key], rows)
            for batch in batches:
                for name, value in batch.facts.items():
                    transaction.set_fact(name, value)
            _remember(transaction, [batch.request for batch in batches if batch.request is not None])
        self._register.committed(tables)
        self._metrics.commit_seconds.observe(perf_counter() - began)
        self._metrics.commit_rows.observe(rows_committed)

    def _grown(self, transaction: Transaction, key: TableKey) -> Table:
        """The stored table, made or widened to what is planned of it."""
        planned = self._register.planned(key) or {}
        stored = self._register.stored(key)
        if stored is None:
            return transaction.create_table(*key, planned)
        present = {column.name for column in stored.columns}
        missing: dict[str, ScalarType] = {name: type for name, type in planned.items() if name not in present}
        return transaction.add_columns(stored, missing) if missing else stored

    def _refuse(self, reason: Unavailable) -> None:
        with self._lock:
            self._refusal = self._refusal or reason


def _remember(transaction: Transaction, requests: Sequence[StoredRequest]) -> None:
    if not requests:
        return
    transaction.remember_requests({request.key: request.received for request in requests})
    outdated = [request.forget_before for request in requests if request.forget_before is not None]
    if outdated:
        transaction.forget_requests(max(outdated))


def _by_table(batches: Sequence[Batch]) -> dict[TableKey, pa.Table]:
    parts: dict[TableKey, list[pa.Table]] = {}
    for batch in batches:
        for key, rows in batch.rows.items():
            parts.setdefault(key, []).append(rows)
    return {key: pa.concat_tables(tables, promote_options="default") for key, tables in parts.items()}
