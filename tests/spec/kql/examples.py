"""The examples of every function's entry, and running one on an engine."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.spec.kql.running import TablesInMemory, timespan_text
from vedette.engine.engine import QueryEngine
from vedette.kql.compile import compile_query
from vedette.kql.functions.entry import AggregateFunction, Function, WindowFunction
from vedette.kql.functions.library import aggregate_functions, scalar_functions, window_functions
from vedette.kql.functions.operators import FUNCTIONS as OPERATORS
from vedette.kql.types import ScalarType
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def distinct(entries: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The entries without the repetitions that their aliases make."""
    return list({id(entry): entry for overloads in entries for entry in overloads}.values())


SCALARS: list[Function] = [*distinct(scalar_functions().values()), *OPERATORS]
AGGREGATES: list[AggregateFunction] = distinct(aggregate_functions().values())
WINDOWS: list[WindowFunction] = distinct(window_functions().values())
EXAMPLES = [(entry.name, text, expected) for entry in SCALARS for text, expected in entry.examples]
QUERIES = [(entry.name, text, expected) for entry in (*AGGREGATES, *WINDOWS) for text, expected in entry.examples]


def run(engine: QueryEngine, query: str) -> list[list[Any]]:
    """The rows of a query, with values as examples write them."""
    compiled = compile_query(query, TablesInMemory(), now=NOW)
    result = engine.run(fill(to_sql(compiled, engine.dialect), {"now": NOW}))
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


def check_value(engine: QueryEngine, text: str, expected: Any) -> None:
    """Run an expression and compare."""
    [[actual]] = run(engine, f"print result = {text}")
    assert actual == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)
    assert isinstance(actual, bool) == isinstance(expected, bool)


def check_rows(engine: QueryEngine, query: str, expected: list[list[Any]]) -> None:
    """Run a query and compare, in whatever order the rows are."""
    assert sorted(run(engine, query), key=repr) == sorted(expected, key=repr)
