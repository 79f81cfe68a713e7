"""Moves DuckDB's write-ahead log into its file, on a thread of its own, so that no commit is answered late for it.

While a checkpoint runs, inserts wait (the engine locks every table for it), so it must be short: it is made as soon as
the log has THRESHOLD bytes, and leaves its rows in groups of their own. Groups that are small, or full of deleted rows,
are merged by later checkpoints, in calm.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import structlog

from vedette.engine import duckdb_registry as registry
from vedette.engine.engine import StoredFile

THRESHOLD: Final = 8_000_000
"""Bytes of the write-ahead log; about what a second of heavy ingestion writes."""

CALM: Final = 30.0
"""Seconds without a checkpoint that was due, after which groups of rows are merged."""

FEW_UNMERGED: Final = 30
"""Checkpoints after which some merge groups without calm, in SHARE of the time: the engine keeps memory for the groups
of each checkpoint, a megabyte or more for a few wide tables, and the more there are, the longer a checkpoint takes."""

MOST_UNMERGED: Final = 500
"""Checkpoints whose groups may wait; beyond it each checkpoint merges some all the same, and takes longer."""

SHARE: Final = 0.01
"""Of the time, for checkpoints that merge without calm: what waits for them is less than one request in a hundred."""

MERGING_SETTING: Final = "max_vacuum_tasks"
"""The engine's setting that says how many merges a checkpoint makes; it must stay free to be changed."""

_MERGES = 8  # of a checkpoint while nobody writes; a merge takes up to half a second
_GROUPS = 3  # that a merge makes one of, about
_MERGED_FACT = "merged"

NEVER: Final = "1 TB"
"""The engine's own threshold: its automatic checkpoints run inside a commit, which would be answered after it."""


_log = structlog.get_logger(__name__)


class Checkpoints:
    """The thread; `writing` is held by who writes, `failed` is told when the storage fails, and `took` the seconds of
    each checkpoint. While `writing` is held, `is_sound` says whether no write has failed, after which none is tried
    again, and `has_room` whether the disk has more than its reserve."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        writing: threading.Lock,
        failed: Callable[[duckdb.Error], None],
        took: Callable[[float], None],
        *,
        is_sound: Callable[[], bool],
        has_room: Callable[[], bool],
    ) -> None:
        self._writing = writing
        self._connection = connection
        self._path = path
        self._wal = path.with_name(f"{path.name}.wal")
        self._failed = failed
        self._took = took
        self._is_sound = is_sound
        self._has_room = has_room
        self._committed = 0.0  # when, on the monotonic clock
        self._unmerged = 1  # checkpoints, at least: those of an earlier run may have left something
        self._may_merge = 0.0  # when a checkpoint may merge again without calm, on the monotonic clock
        self._wake = threading.Event()
        self._stopping = False
        self._hold = threading.Lock()
        self._open: list[int] = []
        self._file: int | None = None
        self._thread = threading.Thread(target=self._run, name="log-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, *, deleted: bool = False) -> None:
        """Look whether a checkpoint is due; what was deleted will have to be merged."""
        self._committed = time.monotonic()
        if deleted:
            self._unmerged += 1
        if self.waiting_bytes() >= THRESHOLD:
            self._wake.set()

    def waiting_bytes(self) -> int:
        """How long the write-ahead log is; 0 where there is none."""
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """The time in which the file stays as it is and the log only grows, so that both can be copied."""
        with self._hold:
            try:
                yield
            finally:
                while self._open:
                    os.close(self._open.pop())
        self.committed()

    def cut(self) -> list[StoredFile]:
        """The file and the log as long as they are now. Call it within `held` and while nobody commits."""
        if self._file is None:
            # It stays open as long as the database is: closing it would end the lock that the engine has on the file,
            # for such locks belong to the process and not to who opened it (fcntl, POSIX).
            self._file = os.open(self._path, os.O_RDONLY)
        parts = [StoredFile(self._path.name, self._file, os.fstat(self._file).st_size)]
        if self.waiting_bytes():
            log = os.open(self._wal, os.O_RDONLY)
            self._open.append(log)
            parts.append(StoredFile(self._wal.name, log, os.fstat(log).st_size))
        return parts

    def close(self) -> None:
        """Make the last checkpoint and end the thread.

        Closing the database would make it too, but without letting other threads run, and one of them may have to say
        that the time for stopping is over.
        """
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._connection.close()

    def closed(self) -> None:
        """The database is closed, and its file need not be kept open any longer."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _run(self) -> None:
        while True:
            due = self._wake.wait(CALM if self._unmerged else None)
            self._wake.clear()
            with self._hold:
                if due:
                    most = FEW_UNMERGED if time.monotonic() >= self._may_merge else MOST_UNMERGED
                    self._checkpoint(merges=int(self._unmerged > most and not self._stopping))
                else:
                    self._merge()
            if self._stopping:
                return

    def _checkpoint(self, merges: int) -> None:
        if not self.waiting_bytes():
            return
        with self._writing:  # the engine refuses a checkpoint beside a transaction that alters or deletes
            if self._is_sound():
                took = self._make(merges)
                if merges:
                    self._may_merge = time.monotonic() + took / SHARE
        self._unmerged = max(0, self._unmerged + 1 - merges * _GROUPS)

    def _merge(self) -> None:
        """A checkpoint that merges; one merge only where somebody writes, who waits for it."""
        merges = _MERGES if time.monotonic() - self._committed > CALM else 1
        with self._writing:
            if not (self._is_sound() and self._has_room()):
                return
            self._make(merges, has_work=False)
        self._unmerged = max(0, self._unmerged - merges * _GROUPS)

    def _make(self, merges: int, *, has_work: bool = True) -> float:
        """A checkpoint with so many merges, and the seconds that it took; it would do nothing, and merge nothing, where
        nothing was written."""
        began = time.monotonic()
        try:
            if not has_work:
                registry.set_fact(self._connection, _MERGED_FACT, str(self._unmerged))
            self._connection.execute(f"SET GLOBAL {MERGING_SETTING} = {merges}")
            self._connection.execute("CHECKPOINT")
            self._took(time.monotonic() - began)
        except duckdb.TransactionException as error:
            # A query still runs that began before something was altered or deleted. Nothing has failed: the log keeps
            # what was committed, and the next commit, or the next calm, asks again.
            _log.info("a checkpoint is put off until a query ends", reason=str(error))
        except duckdb.Error as error:
            self._failed(error)
        return time.monotonic() - began
