"""Instants are filled in at each run."""

from datetime import UTC, datetime

import pytest

from vedette.sql.instants import fill, hole

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_a_hole_takes_the_instant_moved_by_its_offset() -> None:
    sql = f"SELECT '{hole('now', 0)}', '{hole('now', -36_000_000_000)}', '{hole('start', 10)}'"
    assert fill(sql, {"now": NOW, "start": NOW}) == (
        "SELECT '2024-05-01 12:00:00.000000', '2024-05-01 11:00:00.000000', '2024-05-01 12:00:00.000001'"
    )


def test_an_instant_beyond_the_calendar_is_its_end() -> None:
    assert fill(hole("now", -(10**19)), {"now": NOW}).startswith("0001-01-01")
    assert fill(hole("now", 10**19), {"now": NOW}).startswith("9999-12-31")


def test_a_plan_with_a_bound_needs_that_bound() -> None:
    with pytest.raises(LookupError):
        fill(hole("start", 0), {"now": NOW, "start": None})
