"""The forms of `timespan`, and of the `Prefer` header."""

from datetime import UTC, datetime, timedelta

import pytest

from vedette.api.preferences import Preferences, parse_preferences
from vedette.api.timespan import Timespan, intersection, parse_timespan
from vedette.core.errors import InvalidInput

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", (NOW - timedelta(days=1), NOW)),
        ("PT3600.0S", (NOW - timedelta(hours=1), NOW)),
        ("pt1h", (NOW - timedelta(hours=1), NOW)),
        ("2024-01-01/2024-01-02T00:00:00Z", (NEW_YEAR, NEW_YEAR + timedelta(days=1))),
        ("2024-01-01T02:00:00+02:00/2024-01-01T00:00:00.5", (NEW_YEAR, NEW_YEAR + timedelta(seconds=0.5))),
        ("2024-01-01T00:00:00Z/P1D", (NEW_YEAR, NEW_YEAR + timedelta(days=1))),
        ("P1D/2024-01-01T00:00:00Z", (NEW_YEAR - timedelta(days=1), NEW_YEAR)),
        ("P100000000D", (None, NOW)),
        ("2024-01-01/P100000000D", (NEW_YEAR, None)),
    ],
)
def test_forms(text: str, expected: Timespan) -> None:
    start, end = expected
    assert parse_timespan(text, NOW) == (start, end and end + TICK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "1d",
        "P1Y",
        "P1D/",
        "P1D/P1D",
        "2024-01-01",
        "2024-01-02/2024-01-01",
        "a/b",
        "2024-01-01/2024-01-02/P1D",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_timespan(text, NOW)
    assert refusal.value.code == "QueryValidationError"
    assert refusal.value.details["details"][0]["target"] == "timespan"


def test_the_last_instant_there_is_has_none_after_it() -> None:
    assert parse_timespan("2024-01-01/9999-12-31T23:59:59.999999Z", NOW) == (NEW_YEAR, None)


def test_intersection() -> None:
    early, late = (NEW_YEAR, NOW), (NEW_YEAR + timedelta(days=1), NOW + timedelta(days=1))
    assert intersection(None, None) is None
    assert intersection(early, None) == early
    assert intersection(None, late) == late
    assert intersection(early, late) == (late[0], NOW)
    assert intersection((None, NOW), (NEW_YEAR, None)) == (NEW_YEAR, NOW)
    assert intersection((None, NEW_YEAR), (NOW, None)) == (NOW, NOW)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Preferences()),
        ("wait=30,include-statistics=true,include-render=true", Preferences(timedelta(seconds=30), True, True)),
        ("wait=601", Preferences(timedelta(seconds=600))),
        ("Wait=1.5; Include-Render=True", Preferences(timedelta(seconds=1.5), render=True)),
        ("wait=-1", Preferences()),
        ("wait=0", Preferences()),
        ("wait=soon,ai.response-thinning=false", Preferences(as_kusto=True)),
        ("ai.response-thinning=true", Preferences()),
        ("include-statistics=false", Preferences()),
        ("include-statistics", Preferences(statistics=True)),
    ],
)
def test_preferences(header: str, expected: Preferences) -> None:
    assert parse_preferences(header) == expected
