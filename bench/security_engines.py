"""What does the same KQL cost on either engine: twenty typical security queries over a million events in DuckDB and in
ClickHouse?

ClickHouse runs in this process (`chdb`), through the same client as a server. Answers are compared first; one that
differs, but for the order of what has none, is an error.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

import click
import pyarrow as pa
from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client

from bench import security_data
from bench.question import Finding
from bench.security_pairs import PAIRS
from bench.security_queries import comparable, timed
from vedette.engine.clickhouse import ClickHouseEngine
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.engine import QueryEngine
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType
from vedette.logs.files import FileCatalog
from vedette.logs.query import QueryText, run_query
from vedette.sql.dialects.clickhouse import ClickHouse

ROWS = 1_000_000
RUNS = 3
_DSN = "chdb://memory"
_NOW = datetime(2026, 2, 1, tzinfo=UTC)
_SCHEMA = "bench"
_TABLES = {"Events_CL": security_data.COLUMNS, "Watch_CL": security_data.WATCH_COLUMNS}


def ask(rows: int = ROWS) -> list[Finding]:
    """For each query the ratio of the medians, ClickHouse's to DuckDB's, then the geometric mean."""
    findings: list[Finding] = []
    with _duckdb(rows) as (duckdb, stored), _clickhouse(rows) as clickhouse:
        sides: tuple[tuple[QueryEngine, list[Table]], ...] = ((duckdb, stored), (clickhouse, _tables()))
        for pair in PAIRS:
            asks = [_ask(engine, tables, pair.kql) for engine, tables in sides]
            first, second = (comparable(ask()) for ask in asks)
            if first != second:
                raise AssertionError(f"{pair.name}: the engines do not agree: {first[:3]} and {second[:3]}")
            one, other = (median(timed(ask) for _ in range(RUNS)) for ask in asks)
            note = f"DuckDB {one * 1000:.0f} ms, ClickHouse {other * 1000:.0f} ms"
            click.echo(f"  {pair.name}: {note}", err=True)
            findings.append(Finding(pair.name, other / one, math.inf, "×", note))
    mean = math.exp(sum(math.log(finding.measured) for finding in findings) / len(findings))
    note = f"{len(findings)} queries over {rows:,} events; median of {RUNS} runs each"
    return [*findings, Finding("ClickHouse against DuckDB, geometric mean", mean, math.inf, "×", note)]


def _ask(engine: QueryEngine, tables: list[Table], text: str) -> Callable[[], tuple[pa.RecordBatch, ...]]:
    query = QueryText(text, _NOW)
    return lambda: run_query(engine, FileCatalog(tables), query, DEFAULT_LIMITS).batches


@contextmanager
def _duckdb(rows: int) -> Iterator[tuple[DuckDBEngine, list[Table]]]:
    with closing(DuckDBEngine(None)) as engine:
        with engine.write() as transaction:
            transaction.create_schema(_SCHEMA, "bench")
            events, watch = (transaction.create_table(_SCHEMA, *item) for item in _TABLES.items())
            transaction.append(watch, security_data.watch())
            for chunk in security_data.chunks(rows):
                transaction.append(events, chunk)
        yield engine, [events, watch]


@contextmanager
def _clickhouse(rows: int) -> Iterator[ClickHouseEngine]:
    with closing(get_client(dsn=_DSN)) as client, closing(ClickHouseEngine(_DSN)) as engine:
        client.command(f"CREATE DATABASE {_SCHEMA}")
        for name, columns in _TABLES.items():
            fields = ", ".join(f"{column} {_stored(type)}" for column, type in columns.items())
            client.command(f"CREATE TABLE {_SCHEMA}.{name} ({fields}) ENGINE = MergeTree ORDER BY TimeGenerated")
        _insert(client, "Watch_CL", security_data.watch())
        for chunk in security_data.chunks(rows):
            _insert(client, "Events_CL", chunk)
        yield engine


def _insert(client: Client, name: str, rows: pa.Table) -> None:
    client.insert_arrow(name, rows, database=_SCHEMA)


def _stored(type: ScalarType) -> Any:
    """TimeGenerated orders the table, so it is never null."""
    name = ClickHouse().type_name(type)
    return name.removeprefix("Nullable(").removesuffix(")") if type is ScalarType.datetime else name


def _tables() -> list[Table]:
    return [
        Table(name, tuple(Column(column, type, column) for column, type in columns.items()), (_SCHEMA, name))
        for name, columns in _TABLES.items()
    ]
