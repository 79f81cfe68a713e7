"""Buckets that fill with the clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.core.rate_limit import RateLimit

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def test_so_much_and_then_a_wait_that_is_long_enough() -> None:
    limit = RateLimit(60, timedelta(minutes=1))
    assert [limit.take("a", 30, NOW) for _ in range(2)] == [0.0, 0.0]
    assert limit.take("a", 30, NOW) == 30.0
    assert limit.take("b", 30, NOW) == 0.0
    assert limit.take("a", 30, NOW + timedelta(seconds=29)) == 1.0
    assert limit.take("a", 30, NOW + timedelta(seconds=30)) == 0.0


def test_more_than_there_ever_is_goes_through_a_full_bucket_and_is_paid_back() -> None:
    limit = RateLimit(10, timedelta(seconds=10))
    assert limit.take("a", 25, NOW) == 0.0
    assert limit.take("a", 1, NOW) == 16.0
    assert limit.take("a", 1, NOW + timedelta(seconds=16)) == 0.0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    limit = RateLimit(1, timedelta(seconds=1))
    assert limit.take("a", 1, NOW) == 0.0
    assert limit.take("a", 1, NOW - timedelta(days=1)) == 1.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=40))
def test_never_more_than_the_bucket_and_what_filled_it(steps: list[tuple[float, float]]) -> None:
    limit, now, taken, passed = RateLimit(20, timedelta(seconds=10)), NOW, 0.0, 0.0
    for wait, amount in steps:
        now += timedelta(seconds=wait)
        passed += wait
        if limit.take("a", amount, now) == 0.0:
            taken += amount
        assert taken <= 20 + 2 * passed + 1e-3
