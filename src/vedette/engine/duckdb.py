"""DuckDB as the log engine: opens one database, locks it down, runs queries within limits, commits writes."""

import hashlib
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import structlog

from vedette.core.errors import StorageFull, TooLarge, Unavailable
from vedette.core.whole_files import sync_directory
from vedette.engine import duckdb_registry as registry
from vedette.engine import duckdb_sizes as sizes
from vedette.engine.cancellation import Cancellation
from vedette.engine.disk_space import check_room
from vedette.engine.duckdb_checkpoints import MERGING_SETTING, NEVER, Checkpoints
from vedette.engine.duckdb_errors import open_error, query_error, read_error, storage_error, storage_failed, write_error
from vedette.engine.duckdb_python import DefinedFunctions
from vedette.engine.duckdb_select import only_select
from vedette.engine.duckdb_transaction import WriteTransaction
from vedette.engine.engine import StoredFile, TableExtent, Tables
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.engine.result import EngineResult, read_within
from vedette.engine.running_queries import RunningQueries
from vedette.engine.watchdog import Watchdog
from vedette.kql.catalog import Table
from vedette.kql.functions.entry import quote
from vedette.sql.dialects.base import Dialect
from vedette.sql.dialects.duckdb import DuckDB

_BATCH_ROWS = 65_536  # a limit is noticed after at most so many rows; smaller batches cost more than they save
_INTERRUPTED_AGAIN = 0.05  # seconds
_CLOSING_SECONDS = 1.0  # that cancelled queries are given to end
_MACRO_FILES = ("duckdb.sql", "duckdb_operators.sql", "duckdb_series.sql", "duckdb_geo.sql")
_CROWDED_OUT = (0.1, 0.5, 1.0)  # seconds between the runs of a query that finds the memory taken by others
_SOON = 5.0  # seconds: a query that ran for longer than that took much itself
_WATCHDOG = Watchdog()
_MACROS_FACT = "macros"
_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


class DuckDBEngine:
    """One DuckDB database: a file, or in memory when `path` is None. Its methods may be called from any thread.

    Queries can reach nothing outside it: no files, no network, no extensions, no settings.
    `memory_limit` is in bytes (default: half of the machine's memory); beyond it the engine spills to disk beside
    the file. `fill` may load an in-memory database before the doors close. `ip_database` is a file in MaxMind's format
    that says where IP addresses are; `checkpoint_took` is told the seconds of each checkpoint. With `has_small_results`
    a result is computed whole before it is read, which spares the engine to plan each query twice.
    Raises Unavailable (DataDirectoryInUse, LogStorageFailure) and Unsupported (LogFormatTooNew).
    """

    def __init__(
        self,
        path: Path | None,
        *,
        memory_limit: int | None = None,
        threads: int | None = None,
        fill: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
        ip_database: Path | None = None,
        checkpoint_took: Callable[[float], None] = lambda _seconds: None,
        has_small_results: bool = False,
    ) -> None:
        self.dialect: Dialect = DuckDB()
        self._write_lock = threading.Lock()
        self._failure: Unavailable | None = None
        self._queries = RunningQueries["_Deadline"]()
        self._has_small_results = has_small_results
        self._folder = None if path is None else path.absolute().parent
        self._connection = _connect(path)
        try:
            registry.prepare(self._connection, path)
            _define_macros(self._connection, ip_database)
            if fill is not None:
                fill(self._connection)
            _lock_down(self._connection, path, memory_limit or _half_of_memory(), threads or os.cpu_count() or 1)
            self._writer = self._connection.cursor()
            self._checkpoints = (
                None
                if path is None
                else Checkpoints(
                    self._connection.cursor(),
                    path,
                    self._write_lock,
                    self._checkpoint_failed,
                    checkpoint_took,
                    is_sound=lambda: self._failure is None,
                    has_room=self._has_room,
                )
            )
            self._python = DefinedFunctions(self._connection)
        except duckdb.Error as error:
            self._connection.close()
            raise open_error(error, path or Path(":memory:")) from error
        except BaseException:
            self._connection.close()
            raise

    def run(
        self,
        sql: str,
        limits: Limits = DEFAULT_LIMITS,
        cancellation: Cancellation | None = None,
        tables: Tables | None = None,
    ) -> EngineResult:
        """Run one SELECT, which also sees these `tables`. One that finds the memory taken by others that run is given
        it again some times: what it lacks may be little, and they may be about to let go of theirs.

        Raises TimedOut, TooLarge (memory), InvalidInput (a value), Unavailable (storage, or QueryCancelled).
        """
        with self._python.for_query(sql):
            for pause in _CROWDED_OUT:
                began = time.monotonic()
                try:
                    return self._run(sql, limits, cancellation, tables)
                except TooLarge:
                    if self._queries.count() == 0 or time.monotonic() - began > _SOON:
                        raise
                time.sleep(pause)
            return self._run(sql, limits, cancellation, tables)

    def _run(self, sql: str, limits: Limits, cancellation: Cancellation | None, tables: Tables | None) -> EngineResult:
        with (
            closing(self._connection.cursor()) as cursor,
            _Deadline(cursor, limits.timeout.total_seconds()) as deadline,
            self._queries.counted(deadline),
            (cancellation or Cancellation()).ending(deadline.cancel),
        ):
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            try:
                reader = self._reader(cursor, only_select(sql))
                return read_within(reader, limits, self._folder)
            except (duckdb.Error, OSError) as error:
                raise query_error(error, deadline.passed) from error

    def _reader(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
        if not self._has_small_results:
            return cursor.sql(sql).to_arrow_reader(_BATCH_ROWS)
        with warnings.catch_warnings(category=UserWarning, action="ignore"):  # it copies rows, which are few
            return cursor.execute(sql).to_arrow_reader(_BATCH_ROWS)

    @contextmanager
    def write(self, *, makes_room: bool = False) -> Iterator[WriteTransaction]:
        """The one write transaction; others wait. It is durable when the context exits; an exception rolls it back.

        Raises InvalidInput when the engine refuses the rows, Passing while it has no memory for them, StorageFull while
        the disk has no room, of which what only deletes and so `makes_room` needs little. Raises Unavailable when the
        storage fails, and for every write after that: what a failed write left in the log file is known only when it is
        opened anew.
        """
        with self._write_lock:
            if self._failure is not None:
                raise self._failure
            if self._folder is not None:
                check_room(self._folder, self.waiting_bytes(), makes_room=makes_room)
            try:
                self._writer.execute("BEGIN TRANSACTION")
            except duckdb.Error as error:
                self._failure = storage_error(error)
                raise self._failure from error
            transaction = WriteTransaction(self._writer)
            try:
                yield transaction
            except duckdb.Error as error:
                self._roll_back()
                raise self._write_failed(error) from error
            except BaseException:
                self._roll_back()
                raise
            try:
                self._writer.execute("COMMIT")
            except duckdb.Error as error:
                self._failure = storage_error(error)
                raise self._failure from error
        if self._checkpoints is not None:
            self._checkpoints.committed(deleted=transaction.deleted > 0)

    @contextmanager
    def without_checkpoints(self) -> Iterator[None]:
        """The time in which files that `cut` gave keep what they had; writing goes on."""
        with nullcontext() if self._checkpoints is None else self._checkpoints.held():
            yield

    def cut(self) -> list[StoredFile]:
        """The files that together hold all that is committed at this instant; only within `without_checkpoints`."""
        with self._write_lock:
            if self._failure is not None:
                raise self._failure
            return [] if self._checkpoints is None else self._checkpoints.cut()

    def waiting_bytes(self) -> int:
        """How long the write-ahead log is."""
        return 0 if self._checkpoints is None else self._checkpoints.waiting_bytes()

    def schemas(self) -> dict[str, str]:
        """The schemas of log tables, each with its label."""
        with self._reading() as cursor:
            return registry.schemas(cursor)

    def tables(self) -> dict[str, list[Table]]:
        """The stored log tables of each schema."""
        with self._reading() as cursor:
            return registry.tables(cursor)

    def requests(self) -> dict[str, datetime]:
        """What `WriteTransaction.remember_requests` stored, oldest first."""
        with self._reading() as cursor:
            return registry.requests(cursor)

    def extent(self, table: Table, time_column: str) -> TableExtent:
        """Rows of a stored table and the ends of a datetime column, without reading the rows."""
        with closing(self._connection.cursor()) as cursor:
            return self._told(lambda: sizes.extent(cursor, table, time_column))

    def bytes_on_disk(self, table: Table) -> int:
        """About how many bytes of the file a stored table has; the more rows, the longer this takes to find out."""
        with closing(self._connection.cursor()) as cursor:
            return self._told(lambda: sizes.bytes_on_disk(cursor, table))

    def fact(self, key: str) -> str | None:
        """What `WriteTransaction.set_fact` stored last; None when nothing was."""
        with self._reading() as cursor:
            return registry.fact(cursor, key)

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(self._connection.cursor()) as cursor:
            try:
                yield cursor
            except duckdb.Error as error:
                raise read_error(error) from error

    def stop_queries(self) -> None:
        """End the queries that run, and refuse others: they raise Unavailable (QueryCancelled)."""
        self._queries.stop(_Deadline.cancel)

    def close(self) -> None:
        """Close the database; running queries end with Unavailable."""
        self.stop_queries()
        are_over = self._queries.wait(_CLOSING_SECONDS)
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._writer.close()
        if not are_over:  # closing would be refused; what is committed is on the disk, and the process ends
            return
        self._connection.close()
        if self._checkpoints is not None:
            self._checkpoints.closed()

    def _told(self, ask: Callable[[], _T]) -> _T:
        """What `ask` gives. Raises what `run` raises, such as for a table that was dropped meanwhile."""
        try:
            return ask()
        except duckdb.Error as error:
            raise query_error(error, False) from error

    def _roll_back(self) -> None:
        try:
            self._writer.execute("ROLLBACK")
        except duckdb.Error as error:
            self._failure = storage_error(error)
            raise self._failure from error

    def _has_room(self) -> bool:
        """Whether the disk has more than its reserve."""
        assert self._folder is not None
        try:
            check_room(self._folder, self.waiting_bytes())
        except StorageFull:
            return False
        return True

    def _checkpoint_failed(self, error: duckdb.Error) -> None:
        self._failure = self._failure or storage_error(error)
        _log.error("the log storage failed; nothing is accepted until a restart", reason=self._failure.message)

    def _write_failed(self, error: duckdb.Error) -> Exception:
        if not storage_failed(error):
            return write_error(error)
        self._failure = storage_error(error)
        return self._failure


class _Deadline:
    """Interrupts a cursor when its time is up or it is cancelled, and never after the work is done.

    An interrupt before the engine has begun to run the query is lost, so it is given again until the work is done.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self.passed = False
        self._cursor = cursor
        self._done = False
        self._lock = threading.Lock()
        self._seconds = seconds
        self._watched: list[int] = []

    def __enter__(self) -> "_Deadline":
        self._watched.append(_WATCHDOG.watch(self._seconds, self._pass))
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._done = True
        for number in self._watched:
            _WATCHDOG.forget(number)

    def cancel(self) -> None:
        """Interrupt the cursor before its time."""
        with self._lock:
            if not self._done:
                self._cursor.interrupt()
                self._watched = [self._watched[0], _WATCHDOG.watch(_INTERRUPTED_AGAIN, self.cancel)]

    def _pass(self) -> None:
        self.passed = True
        self.cancel()


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    options: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        if path is not None and not path.exists():
            _make_file(path, options)
        return duckdb.connect(":memory:" if path is None else str(path), config=options)
    except duckdb.Error as error:
        raise open_error(error, path or Path(":memory:")) from error


def _make_file(path: Path, options: dict[str, str | bool | int | float | list[str]]) -> None:
    """Make an empty database, whole or not at all: one whose making was cut short could not be opened any more."""
    new = path.with_name(f".{path.name}.new")
    for left in path.parent.glob(f"{new.name}*"):
        left.unlink()
    duckdb.connect(str(new), config=options).close()
    new.replace(path)
    sync_directory(path.parent)


def _lock_down(connection: duckdb.DuckDBPyConnection, path: Path | None, memory_limit: int, threads: int) -> None:
    settings: dict[str, str | int | bool] = {
        "TimeZone": "UTC",
        "error_on_division_by_zero": False,
        "preserve_insertion_order": True,
        "checkpoint_threshold": NEVER,
        "memory_limit": f"{memory_limit} bytes",
        "threads": threads,
        "temp_directory": str(path.with_name(f"{path.name}.spill")) if path else "",
        "enable_external_access": False,
    }
    for name, value in settings.items():
        text = value if isinstance(value, int) else f"'{str(value).replace(chr(39), chr(39) * 2)}'"
        connection.execute(f"SET GLOBAL {name} = {text}")
    connection.execute(f"SET GLOBAL allowed_configs = ['{MERGING_SETTING}']")
    connection.execute("SET GLOBAL lock_configuration = true")


def _define_macros(connection: duckdb.DuckDBPyConnection, ip_database: Path | None) -> None:
    """Bring the functions that carry Kusto's meaning up to date; a file that has them is not written to."""
    folder = resources.files("vedette.sql.dialects")
    text = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in _MACRO_FILES)
    path = "CAST(NULL AS VARCHAR)" if ip_database is None else quote(str(ip_database.absolute()))
    text = f"{text}\nCREATE OR REPLACE MACRO kql_ip_database() AS {path};"
    digest = hashlib.sha256(text.encode()).hexdigest()
    if registry.fact(connection, _MACROS_FACT) == digest:
        return
    connection.execute("BEGIN TRANSACTION")
    for statement in connection.extract_statements(text):
        connection.execute(statement)
    registry.set_fact(connection, _MACROS_FACT, digest)
    connection.execute("COMMIT")


def _half_of_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
