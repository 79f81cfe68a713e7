"""The wire's cells as Python values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isinf, isnan
from typing import Any

import pytest

from vedette.cli.cells import as_json, parse_timespan, parsed


@pytest.mark.parametrize(
    ("cell", "type", "value"),
    [
        ("2024-01-02T03:04:05Z", "datetime", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02T03:04:05.1234567Z", "datetime", datetime(2024, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("1.02:03:04.5", "timespan", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("0.1", "decimal", Decimal("0.1")),
        ('{"a":[1]}', "dynamic", {"a": [1]}),
        ("plain", "dynamic", "plain"),
        ("text", "string", "text"),
        (None, "datetime", None),
        (7, "long", 7),
    ],
)
def test_cell_is_parsed_by_its_type(cell: Any, type: str, value: Any) -> None:
    assert parsed(cell, type) == value


def test_reals_that_json_has_no_numbers_for() -> None:
    assert isnan(parsed("NaN", "real"))
    assert isinf(parsed("-Infinity", "real"))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("00:00:00", timedelta(0)),
        ("-00:00:01", timedelta(seconds=-1)),
        ("365.00:00:00", timedelta(days=365)),
        ("00:00:00.0000019", timedelta(microseconds=1)),
    ],
)
def test_timespan(text: str, span: timedelta) -> None:
    assert parse_timespan(text) == span


def test_what_is_no_timespan_is_refused() -> None:
    with pytest.raises(ValueError, match="'soon' is not a timespan"):
        parse_timespan("soon")


def test_only_dynamics_are_read_for_json() -> None:
    assert as_json("[1]", "dynamic") == [1]
    assert as_json("[1]", "string") == "[1]"
