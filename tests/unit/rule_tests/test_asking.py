"""Expectations that cannot fail are refused; a case is proof that a rule fires only where it would fail without."""

from typing import Any

import pytest
from tests.unit.rule_tests.conftest import Bench

from vedette.rule_tests.expectation import read_expectation
from vedette.rule_tests.node import WrongTestFile, node_of


def _case(expect: str) -> str:
    return f"tests:\n- name: a\n  expect:\n    {expect}\n"


@pytest.mark.parametrize(
    "expect",
    [
        "alerts: {ge: 0}",
        "incidents: {gt: -1}",
        "results: {not: {lt: 0}}",
        "results: {anyOf: [{le: 3}, {gt: 3}]}",
        "runs: {ge: 1}",
        "alerts: {including: []}",
        "alerts: [{title: {contains: ''}}]",
        "alerts: [{title: {matches: '.*'}}]",
        "alerts: [{title: {anyOf: [a, {startswith: ''}]}}]",
        "alerts: [{results: {ge: 0}}]",
        "alerts: [{entities: []}]",
        "alerts: [{entities: {including: []}}]",
        "alerts: [{entities: [{Account: {contains: ''}}]}]",
        "alerts: [{tactics: {including: []}}]",
        "alerts: [{customDetails: {}}]",
        "alerts: [{customDetails: {Failures: {endswith: ''}}}]",
        "error: {message: {contains: ''}}",
    ],
)
def test_what_cannot_fail_is_refused_with_its_line(bench: Bench, expect: str) -> None:
    with pytest.raises(WrongTestFile, match=r"rule\.test\.yaml:4: .*(cannot fail|asks for nothing)"):
        bench.cases(_case(expect))


@pytest.mark.parametrize(
    "expect",
    [
        "alerts: {ge: 1}",
        "alerts: {lt: 5}",
        "alerts: {not: 2}",
        "alerts: {exactly: []}",
        "alerts: []",
        "alerts: {including: [{severity: High}]}",
        "alerts: [{}]",
        "runs: {gt: 1}",
        "alerts: [{title: {not: a}}]",
        "alerts: [{title: {matches: '^(?!.*internal)'}}]",
        "alerts: [{title: {matches: '^[^@]*$'}}]",
        "alerts: [{title: {matches: '^.{0,200}$'}}]",
        "alerts: [{title: {not: {contains: ''}}}]",
        "alerts: [{entities: {exactly: []}}]",
        "alerts: [{entities: [{Account: null}]}]",
        "alerts: [{customDetails: {exactly: {}}}]",
        "alerts: [{tactics: []}]",
        "alerts: [{results: {gt: 0}}]",
    ],
)
def test_what_can_fail_is_read(bench: Bench, expect: str) -> None:
    assert len(bench.cases(_case(expect))) == 1


@pytest.mark.parametrize(
    ("expect", "fires"),
    [
        ("fires", True),
        ("none", False),
        ("2", True),
        ("{alerts: {lt: 5}}", False),
        ("{alerts: {ge: 2}}", True),
        ("{alerts: {not: 0}}", True),
        ("{alerts: {not: 1}}", False),
        ("{alerts: [{severity: High}]}", True),
        ("{alerts: []}", False),
        ("{incidents: 1}", True),
        ("{results: 3}", False),
        ("{error: SEM0100}", False),
    ],
)
def test_a_case_shows_that_a_rule_fires_where_it_would_fail_without(expect: str, fires: Any, bench: Bench) -> None:
    assert read_expectation(node_of(expect, bench.folder / "a.test.yaml")).fires is fires


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ("triggerTreshold: 9", "triggerThreshold"),
        ("triggerthreshold: 9", "triggerThreshold"),
        ("eventGroupingSettings: {aggregationkind: SingleAlert}", "aggregationKind"),
        ("incidentConfiguration: {groupingConfiguration: {enable: true}}", "enabled"),
        ("entityMappings: [{entityType: IP, fieldMapping: []}]", "fieldMappings"),
    ],
)
@pytest.mark.parametrize("of_file", [True, False])
def test_a_change_of_what_no_rule_has_is_refused_with_its_line(
    bench: Bench, change: str, hint: str, of_file: bool
) -> None:
    text = f"change:\n  {change}\ntests:\n- name: a\n  expect: none\n"
    if not of_file:
        text = f"tests:\n- change:\n    {change}\n  name: a\n  expect: none\n"
    with pytest.raises(WrongTestFile, match=rf"rule\.test\.yaml:\d: there is no .*{hint}") as raised:
        bench.cases(text)
    assert raised.value.line == (2 if of_file else 3)


def test_a_change_of_all_that_a_rule_has_is_read(bench: Bench) -> None:
    change = (
        "{severity: Low, query: SigninLogs, customDetails: {Own: Column}, startTimeUtc: null, displayName: x, "
        "alertDetailsOverride: {alertDynamicProperties: [{alertProperty: AlertLink, value: Link}]}, "
        "subTechniques: [T1110.003], sentinelEntitiesMappings: null}"
    )
    (case,) = bench.cases(f"change: {change}\ntests: [{{name: a, expect: none}}]")
    assert case.change["customDetails"] == {"Own": "Column"}
