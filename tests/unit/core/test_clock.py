"""Clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from vedette.core.clock import SystemClock, VirtualClock
from vedette.core.ids import derived_id, new_id


def test_a_virtual_clock_stands_still_until_told() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    clock = VirtualClock(start)
    assert clock.now() == clock.now() == start
    assert clock.advance(timedelta(minutes=5)) == start + timedelta(minutes=5)
    clock.set(start)
    assert clock.now() == start + timedelta(minutes=5), "time does not run backwards"
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(timedelta(seconds=-1))


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_derived_ids_are_the_same_again_and_random_ones_are_not() -> None:
    assert derived_id("a", "b") == derived_id("a", "b") != derived_id("ab")
    assert new_id() != new_id()
