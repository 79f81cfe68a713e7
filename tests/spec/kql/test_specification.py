"""Runs every case of the spec files through the compiler and an engine."""

import pytest

from tests.spec.kql.clickhouse_gaps import gaps_allowed
from tests.spec.kql.running import NOW, TablesInMemory, run_rows
from tests.spec.kql.specification import Case, all_cases, check, sorted_unless
from vedette.engine.engine import QueryEngine

CASES = [pytest.param(id, case, id=id) for id, case in all_cases()]


@pytest.mark.parametrize(("id", "case"), CASES)
def test_case(id: str, case: Case, engine: QueryEngine) -> None:
    with gaps_allowed(id, case.subject, engine):
        check(case, engine)


@pytest.mark.parametrize(("id", "case"), CASES)
def test_folding_steps_together_changes_nothing(id: str, case: Case, engine: QueryEngine) -> None:
    if case.is_error:
        return
    with gaps_allowed(id, case.subject, engine, is_strict=False):
        columns, rows = run_rows(engine, TablesInMemory(), case.query, NOW, in_steps=True)
        folded_columns, folded = run_rows(engine, TablesInMemory(), case.query, NOW)
        assert columns == folded_columns
        assert sorted_unless(case.is_ordered, rows) == sorted_unless(case.is_ordered, folded)
