"""Every function's examples, through the real compiler and engine."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.spec.kql.examples import EXAMPLES, QUERIES, check_rows, check_value

from vedette.engine.duckdb import DuckDBEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(None)
    yield engine
    engine.close()


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in EXAMPLES], ids=[text for _, text, _ in EXAMPLES])
def test_scalar_example(engine: DuckDBEngine, text: str, expected: Any) -> None:
    check_value(engine, text, expected)


@pytest.mark.parametrize(("query", "expected"), [each[1:] for each in QUERIES], ids=[query for _, query, _ in QUERIES])
def test_aggregate_example(engine: DuckDBEngine, query: str, expected: list[list[Any]]) -> None:
    check_rows(engine, query, expected)
