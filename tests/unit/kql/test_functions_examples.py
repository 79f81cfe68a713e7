"""Every function's examples, through the real compiler and engine."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.catalog import StoredFunction, Table
from vedette.kql.compile import compile_query
from vedette.kql.functions.entry import AggregateFunction, Function, WindowFunction
from vedette.kql.functions.library import aggregate_functions, scalar_functions, window_functions
from vedette.kql.functions.operators import FUNCTIONS as OPERATORS
from vedette.kql.types import ScalarType
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class EmptyCatalog:
    """A workspace with nothing in it."""

    def table(self, name: str) -> Table | None:
        return None

    def function(self, name: str) -> StoredFunction | None:
        return None

    def table_names(self) -> Iterable[str]:
        return ()

    def function_names(self) -> Iterable[str]:
        return ()


def distinct(entries: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The entries without the repetitions that their aliases make."""
    return list({id(entry): entry for overloads in entries for entry in overloads}.values())


SCALARS: list[Function] = [*distinct(scalar_functions().values()), *OPERATORS]
AGGREGATES: list[AggregateFunction] = distinct(aggregate_functions().values())
WINDOWS: list[WindowFunction] = distinct(window_functions().values())
EXAMPLES = [(text, expected) for entry in SCALARS for text, expected in entry.examples]
QUERIES = [(text, expected) for entry in (*AGGREGATES, *WINDOWS) for text, expected in entry.examples]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(None)
    yield engine
    engine.close()


def run(engine: DuckDBEngine, query: str) -> list[list[Any]]:
    compiled = compile_query(query, EmptyCatalog(), now=NOW)
    result = engine.run(fill(to_sql(compiled, DuckDB()), {"now": NOW}))
    types = [type for _, type in compiled.columns]
    columns = [
        [value for batch in result.batches for value in batch.column(index).to_pylist()] for index in range(len(types))
    ]
    rows = zip(*columns, strict=True)
    return [[plain(value, type) for value, type in zip(row, types, strict=True)] for row in rows]


def plain(value: Any, type: ScalarType) -> Any:
    """The value as examples write it."""
    if value is None:
        return None
    match type:
        case ScalarType.dynamic:
            return json.loads(value)
        case ScalarType.datetime:
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f0Z").rjust(28, "0")
        case ScalarType.timespan:
            return timespan_text(value)
        case ScalarType.decimal:
            return Decimal(value)
        case _:
            return value


def timespan_text(ticks: int) -> str:
    days, rest = divmod(abs(ticks), 864_000_000_000)
    seconds, fraction = divmod(rest, 10_000_000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return ("-" if ticks < 0 else "") + (f"{days}." if days else "") + text + (f".{fraction:07}" if fraction else "")


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_scalar_example(engine: DuckDBEngine, text: str, expected: Any) -> None:
    [[actual]] = run(engine, f"print result = {text}")
    assert actual == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)
    assert isinstance(actual, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[query for query, _ in QUERIES])
def test_aggregate_example(engine: DuckDBEngine, query: str, expected: list[list[Any]]) -> None:
    assert sorted(run(engine, query), key=repr) == sorted(expected, key=repr)
