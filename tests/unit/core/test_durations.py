"""ISO 8601 durations."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.durations import format_duration, parse_duration
from vedette.core.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT5M", timedelta(minutes=5)),
        ("P1D", timedelta(days=1)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("PT3600.0S", timedelta(hours=1)),
        ("P2W", timedelta(weeks=2)),
        ("pt1h30m", timedelta(minutes=90)),
        ("PT0S", timedelta(0)),
    ],
)
def test_parse(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "5M", "P1Y", "P1M", "PT5", "PT-5M", "P1DT", "PT5M ago", "P999999999999D"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_duration(text)
    assert caught.value.code == "InvalidDuration"


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_formatting_and_parsing_is_the_identity(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration
