from datetime import UTC, datetime, timedelta

from vedette.core.clock import VirtualClock
from vedette.core.periodic import Periodic

START = datetime(2026, 1, 1, 10, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_work_is_done_at_whole_multiples_of_its_interval() -> None:
    done: list[datetime] = []
    periodic = Periodic(VirtualClock(START))
    periodic.add("count", MINUTE, done.append)
    assert periodic.next_due() == datetime(2026, 1, 1, 10, 1, tzinfo=UTC)
    periodic.run_due(START)
    periodic.run_due(START + timedelta(seconds=45))
    periodic.run_due(START + timedelta(seconds=50))
    assert done == [datetime(2026, 1, 1, 10, 1, tzinfo=UTC)]


def test_work_that_is_late_is_done_once() -> None:
    done: list[datetime] = []
    periodic = Periodic(VirtualClock(START))
    periodic.add("count", MINUTE, done.append)
    periodic.run_due(START + timedelta(minutes=10))
    assert done == [datetime(2026, 1, 1, 10, 10, tzinfo=UTC)]
    assert periodic.next_due() == datetime(2026, 1, 1, 10, 11, tzinfo=UTC)


def test_work_that_fails_stops_nothing_else_and_is_done_again() -> None:
    done: list[datetime] = []

    def fail(now: datetime) -> None:
        done.append(now)
        raise RuntimeError("no")

    periodic = Periodic(VirtualClock(START))
    periodic.add("fails", MINUTE, fail)
    periodic.add("works", MINUTE, done.append)
    periodic.run_due(START + MINUTE)
    periodic.run_due(START + 2 * MINUTE)
    first, second = datetime(2026, 1, 1, 10, 1, tzinfo=UTC), datetime(2026, 1, 1, 10, 2, tzinfo=UTC)
    assert done == [first, first, second, second]
    assert Periodic(VirtualClock(START)).next_due() is None
