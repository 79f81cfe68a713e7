from datetime import UTC, datetime

import pytest

from vedette.core.instants import instant_of, reckonable


def test_an_instant_is_of_utc() -> None:
    assert instant_of("2024-01-01T02:00:00+02:00").isoformat() == "2024-01-01T00:00:00+00:00"
    assert instant_of("2024-01-01T00:00:00") == instant_of("2024-01-01T00:00:00Z")
    assert instant_of("9999-12-31T23:59:59Z").year == 9999


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-01:00", "no time"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"outside|Invalid"):
        instant_of(text)


def test_an_instant_has_time_around_it() -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    assert reckonable(now) is now
    for year in (1, 9999):
        with pytest.raises(ValueError, match="years"):
            reckonable(datetime(year, 12, 31, tzinfo=UTC))
