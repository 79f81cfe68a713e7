"""Values held against schemas, those that are no schemas among them."""

import math
from typing import Any

import pytest

from vedette.automation.workflows.schema_check import problems


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        ({}, {"required": ["a"]}, "a."),
        ({}, {"required": 5}, "'required' is a list of names"),
        ({}, {"required": [[1]]}, "'required' is a list of names"),
        (1, {"allOf": 3}, "'allOf' is a list of schemas"),
        (1.5, {"type": "integer"}, "Invalid type"),
        (math.inf, {"type": "integer"}, "Invalid type"),
    ],
)
def test_what_does_not_fit(value: Any, schema: Any, told: str) -> None:
    assert [told in each["message"] for each in problems(value, schema)] == [True]


@pytest.mark.parametrize(
    ("value", "schema"),
    [({}, {"required": True}), (2.0, {"type": "integer"}), (10**400, {"type": "integer"}), (1, {"type": [["a"], {}]})],
)
def test_what_fits(value: Any, schema: Any) -> None:
    assert problems(value, schema) == []
