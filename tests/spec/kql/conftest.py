"""Which engine the specs run on: `pytest tests/spec/kql --engine clickhouse`."""

from collections.abc import Iterator

import pytest

from vedette.engine import clickhouse_functions
from vedette.engine.clickhouse import ClickHouseEngine
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.engine import QueryEngine


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("duckdb", "clickhouse"), default="duckdb", help="the engine of the specs")


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """ClickHouse in this process, with a few of the functions in Python: each is a process of its own."""
    functions = tmp_path_factory.mktemp("functions")
    clickhouse_functions.install(functions, ["ipv6", "xml"])
    opened = ClickHouseEngine("chdb://memory", functions=functions)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def duckdb() -> Iterator[QueryEngine]:
    """DuckDB in memory."""
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> QueryEngine:
    """The engine asked for."""
    return request.getfixturevalue(request.config.getoption("--engine", "duckdb"))
