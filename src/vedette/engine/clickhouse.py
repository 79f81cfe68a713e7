"""ClickHouse as a query engine, through clickhouse-connect: a server by `https://…`, the same engine in this process by
`chdb://…` (the package chdb, for tests)."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib import resources
from pathlib import Path
from uuid import uuid4

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from vedette.engine.cancellation import Cancellation
from vedette.engine.clickhouse_errors import open_error, query_error
from vedette.engine.engine import Tables
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.engine.result import EngineResult, read_within
from vedette.engine.running_queries import RunningQueries
from vedette.sql.dialects.base import Dialect
from vedette.sql.dialects.clickhouse import ClickHouse
from vedette.sql.dialects.gap import DialectGap

_FUNCTIONS_FILE = "clickhouse.sql"
_CREATE = re.compile(r"^CREATE OR REPLACE FUNCTION .*?;$", re.MULTILINE | re.DOTALL)
_DEFAULT_MEMORY = 4_000_000_000
_BATCH_ROWS = 65_536
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_SOURCES = re.compile(
    r"(?<!AS )\b(?:azureBlobStorage|cluster|deltaLake|dictionary|executable|file|gcs|hdfs|hudi|iceberg|input|jdbc|loop|"
    r"merge|mongodb|mysql|odbc|postgresql|python|redis|remote|s3|sqlite|url|view|ytsaurus)\w*\s*\(",
    re.IGNORECASE,
)
_OTHER_STATEMENTS = re.compile(
    r"\b(?:ALTER|ATTACH|BACKUP|CREATE|DELETE|DETACH|DROP|EXCHANGE|GRANT|INSERT|INTO\s+OUTFILE|KILL|OPTIMIZE|RENAME|RESTORE|"
    r"REVOKE|SET|SETTINGS|SYSTEM|TRUNCATE|UPDATE|USE)\b",
    re.IGNORECASE,
)

_MEANING: Mapping[str, str | int] = {
    "cast_keep_nullable": 1,
    "enable_materialized_cte": 1,
    "enable_positional_arguments": 0,
    "enable_unaligned_array_join": 1,
    "join_use_nulls": 1,
    "output_format_json_escape_forward_slashes": 0,
    "precise_float_parsing": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
    "transform_null_in": 0,
    "union_default_mode": "ALL",
}
"""The settings on which the dialect's SQL relies."""


class ClickHouseEngine:
    """One ClickHouse database. Its methods may be called from any thread; queries only read.

    `dsn` is that of clickhouse-connect, with user and password; give the server's user a read-only profile and no
    grants beyond SELECT on the log tables and CREATE FUNCTION. `memory_limit` is in bytes and holds for each query.
    `functions` is a folder that `clickhouse_functions.install` filled, for the engine in this process.
    Raises Unavailable (LogStorageFailure).
    """

    def __init__(
        self,
        dsn: str,
        *,
        memory_limit: int = _DEFAULT_MEMORY,
        threads: int | None = None,
        functions: Path | None = None,
    ) -> None:
        self._dsn = dsn
        self._functions = functions
        self._memory_limit = memory_limit
        self._threads = threads
        self._running = RunningQueries[str]()
        self._client = self._connect()
        self._control = self._connect()
        try:
            _define_functions(self._client)
            self.dialect: Dialect = ClickHouse(_python_functions(self._client))
        except ClickHouseError as error:
            raise open_error(error) from error

    def run(
        self,
        sql: str,
        limits: Limits = DEFAULT_LIMITS,
        cancellation: Cancellation | None = None,
        tables: Tables | None = None,
    ) -> EngineResult:
        """Run one SELECT, which also sees these `tables`.

        Raises TimedOut, TooLarge (memory), InvalidInput (a value), Unavailable (storage, or QueryCancelled).
        """
        if tables:
            raise DialectGap(self.dialect.name, "externaldata", "files are read beside the engine")
        number = uuid4().hex
        with self._running.counted(number), (cancellation or Cancellation()).ending(lambda: self._kill([number])):
            try:
                table = self._client.query_arrow(_only_select(sql), settings=self._settings(limits, number))
            except ClickHouseError as error:
                raise query_error(error) from error
        with closing(_naive(table).to_reader(_BATCH_ROWS)) as reader:
            return read_within(reader, limits)

    def stop_queries(self) -> None:
        """End the queries that run, and refuse others: they raise Unavailable (QueryCancelled)."""
        running: list[str] = []
        self._running.stop(running.append)
        self._kill(running)

    def close(self) -> None:
        """Close the connections; running queries end with Unavailable."""
        self.stop_queries()
        self._client.close()
        self._control.close()

    def _connect(self) -> Client:
        try:
            if self._dsn.startswith("chdb:"):
                folder = str(self._functions) if self._functions else None
                options = {"udf_path": folder, "user_scripts_path": folder} if folder else None
                return clickhouse_connect.get_client(dsn=self._dsn, chdb_options=options)
            # Without a session of its own a client may run several queries at a time.
            return clickhouse_connect.get_client(dsn=self._dsn, autogenerate_session_id=False)
        except ClickHouseError as error:
            raise open_error(error) from error

    def _settings(self, limits: Limits, number: str) -> dict[str, str | int | float]:
        """What bounds a query. One row more than is wanted tells whether there are more; whole blocks come before
        that."""
        bounds: dict[str, str | int | float] = {
            "log_comment": number,
            "max_execution_time": limits.timeout.total_seconds(),
            "timeout_overflow_mode": "throw",
            "max_memory_usage": self._memory_limit,
            "max_result_rows": limits.rows + 1,
            "result_overflow_mode": "break",
            "allow_ddl": 0,
            "allow_introspection_functions": 0,
        }
        if self._threads is not None:
            bounds["max_threads"] = self._threads
        return {**_MEANING, **bounds}

    def _kill(self, numbers: Sequence[str]) -> None:
        if numbers:
            listed = ", ".join(f"'{number}'" for number in numbers)
            self._control.command(f"KILL QUERY WHERE Settings['log_comment'] IN ({listed}) ASYNC")


def _define_functions(client: Client) -> None:
    """Bring the functions that carry Kusto's meaning up to date."""
    text = resources.files("vedette.sql.dialects").joinpath(_FUNCTIONS_FILE).read_text(encoding="utf-8")
    for statement in _CREATE.findall(text):
        client.command(statement.rstrip(";"))


def _python_functions(client: Client) -> frozenset[str]:
    """The functions in Python that the server was given (`clickhouse_functions.py`)."""
    found = client.query("SELECT name FROM system.functions WHERE origin = 'ExecutableUserDefined'")
    return frozenset(str(row[0]) for row in found.result_rows if str(row[0]).startswith("py_"))


def _only_select(sql: str) -> str:
    """The text, if it is one SELECT that reads nothing but tables. The lowering writes no other, so this is a second
    lock; the third is the server's own profile for the user."""
    bare = _QUOTED.sub("''", sql)
    if (
        not bare.startswith(("SELECT", "WITH"))
        or ";" in bare
        or _OTHER_STATEMENTS.search(bare)
        or _SOURCES.search(bare)
    ):
        raise ValueError("the engine runs one SELECT over tables at a time")
    return sql


def _naive(table: pa.Table) -> pa.Table:
    """Datetimes in UTC without saying so, as every engine gives them."""
    fields = [
        pa.field(field.name, pa.timestamp(field.type.unit)) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
