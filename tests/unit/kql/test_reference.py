"""The reference tells the truth: every example in it runs, and nothing that runs is missing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.spec.kql.running import TablesInMemory, run_rows

from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.operators.descriptions import OperatorDescription
from vedette.kql.operators.table import OPERATORS, operator_name
from vedette.kql.plugins.entry import Plugin
from vedette.kql.plugins.library import plugins
from vedette.kql.reference import Page, find, pages, running_operators
from vedette.kql.special_calls import SPECIAL_CALLS
from vedette.kql.special_descriptions import SPECIAL_DESCRIPTIONS

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "described", [each for each in running_operators() if each.example], ids=lambda each: each.name
)
def test_an_operators_example_runs(described: OperatorDescription, engine: DuckDBEngine) -> None:
    assert run_rows(engine, TablesInMemory(), described.example, NOW)[0]


@pytest.mark.parametrize("plugin", [each for each in plugins().values() if each.example], ids=lambda each: each.name)
def test_a_plugins_example_runs(plugin: Plugin, engine: DuckDBEngine) -> None:
    assert run_rows(engine, TablesInMemory(), plugin.example, NOW)[0]


def test_every_operator_that_runs_is_described() -> None:
    described = {each.name for each in running_operators()}
    assert {operator_name(kind) for kind in OPERATORS} - described == set()


def test_every_special_call_is_described(engine: DuckDBEngine) -> None:
    assert [name for name in SPECIAL_CALLS if not find(name)] == []
    for each in SPECIAL_DESCRIPTIONS:
        for text, expected in each.examples:
            (row,) = run_rows(engine, TablesInMemory(), f"print {text}", NOW)[1]
            assert str(row[0]).lower() == expected


def test_a_page_is_found_by_name_alias_and_in_any_case() -> None:
    assert [page.kind for page in find("BIN")] == ["scalar function"]
    assert [page.name for page in find("floor()")] == ["floor"]
    assert [page.name for page in find("iif")] == ["iff"]
    assert {page.kind for page in find("take_any")} == {"aggregate function"}
    assert find("nope") == ()


def test_each_page_says_something() -> None:
    def is_whole(page: Page) -> bool:
        return page.doc.endswith(".") and (page.kind == "refused" or bool(page.signatures))

    assert [page.name for page in pages() if not is_whole(page)] == []
