"""What do twenty typical security queries cost in KQL, against the best SQL by hand and other ways to run KQL?

Ten million events in one DuckDB file for each side. Answers are compared first: a rival's answer that is not that of
the SQL by hand is said to be wrong, and its time does not count. Rivals that are not installed are left out:
`duckdb-kql` (KQL to DuckDB's SQL) and `chdb` (ClickHouse's KQL dialect).
"""

import importlib.util
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
import duckdb
import pyarrow as pa

from bench import security_data
from bench.kusto_dialect import KustoDialect, kusto_dialect
from bench.question import Finding
from bench.security_pairs import PAIRS, Pair
from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore

RUNS = 5
TARGET = 1.10
_WORKSPACE = "11111111-1111-1111-1111-111111111111"
_SCHEMA = f"workspace_{_WORKSPACE}"
_START = datetime(2026, 1, 1, tzinfo=UTC)

Ask = Callable[[], Sequence[pa.RecordBatch]]


def ask(rows: int = security_data.ROWS) -> list[Finding]:
    """For each pair the ratio of the medians, then the geometric mean of the ratios."""
    with (
        TemporaryDirectory() as folder,
        _sides(Path(folder), rows) as (logs, connection),
        kusto_dialect(Path(folder) / "chdb", rows) as chdb,
    ):
        ratios = [(pair, *_measured(pair, logs, connection, chdb)) for pair in PAIRS]
    findings = [Finding(pair.name, ratio, math.inf, "×", note) for pair, ratio, note in ratios]
    mean = math.exp(sum(math.log(ratio) for _, ratio, _ in ratios) / len(ratios))
    note = f"{len(ratios)} queries over {rows:,} events; median of {RUNS} runs each"
    return [*findings, Finding("twenty security queries, geometric mean against SQL by hand", mean, TARGET, "×", note)]


def _measured(
    pair: Pair, logs: LogStore, connection: duckdb.DuckDBPyConnection, chdb: KustoDialect | None
) -> tuple[float, str]:
    subjects: dict[str, Ask] = {
        "KQL": lambda: tuple(logs.query(_WORKSPACE, pair.kql).batches),
        "SQL": lambda: connection.sql(pair.sql).to_arrow_table().to_batches(),
    }
    if importlib.util.find_spec("duckdb_kql"):
        subjects["duckdb-kql"] = _duckdb_kql(pair, connection)
    if chdb is not None:
        subjects["chdb"] = chdb.asking(pair.kql)
    expected = comparable(subjects["SQL"]())
    times: dict[str, float] = {}
    failures: dict[str, str] = {}
    for name, subject in subjects.items():
        try:
            answer = comparable(subject())
        except Exception as error:  # whatever a rival raises, it did not answer
            if name in ("KQL", "SQL"):
                raise
            failures[name] = f"refuses ({type(error).__name__})"
            continue
        if answer == expected:
            times[name] = median(timed(subject) for _ in range(RUNS))
        else:
            failures[name] = (
                f"wrong: {len(answer)} rows for {len(expected)}" if len(answer) != len(expected) else "wrong"
            )
    if "KQL" not in times:
        raise AssertionError(f"{pair.name}: KQL and SQL do not agree ({failures})")
    parts = [f"{name} {seconds * 1000:.0f} ms" for name, seconds in times.items()]
    parts += [f"{name} {failure}" for name, failure in failures.items()]
    click.echo(f"  {pair.name}: {', '.join(parts)}", err=True)
    return times["KQL"] / times["SQL"], "; ".join(parts)


def _duckdb_kql(pair: Pair, connection: duckdb.DuckDBPyConnection) -> Ask:
    import duckdb_kql  # noqa: PLC0415 (installed or not)

    text = pair.kql.replace("Events_CL", "events").replace("Watch_CL", "watch")
    return lambda: duckdb_kql.kql(connection, text).to_arrow_table().to_batches()


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def comparable(batches: Sequence[pa.RecordBatch]) -> list[tuple[str, ...]]:
    rows = [row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
    return sorted(tuple(map(_cell, row)) for row in rows)


def _cell(value: Any) -> str:
    match value:
        case float() | Decimal():
            return f"{float(value):.9g}"
        case datetime():
            return value.replace(tzinfo=None).isoformat()
        case list():
            return "[" + ",".join(map(_cell, value)) + "]"
        case str() if value.startswith("["):
            return value.replace('"', "").replace(".0000000Z", "").replace(" ", "")
        case _:
            return str(value)


@contextmanager
def _sides(folder: Path, rows: int) -> Iterator[tuple[LogStore, duckdb.DuckDBPyConnection]]:
    click.echo(f"  making {rows:,} events …", err=True)
    with (
        closing(DuckDBEngine(folder / "logs.duckdb")) as engine,
        duckdb.connect(folder / "hand.duckdb") as connection,
    ):
        _load(engine, connection, rows)
        with closing(LogStore(engine, VirtualClock(_START), None)) as logs:
            yield logs, connection


def _load(engine: DuckDBEngine, connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    connection.execute(
        "CREATE TABLE events (TimeGenerated TIMESTAMP, EventID INTEGER, Account VARCHAR, Computer VARCHAR, "
        "SourceIp VARCHAR, Action VARCHAR, Port INTEGER, Bytes BIGINT, CommandLine VARCHAR, Url VARCHAR, "
        "Details VARIANT)"
    )
    connection.register("addresses", security_data.watch())
    connection.execute("CREATE TABLE watch AS SELECT * FROM addresses")
    with engine.write() as transaction:
        transaction.create_schema(_SCHEMA, "bench")
        events = transaction.create_table(_SCHEMA, "Events_CL", security_data.COLUMNS)
        watch = transaction.create_table(_SCHEMA, "Watch_CL", security_data.WATCH_COLUMNS)
        transaction.append(watch, security_data.watch())
    for chunk in security_data.chunks(rows):
        with engine.write() as transaction:
            transaction.append(events, chunk)
        connection.register("chunk", chunk)
        connection.execute(
            "INSERT INTO events SELECT * REPLACE (CAST(CAST(Details AS JSON) AS VARIANT) AS Details) FROM chunk"
        )
    connection.execute("CHECKPOINT")
