"""Runs every case of the spec files through the compiler and the engine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.spec.kql.running import TablesInMemory, run_rows
from tests.spec.kql.specification import Case, cases
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.diagnostics import KqlError, line_and_column

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
FOLDER = Path(__file__).parent


def _all() -> Iterator[Any]:
    for path in sorted(FOLDER.rglob("*.kqlt")):
        for case in cases(path):
            yield pytest.param(case, id=f"{path.stem}: {case.title}")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


@pytest.mark.parametrize("case", list(_all()))
def test_case(case: Case, engine: DuckDBEngine) -> None:
    if case.is_error:
        with pytest.raises(KqlError) as caught:
            run_rows(engine, TablesInMemory(), case.query, NOW)
        first = next(finding for finding in caught.value.diagnostics if finding.severity == "error")
        line, column = line_and_column(case.query, first.span.start)
        assert f"{first.code} at {line}:{column}" == case.error
        assert caught.value.message == case.message
        return
    columns, rows = run_rows(engine, TablesInMemory(), case.query, NOW)
    assert columns == case.columns
    expected = [list(row) for row in case.rows]
    if not case.is_ordered:
        rows, expected = sorted(rows, key=repr), sorted(expected, key=repr)
    assert rows == expected


@pytest.mark.parametrize("case", list(_all()))
def test_folding_steps_together_changes_nothing(case: Case, engine: DuckDBEngine) -> None:
    if case.is_error:
        return
    columns, rows = run_rows(engine, TablesInMemory(), case.query, NOW, in_steps=True)
    folded_columns, folded = run_rows(engine, TablesInMemory(), case.query, NOW)
    assert columns == folded_columns
    if not case.is_ordered:
        rows, folded = sorted(rows, key=repr), sorted(folded, key=repr)
    assert rows == folded
