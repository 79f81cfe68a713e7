"""What is read from the URL and the body of a query request, and what is refused by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.api.query_request import query_in_body, query_in_url
from vedette.core.errors import InvalidInput

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_a_body_as_the_sdk_sends_it() -> None:
    asked = query_in_body({"query": "T | take 1", "timespan": "PT3600.0S", "workspaces": None}, None, "wait=30", NOW)
    assert asked.text == "T | take 1"
    assert asked.timespan == (NOW - timedelta(hours=1), NOW + TICK)
    assert asked.workspaces == ()
    assert asked.preferences.wait == timedelta(seconds=30)


def test_nulls_are_absent() -> None:
    asked = query_in_body({"query": "T", "timespan": None, "workspaces": None, "options": None}, None, "", NOW)
    assert asked.timespan is None


def test_both_timespans_hold() -> None:
    asked = query_in_body({"query": "T", "timespan": "P1D"}, "2024-05-01/2024-05-02", "", NOW)
    assert asked.timespan == (datetime(2024, 5, 1, tzinfo=UTC), NOW + TICK)


def test_a_url() -> None:
    asked = query_in_url({"query": "T", "timespan": "P1D", "workspaces": "a, b,,c"}, "", NOW)
    assert asked.workspaces == ("a", "b", "c")
    assert asked.timespan == (NOW - timedelta(days=1), NOW + TICK)


@pytest.mark.parametrize(
    ("body", "code", "target"),
    [
        ([], "InvalidJsonBody", "body"),
        ("T", "InvalidJsonBody", "body"),
        ({}, "MissingQuery", "query"),
        ({"query": None}, "MissingQuery", "query"),
        ({"query": 1}, "MissingQuery", "query"),
        ({"query": "T", "timespan": 5}, "InvalidTimespan", "timespan"),
        ({"query": "T", "timespan": "yesterday"}, "InvalidTimespan", "timespan"),
        ({"query": "T", "workspaces": "x"}, "InvalidWorkspaces", "workspaces"),
        ({"query": "T", "workspaces": [1]}, "InvalidWorkspaces", "workspaces"),
        ({"query": "T", "query_datetimescope_from": "2024"}, "UnsupportedProperty", "query_datetimescope_from"),
    ],
)
def test_refusals_say_what_and_where(body: Any, code: str, target: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        query_in_body(body, None, "", NOW)
    assert refusal.value.code == "QueryValidationError"
    (detail,) = refusal.value.details["details"]
    assert (detail["code"], detail["target"]) == (code, target)
