"""ClickHouse's own KQL dialect over the events of the security queries, through `chdb` where that is installed."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from bench import security_data

_EVENTS = (
    "CREATE TABLE Events_CL (TimeGenerated DateTime64(6), EventID Int32, Account String, Computer String, "
    "SourceIp String, Action String, Port Int32, Bytes Int64, CommandLine String, Url String, Details JSON) "
    "ENGINE = MergeTree ORDER BY TimeGenerated"
)
_WATCH = "CREATE TABLE Watch_CL (TimeGenerated DateTime64(6), Ip String) ENGINE = MergeTree ORDER BY Ip"


@dataclass(frozen=True, slots=True)
class KustoDialect:
    """A session that reads KQL."""

    session: Any

    def asking(self, kql: str) -> Callable[[], Sequence[pa.RecordBatch]]:
        """What runs a query and gives its answer."""

        def ask() -> Sequence[pa.RecordBatch]:
            answer = self.session.query(kql, "ArrowStream").bytes()
            return pa.ipc.open_stream(answer).read_all().to_batches()

        return ask


@contextmanager
def kusto_dialect(folder: Path, rows: int) -> Iterator[KustoDialect | None]:
    """The session with the events in it; None where `chdb` is not installed."""
    if not importlib.util.find_spec("chdb"):
        yield None
        return
    from chdb.session import Session  # noqa: PLC0415 (installed or not)

    click.echo("  loading chdb …", err=True)
    session = Session(str(folder))
    try:
        session.query(_EVENTS)
        session.query(_WATCH)
        _insert(session, folder, "Watch_CL", security_data.watch())
        for chunk in security_data.chunks(rows):
            _insert(session, folder, "Events_CL", chunk)
        session.query("SET allow_experimental_kusto_dialect = 1")
        session.query("SET dialect = 'kusto'")
        yield KustoDialect(session)
    finally:
        session.close()


def _insert(session: Any, folder: Path, table: str, rows: pa.Table) -> None:
    path = folder.with_suffix(".arrow")
    with pa.ipc.new_file(path, rows.schema) as writer:
        writer.write_table(rows)
    session.query(f"INSERT INTO {table} SELECT * FROM file('{path}', Arrow)")
    path.unlink()
