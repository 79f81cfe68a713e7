"""The specs and the entries' examples on ClickHouse, in this process (`chdb`), but for the gaps that are listed."""

from contextlib import closing
from typing import Any

import pytest
from clickhouse_connect import get_client

from tests.spec.kql.clickhouse_gaps import FREQUENT_FUNCTIONS, FREQUENT_OPERATORS, GAPS, LIBRARIES, gaps_allowed
from tests.spec.kql.examples import EXAMPLES, QUERIES, check_rows, check_value
from tests.spec.kql.running import NOW, TablesInMemory, run_rows
from tests.spec.kql.specification import Case, all_cases, check
from vedette.engine.engine import QueryEngine
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType

CASES = [pytest.param(id, case, id=id) for id, case in all_cases() if not case.is_error]
VALUES = [pytest.param(name, text, expected, id=f"{name}: {text}") for name, text, expected in EXAMPLES]
ROWS = [pytest.param(name, query, expected, id=f"{name}: {query}") for name, query, expected in QUERIES]


@pytest.mark.parametrize(("id", "case"), CASES)
def test_case(id: str, case: Case, clickhouse: QueryEngine) -> None:
    with gaps_allowed(id, case.subject, clickhouse):
        check(case, clickhouse)


@pytest.mark.parametrize(("name", "text", "expected"), VALUES)
def test_scalar_example(name: str, text: str, expected: Any, clickhouse: QueryEngine) -> None:
    with gaps_allowed(f"{name}: {text}", name, clickhouse):
        check_value(clickhouse, text, expected)


@pytest.mark.parametrize(("name", "query", "expected"), ROWS)
def test_rows_example(name: str, query: str, expected: list[list[Any]], clickhouse: QueryEngine) -> None:
    with gaps_allowed(f"{name}: {query}", name, clickhouse):
        check_rows(clickhouse, query, expected)


@pytest.mark.parametrize("name", FREQUENT_FUNCTIONS)
def test_a_frequent_function_runs_and_is_tested(name: str, clickhouse: QueryEngine) -> None:
    entries = [entry for library in LIBRARIES for entry in library().get(name, ())]
    assert all(map(clickhouse.dialect.runs, entries))
    assert not any(id.startswith(f"{name}: ") for id in GAPS)
    cases = [case.subject for _, case in all_cases()] + ["table"]  # which reads stored tables: below
    assert name in cases or any(entry.examples for entry in entries)


@pytest.mark.parametrize("name", sorted(FREQUENT_OPERATORS))
def test_a_frequent_operator_is_tested_and_has_no_gap(name: str) -> None:
    ids = [id for id, case in all_cases() if case.subject == name]
    assert ids
    assert not GAPS.keys() & set(ids)


def test_stored_tables_are_read(clickhouse: QueryEngine) -> None:
    with closing(get_client(dsn="chdb://memory")) as client:
        fields = '"Time" Nullable(DateTime64(6, \'UTC\')), "Name\\\\\'s" String, d Nullable(String)'
        client.command(f"CREATE TABLE default.events ({fields}) ENGINE = MergeTree ORDER BY tuple()")
        rows = "('2024-05-01 11:30:00', 'a', '{\"n\":1}'), ('2024-05-01 10:00:00', 'b', NULL)"
        client.command(f"INSERT INTO default.events VALUES {rows}")
        columns = (
            Column("Time", ScalarType.datetime, "Time"),
            Column("Name", ScalarType.string, "Name\\'s"),
            Column("d", ScalarType.dynamic, "d"),
        )
        tables = TablesInMemory([Table("Events", columns, ("default", "events"))])
        query = "table('Events') | where Time > ago(1h) | project Name, n = toint(d.n)"
        assert run_rows(clickhouse, tables, query, NOW)[1] == [["a", 1]]
        client.command("DROP TABLE default.events")


def test_every_listed_gap_is_a_case() -> None:
    known = {parameter.id for parameter in (*CASES, *VALUES, *ROWS)}
    assert not GAPS.keys() - known
