from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.detect.conftest import PROPERTIES

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, NotFound, TimedOut, Unavailable
from vedette.detect import backtest
from vedette.detect.engine import Detections
from vedette.detect.fusion import Fusion
from vedette.detect.incidents import INCIDENT
from vedette.engine.cancellation import Cancellation
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOUR = START + timedelta(hours=1)
PutRule = Callable[..., str]
GROUPED = {
    "createIncident": True,
    "groupingConfiguration": {
        "enabled": True,
        "reopenClosedIncident": False,
        "lookbackDuration": "PT20M",
        "matchingMethod": "AllEntities",
    },
}
HOSTS = [{"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]}]


@pytest.fixture(autouse=True)
def _beats(logs: LogStore, workspace: Workspace) -> None:
    rows = [
        {"TimeGenerated": START + timedelta(minutes=7 * number, seconds=number), "Computer": f"web{number % 2}"}
        for number in range(9)
    ]
    logs.append(workspace.id, "Heartbeat", rows).result()


def test_a_stored_rule_is_looked_at_in_the_windows_that_it_runs(
    detections: Detections, clock: VirtualClock, put_rule: PutRule, workspace: Workspace
) -> None:
    put_rule(query="Heartbeat", queryFrequency="PT10M", queryPeriod="PT10M")
    start = START - timedelta(minutes=27)
    stored = detections.rule_named(workspace, "A RULE")
    before = detections.backtest(workspace, stored, start, HOUR)
    ran = detections.advance_to(clock, HOUR)
    after = detections.backtest(workspace, stored, start, HOUR)
    ends = [outcome.end for outcome in ran if outcome.alerts]
    for found in (before, after):
        assert found.windows == len(ran) + 2
        assert [each.end for each in found.alerts] == ends
    body = {"kind": "Scheduled", "properties": PROPERTIES | {"query": "Heartbeat", "queryFrequency": "PT10M"}}
    of_file = detections.backtest(workspace, detections.rule_of(workspace, body), start, HOUR)
    assert (of_file.windows, of_file.alerts[0].end) == (8, start + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("rule", "one_pass"),
    [
        ({"query": "Heartbeat | where Computer startswith 'web'", "queryPeriod": "PT5M"}, True),
        ({"query": "Heartbeat", "queryPeriod": "PT20M", "triggerThreshold": 1}, True),
        ({"query": "Heartbeat", "queryPeriod": "PT5M", "triggerOperator": "Equal"}, True),
        ({"query": "Heartbeat", "eventGroupingSettings": {"aggregationKind": "AlertPerResult"}}, True),
        ({"query": "Heartbeat", "suppressionEnabled": True, "suppressionDuration": "PT13M"}, True),
        ({"query": "Heartbeat", "queryPeriod": "PT5M", "incidentConfiguration": GROUPED}, True),
        ({"query": "Heartbeat | summarize arg_max(TimeGenerated, *) by Computer", "queryPeriod": "PT15M"}, False),
        ({"query": "Heartbeat | where TimeGenerated > ago(3m)", "queryPeriod": "PT5M"}, False),
    ],
)
def test_it_is_what_the_rule_does(
    detections: Detections,
    clock: VirtualClock,
    put_rule: PutRule,
    workspace: Workspace,
    state: StateStore,
    logs: LogStore,
    rule: dict[str, Any],
    one_pass: bool,
) -> None:
    """The windows of a rule that runs now, beside those of its backtest: the same alerts, the same incidents."""
    put_rule(**{"entityMappings": HOSTS, "queryPeriod": "PT10M"} | rule)
    stored = detections.rule_named(workspace, "A RULE")
    found = detections.backtest(workspace, stored, START - timedelta(minutes=5), HOUR)
    assert (state.count(INCIDENT), len(logs.query(workspace.id, "SecurityAlert").rows())) == (0, 0)
    ran = detections.advance_to(clock, HOUR)
    assert found.one_pass is one_pass
    assert found.windows == len(ran) + found.suppressed == 13
    by_window = {outcome.end: len(outcome.alerts) for outcome in ran if outcome.alerts}
    assert {
        end: [each.end for each in found.alerts].count(end) for end in {each.end for each in found.alerts}
    } == by_window
    stored_ids = [alert for outcome in ran for alert in outcome.alerts]
    assert [each.alert.id for each in found.alerts] == stored_ids
    incidents = state.list(INCIDENT)
    assert [each.alerts_count for each in found.incidents] == [
        each.body["properties"]["additionalData"]["alertsCount"] for each in incidents
    ]
    assert [each.severity for each in found.incidents] == [each.body["properties"]["severity"] for each in incidents]


def test_a_rule_that_is_stored_nowhere(detections: Detections, workspace: Workspace) -> None:
    properties = {
        "displayName": "Tried out",
        "enabled": True,
        "severity": "Low",
        "query": "Heartbeat",
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
    }
    rule = detections.rule_of(workspace, {"kind": "NRT", "properties": properties})
    found = detections.backtest(workspace, rule, START, HOUR)
    assert (found.windows, len(found.alerts)) == (60, 9)
    assert {each.alert.component_name for each in found.alerts} == {"NRT Alerts"}


@pytest.mark.parametrize("query", ["Heartbeat", "Heartbeat | summarize count()"])
def test_its_time_is_looked_at_before_each_window(
    detections: Detections, workspace: Workspace, put_rule: PutRule, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    put_rule(query=query)
    rule = detections.rule_named(workspace, "r1")
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Unavailable):
        detections.backtest(workspace, rule, START, HOUR, cancellation)
    monkeypatch.setattr(backtest, "_LONGEST", timedelta(0))
    with pytest.raises(TimedOut, match="shorter time"):
        detections.backtest(workspace, rule, START, HOUR)


def test_more_than_is_listed_is_counted(
    detections: Detections, workspace: Workspace, put_rule: PutRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_rule(query="Heartbeat", queryPeriod="PT5M")
    rule = detections.rule_named(workspace, "r1")
    whole = detections.backtest(workspace, rule, START, HOUR)
    assert len(whole.alerts) == whole.alerts_count == len(whole.incidents) == whole.incidents_count > 2
    monkeypatch.setattr(backtest, "LISTED", 2)
    cut = detections.backtest(workspace, rule, START, HOUR)
    assert (cut.alerts, cut.alerts_count) == (whole.alerts[:2], whole.alerts_count)
    assert (cut.incidents, cut.incidents_count) == (whole.incidents[:2], whole.incidents_count)


def test_what_is_refused(detections: Detections, workspace: Workspace, put_rule: PutRule) -> None:
    put_rule(query="UnheardOf_CL")
    rule = detections.rule_named(workspace, "r1")
    with pytest.raises(InvalidInput, match="UnheardOf_CL"):
        detections.backtest(workspace, rule, START, HOUR)
    with pytest.raises(InvalidInput, match="no window"):
        detections.backtest(workspace, rule, START, START + timedelta(minutes=4))
    with pytest.raises(InvalidInput, match="are allowed"):
        detections.backtest(workspace, rule, START - timedelta(days=365), START)
    with pytest.raises(NotFound):
        detections.rule_named(workspace, "no such rule")
    fused = {"kind": "Fusion", "properties": {"enabled": True, "sourceSettings": ["x"]}}
    with pytest.raises(InvalidInput):
        detections.rule_of(workspace, fused)
    with pytest.raises(InvalidInput, match="kind Fusion is no query"):
        backtest.backtest(Fusion(detections._logs, detections._state), workspace, rule, START, HOUR, 1, Cancellation())
    for body in ({"kind": "Unheard", "properties": {}}, {"kind": "Scheduled"}, {"kind": "Scheduled", "properties": {}}):
        with pytest.raises(InvalidInput):
            detections.rule_of(workspace, body)
