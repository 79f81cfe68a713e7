"""How a query is taken apart, and what is counted of each part."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.rule_tests.conftest import Bench

from vedette.rule_tests.moments import told_distance
from vedette.rule_tests.session import Session
from vedette.rule_tests.trace import pipes_of, traced


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("T", {"": ["T"]}),
        ("T | where a == 1 | take 1", {"": ["T", "where a == 1", "take 1"]}),
        ("let x = T | where a == 1; x | count", {"x": ["T", "where a == 1"], "": ["x", "count"]}),
        ("let f = () { T | take 1 }; f", {"f": ["T", "take 1"], "": ["f"]}),
        ("union A, B | where c == 1", {"": ["union A, B", "where c == 1"]}),
        ("T | summarize count() by a | render piechart", {"": ["T", "summarize count() by a"]}),
        ("T | mv-apply x = a on (where x > 1) | take 2", {"": ["T", "mv-apply x = a on (where x > 1)", "take 2"]}),
    ],
)
def test_the_pipes_of_a_query(query: str, steps: dict[str, list[str]]) -> None:
    found = pipes_of(query)
    assert {pipe.name: [step.text for step in pipe.steps] for pipe in found.pipes} == steps


def test_pipes_within_joins_and_lists_are_found_and_functions_named() -> None:
    found = pipes_of(
        "let f = (n: long) { T | take n }; A | join (B | where b == 1) on c | where d in ((C | project d)) | take 1"
    )
    assert [pipe.steps[0].text for pipe in found.pipes] == ["A", "B", "C"]
    assert found.left_out == ("the function 'f' has parameters",)
    assert pipes_of("not | a | query (").pipes == ()


def test_conditions_are_counted_each_for_itself(bench: Bench, session: Session) -> None:
    (case,) = bench.cases("""
tests:
  - name: a
    events:
      SigninLogs:
        - {ResultType: 50126, IPAddress: 10.0.0.1, $times: 2}
        - {ResultType: 0, IPAddress: 203.0.113.1, $times: 3}
        - {ResultType: 50126, IPAddress: 203.0.113.1}
    expect: none
""")
    outcome = session.outcome(case)
    query: Any = outcome.runs[0].window.rule.properties
    (pipe,) = traced(session._on(), outcome.runs[0].window, pipes_of(query.query).pipes)
    counted = [(each.given, each.passed, each.held) for each in pipe.counted]
    assert counted == [(None, 6, ()), (6, 1, (3, 4)), (1, 1, ()), (1, 0, (0,))]


@pytest.mark.parametrize(
    ("distance", "told"),
    [
        (timedelta(0), "+0s"),
        (timedelta(minutes=-5), "-5m"),
        (timedelta(days=1, hours=2, seconds=1.25), "+1d2h1.25s"),
        (-timedelta(microseconds=1), "-0.000001s"),
    ],
)
def test_distances_are_told_so_that_they_can_be_read_again(bench: Bench, distance: timedelta, told: str) -> None:
    clock = bench.cases("tests: [{name: a, expect: none}]")[0].clock
    assert told_distance(clock + distance, clock) == told
    (case,) = bench.cases(f"tests: [{{name: a, clock: '{told}', expect: none}}]")
    assert case.clock == clock + distance
