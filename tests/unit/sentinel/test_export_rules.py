"""The rules of an automation: paths, operators and types, and what is no rule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vedette.sentinel.defender.rule_sets import holds, problem_of, steps_of, takes, value_at

EVENT: dict[str, Any] = {
    "Severity": "High",
    "properties": {"metadata": {"severity": "Medium", "categories": ["Compute", "Data"]}, "failedResources": 3},
    "isSnapshot": False,
    "score": 0.25,
}


def rule(path: str, operator: str, expected: Any, kind: str = "String") -> dict[str, Any]:
    return {"propertyJPath": path, "operator": operator, "expectedValue": expected, "propertyType": kind}


@pytest.mark.parametrize(
    ("path", "operator", "expected", "kind", "outcome"),
    [
        ("Severity", "Equals", "high", "string", True),
        ("$.severity", "NotEquals", "high", "String", False),
        ("properties.metadata.severity", "Contains", "MED", "String", True),
        ("properties.metadata.severity", "StartsWith", "med", "String", True),
        ("properties.metadata.severity", "EndsWith", "um", "String", True),
        ("properties['metadata'].severity", "Equals", "Medium", "String", True),
        ("properties.metadata.categories[1]", "Equals", "Data", "String", True),
        ("properties.metadata.categories", "Contains", "comp", "String", True),
        ("properties.failedResources", "GreaterThan", "2", "Integer", True),
        ("properties.failedResources", "GreaterThanOrEqualTo", "3", "Number", True),
        ("properties.failedResources", "LesserThan", "3", "Integer", False),
        ("score", "LesserThanOrEqualTo", "0.25", "Number", True),
        ("score", "GreaterThan", "10", "Number", False),
        ("score", "Equals", "0", "Integer", False),
        ("isSnapshot", "Equals", "False", "Boolean", True),
        ("isSnapshot", "NotEquals", "false", "Boolean", False),
        ("nothing.there", "Equals", "", "String", False),
        ("nothing.there", "NotEquals", "x", "String", True),
        ("nothing.there", "GreaterThan", "0", "Number", False),
        ("Severity", "GreaterThan", "0", "Number", False),
    ],
)
def test_a_rule(path: str, operator: str, expected: str, kind: str, outcome: bool) -> None:
    assert problem_of(rule(path, operator, expected, kind)) is None
    assert holds(rule(path, operator, expected, kind), EVENT) is outcome


@pytest.mark.parametrize(
    "wrong",
    [
        rule("", "Equals", "x"),
        rule("a..b", "Equals", "x"),
        rule("a[", "Equals", "x"),
        rule("a", "Matches", "x"),
        rule("a", "Contains", "1", "Number"),
        rule("a", "GreaterThan", "true", "Boolean"),
        rule("a", "Equals", "one", "Integer"),
        rule("a", "Equals", "1.5", "Integer"),
        rule("a", "Equals", "x", "Text"),
        rule("a" * 501, "Equals", "x"),
    ],
)
def test_what_is_no_rule(wrong: dict[str, Any]) -> None:
    assert problem_of(wrong) is not None


def test_one_set_whose_rules_all_hold_is_enough() -> None:
    yes, no = rule("Severity", "Equals", "High"), rule("Severity", "Equals", "Low")
    assert takes(None, EVENT)
    assert takes([], EVENT)
    assert takes([{"rules": [yes, no]}, {"rules": [yes, yes]}], EVENT)
    assert not takes([{"rules": [yes, no]}, {"rules": [no]}], EVENT)
    assert takes([{"rules": []}], EVENT)


@given(some.text(max_size=40))
def test_any_text_is_a_path_or_is_refused(text: str) -> None:
    try:
        steps_of(text)
    except ValueError:
        return
    value_at(EVENT, text)


@given(some.text(max_size=20), some.sampled_from(["String", "Integer", "Number", "Boolean"]), some.text(max_size=20))
def test_whatever_is_compared_has_an_outcome(expected: str, kind: str, found: str) -> None:
    for operator in ("Equals", "NotEquals", "Contains", "StartsWith", "EndsWith", "GreaterThan", "LesserThanOrEqualTo"):
        assert holds(rule("a", operator, expected, kind), {"a": found}) in (True, False)
