"""What arrived within the last minute, by a clock of the test's own."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from vedette.logs.arrivals import Arrivals, Arrived, arrived

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_only_the_last_minute_counts() -> None:
    seconds = Seconds()
    arrivals = Arrivals(seconds)
    arrivals.note("W", "Syslog", Arrived(10, 100.0, 10.0, 2.0), NOW)
    seconds.now += 30
    arrivals.note("w", "Syslog", Arrived(5, 50.0, 50.0, 10.0), NOW + timedelta(seconds=30))
    told = arrivals.last_minute("w")["Syslog"]
    assert told.arrived == Arrived(15, 150.0, 60.0, 10.0)
    assert told.last == NOW + timedelta(seconds=30)
    seconds.now += 31
    assert arrivals.last_minute("w")["Syslog"].arrived == Arrived(5, 50.0, 50.0, 10.0)
    seconds.now += 3600
    told = arrivals.last_minute("w")["Syslog"]
    assert told.arrived == Arrived()
    assert told.last == NOW + timedelta(seconds=30)


def test_a_slot_of_an_earlier_minute_is_not_added_to() -> None:
    seconds = Seconds()
    arrivals = Arrivals(seconds)
    arrivals.note("w", "T", Arrived(1), NOW)
    seconds.now += 60
    arrivals.note("w", "T", Arrived(1), NOW)
    assert arrivals.last_minute("w")["T"].arrived.rows == 1


def test_workspaces_are_told_apart() -> None:
    arrivals = Arrivals()
    arrivals.note("a", "T", Arrived(1), NOW)
    assert arrivals.last_minute("b") == {}
    arrivals.forget("A")
    assert arrivals.last_minute("a") == {}


def test_the_lag_is_from_the_event_to_its_arrival_and_never_negative() -> None:
    times = [NOW - timedelta(seconds=10), NOW - timedelta(seconds=2)]
    batch = pa.table(
        {
            "TimeGenerated": pa.array([each.replace(tzinfo=None) for each in times], pa.timestamp("us")),
            "_BilledSize": [3.0, 4.0],
        }
    )
    assert arrived(batch, NOW) == Arrived(2, 7.0, 12.0, 10.0)
    assert arrived(batch, NOW - timedelta(hours=1)) == Arrived(2, 7.0, 0.0, 0.0)
    assert arrived(batch.slice(0, 0), NOW) == Arrived()
