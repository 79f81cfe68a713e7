"""What the rest of the house asks of a log engine, whichever database it is."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.engine.result import EngineResult
from vedette.kql.catalog import Table
from vedette.kql.types import ScalarType
from vedette.sql.dialects.base import Dialect

Tables = Mapping[str, pa.Table]
"""Tables that only one run has, by their names in its SQL."""


@dataclass(frozen=True, slots=True)
class TableExtent:
    """How many rows a table has, and the earliest and latest of their times; None where it has none."""

    rows: int
    oldest: datetime | None
    newest: datetime | None


class QueryEngine(Protocol):
    """Runs queries. Its methods may be called from any thread."""

    @property
    def dialect(self) -> Dialect:
        """The SQL that `run` takes."""
        ...

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
        ...

    def stop_queries(self) -> None:
        """End the queries that run, and refuse others: they raise Unavailable (QueryCancelled)."""
        ...

    def close(self) -> None:
        """Close the database; running queries end with Unavailable."""
        ...


class Transaction(Protocol):
    """What may be written together."""

    def create_schema(self, name: str, label: str) -> None:
        """Make a schema for log tables, or give an existing one a new label."""
        ...

    def drop_schema(self, name: str) -> None:
        """Remove a schema whose tables were dropped."""
        ...

    def create_table(self, schema: str, name: str, columns: Mapping[str, ScalarType]) -> Table:
        """Make a table; the answer has the names that the engine knows it and its columns by."""
        ...

    def add_columns(self, table: Table, columns: Mapping[str, ScalarType]) -> Table:
        """The table with more columns; in existing rows they are null, strings are empty."""
        ...

    def drop_columns(self, table: Table, names: Collection[str]) -> Table:
        """The table without these columns and their values."""
        ...

    def append(self, table: Table, rows: pa.Table) -> None:
        """Append rows; Arrow columns have KQL names, columns of the table that are absent take their default."""
        ...

    def delete_before(self, table: Table, column: str, instant: datetime) -> int:
        """Delete the rows whose column lies before an instant; the answer is how many they were."""
        ...

    def delete_among(self, table: Table, column: str, values: str) -> int:
        """Delete the rows whose column has one of the values that a SELECT gives; the answer is how many they were."""
        ...

    def drop_table(self, table: Table) -> None:
        """Drop a table with its rows."""
        ...

    def set_fact(self, key: str, value: str) -> None:
        """Remember a text under a key."""
        ...

    def remember_requests(self, received: Mapping[str, datetime]) -> None:
        """Remember requests by their keys, which are GUIDs, each with when it was received."""
        ...

    def forget_requests(self, before: datetime) -> None:
        """Forget the requests that were received before an instant."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the log storage by its name in the data directory: open to be read with `pread`, and its length."""

    name: str
    descriptor: int
    bytes: int


class LogEngine(QueryEngine, Protocol):
    """Stores rows too."""

    def write(self, *, makes_room: bool = False) -> AbstractContextManager[Transaction]:
        """The one write transaction; others wait. It is durable when the context exits; an exception rolls it back.
        One that `makes_room`, because it only deletes, is let through on a full disk."""
        ...

    def without_checkpoints(self) -> AbstractContextManager[None]:
        """The time in which files that `cut` gave keep what they had; writing goes on."""
        ...

    def cut(self) -> list[StoredFile]:
        """The files that together hold all that is committed at this instant; only within `without_checkpoints`."""
        ...

    def waiting_bytes(self) -> int:
        """How long the write-ahead log is."""
        ...

    def schemas(self) -> dict[str, str]:
        """The schemas of log tables, each with its label."""
        ...

    def tables(self) -> dict[str, list[Table]]:
        """The stored log tables of each schema."""
        ...

    def requests(self) -> dict[str, datetime]:
        """What `Transaction.remember_requests` stored, oldest first."""
        ...

    def extent(self, table: Table, time_column: str) -> TableExtent:
        """Rows of a stored table and the ends of a datetime column, without reading the rows."""
        ...

    def bytes_on_disk(self, table: Table) -> int:
        """About how many bytes of the file a stored table has; the more rows, the longer this takes to find out."""
        ...

    def fact(self, key: str) -> str | None:
        """What `Transaction.set_fact` stored last; None when nothing was."""
        ...
