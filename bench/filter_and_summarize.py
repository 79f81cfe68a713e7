"""What does KQL cost over SQL by hand? `T | where … | summarize … by bin(…)` on a million rows, side by side.

Both sides hold the same rows in a DuckDB file of their own and give Arrow: Vedette through its log store, from query
text to record batches; the other through DuckDB's own Python package, in the SQL that its manual would teach.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from bench.question import Finding, interleaved
from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.store import LogStore

RUNS = 31
ROWS = 1_000_000
TARGET = 1.15
_WORKSPACE = "11111111-1111-1111-1111-111111111111"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_CHUNK = 50_000
_COLUMNS = {
    "TimeGenerated": ScalarType.datetime,
    "Action": ScalarType.string,
    "Source": ScalarType.string,
    "Port": ScalarType.int,
    "Bytes": ScalarType.long,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question in both languages."""

    name: str
    kql: str
    sql: str


PAIRS = (
    Pair(
        "by the hour",
        """Traffic_CL
        | where Action == 'deny' and Bytes > 2000
        | summarize Connections = count(), Total = sum(Bytes) by bin(TimeGenerated, 1h)""",
        """SELECT time_bucket(INTERVAL 1 HOUR, TimeGenerated), count(*), sum(Bytes)
        FROM traffic WHERE Action = 'deny' AND Bytes > 2000 GROUP BY ALL""",
    ),
    Pair(
        "by source and 5 minutes",
        """Traffic_CL
        | where TimeGenerated between (datetime(2026-01-02) .. datetime(2026-01-05)) and Port in (22, 443, 3389)
        | summarize count(), max(Bytes), avg(Bytes) by Source, bin(TimeGenerated, 5m)""",
        """SELECT Source, time_bucket(INTERVAL 5 MINUTE, TimeGenerated), count(*), max(Bytes), avg(Bytes)
        FROM traffic
        WHERE TimeGenerated BETWEEN TIMESTAMP '2026-01-02' AND TIMESTAMP '2026-01-05' AND Port IN (22, 443, 3389)
        GROUP BY ALL""",
    ),
)


def ask() -> list[Finding]:
    """For each pair, the ratio of the two medians."""
    with TemporaryDirectory() as folder, _log_store(Path(folder)) as logs, _by_hand(Path(folder)) as connection:
        return [_compare(pair, logs, connection) for pair in PAIRS]


def _compare(pair: Pair, logs: LogStore, connection: duckdb.DuckDBPyConnection) -> Finding:
    def through_vedette() -> float:
        return _timed(lambda: logs.query(_WORKSPACE, pair.kql).batches)

    def through_sql() -> float:
        return _timed(lambda: connection.sql(pair.sql).to_arrow_table())

    answered = sum(batch.num_rows for batch in logs.query(_WORKSPACE, pair.kql).batches)
    assert answered == len(connection.sql(pair.sql).fetchall()), "the two do not ask the same"
    ours, theirs = interleaved(RUNS, through_vedette, through_sql)
    note = f"KQL {ours * 1000:.1f} ms, SQL by hand {theirs * 1000:.1f} ms; {answered:,} groups; median of {RUNS}"
    return Finding(f"where and summarize {pair.name}, {ROWS:,} rows", ours / theirs, TARGET, "×", note)


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _rows(first: int) -> list[dict[str, Any]]:
    """Eleven days of connections, the same at every run."""
    return [
        {
            "TimeGenerated": _START + timedelta(seconds=number),
            "Action": ("allow", "deny", "allow", "reset")[number * 7919 % 4],
            "Source": f"10.0.{number * 31 % 16}.{number * 17 % 250}",
            "Port": (22, 53, 80, 443, 3389, 8080)[number * 104_729 % 6],
            "Bytes": number * 48_271 % 9973,
        }
        for number in range(first, first + _CHUNK)
    ]


@contextmanager
def _log_store(folder: Path) -> Iterator[LogStore]:
    engine = DuckDBEngine(folder / "logs.duckdb")
    logs = LogStore(engine, VirtualClock(_START), None)
    logs.create_workspace(_WORKSPACE)
    for first in range(0, ROWS, _CHUNK):
        logs.append(_WORKSPACE, "Traffic_CL", _rows(first), columns=_COLUMNS).result()
    yield logs
    logs.close()
    engine.close()


@contextmanager
def _by_hand(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(folder / "hand.duckdb") as connection:
        connection.execute(
            "CREATE TABLE traffic (TimeGenerated TIMESTAMP, Action VARCHAR, Source VARCHAR, Port INTEGER, Bytes BIGINT)"
        )
        for first in range(0, ROWS, _CHUNK):
            chunk = pa.Table.from_pylist(
                [row | {"TimeGenerated": row["TimeGenerated"].replace(tzinfo=None)} for row in _rows(first)]
            )
            connection.register("chunk", chunk)
            connection.execute("INSERT INTO traffic BY NAME SELECT * FROM chunk")
        connection.execute("CHECKPOINT")
        yield connection
