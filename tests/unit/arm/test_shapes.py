from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.arm.shapes import Check, arm_id, fields, instant, list_of, map_of, number, one_of, text, truth, whole
from vedette.core.errors import InvalidInput

RULE = fields(
    {"displayName": text, "severity": one_of("High", "Low"), "on": truth, "count": whole, "names": list_of(text)},
    required=("displayName",),
)


def test_names_values_and_nulls() -> None:
    sent = {"DISPLAYNAME": "d", "severity": "high", "on": "TRUE", "count": "-5", "names": None}
    assert RULE("properties", sent) == {"displayName": "d", "severity": "High", "on": True, "count": -5}


@pytest.mark.parametrize(
    ("check", "value", "named"),
    [
        (RULE, {}, "'properties.displayName' is missing"),
        (RULE, [], "'properties' is an object"),
        (RULE, {"displayName": " "}, "not empty"),
        (RULE, {"displayName": "d", "severity": 5}, "one of High, Low, not '5'"),
        (RULE, {"displayName": "d", "names": ["a", 1]}, r"'properties.names\[1\]'"),
        (RULE, {"displayName": "d", "colour": 1}, "'properties.colour' is no property"),
        (truth, "yes", "true or false"),
        (whole, True, "whole number"),
        (whole, "٣", "whole number"),
        (number, "1", "number"),
        (arm_id, "x", "/subscriptions/"),
        (list_of(text, least=1), [], "1 to 1000 items"),
        (map_of(whole), {"a": None}, "'properties.a'"),
    ],
)
def test_the_place_is_named(check: Check, value: Any, named: str) -> None:
    with pytest.raises(InvalidInput, match=named) as refused:
        check("properties", value)
    assert refused.value.details["target"].startswith("properties")


def test_an_instant_is_of_utc_where_it_says_nothing() -> None:
    assert instant("properties.at", "2024-01-02T03:04:05") == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    told = instant("properties.at", "2024-01-02T03:04:05+02:00")
    assert (told, told.tzinfo) == (datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC), UTC)


@pytest.mark.parametrize("value", ["soon", "", "2024-13-01", 20240101, None, []])
def test_no_instant(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"'properties\.at' is a date and time") as refused:
        instant("properties.at", value, "BadRequest")
    assert (refused.value.code, refused.value.details) == ("BadRequest", {"target": "properties.at"})
