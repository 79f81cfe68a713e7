"""The events of an alert are found again by what the alert itself says: its query and its window."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.core.instants import instant_of
from vedette.detect.engine import Detections
from vedette.detect.query_alerts import make_alerts
from vedette.detect.results import Results
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.kql.types import ScalarType
from vedette.logs.store import LogStore

PutRule = Callable[..., str]
Rows = list[dict[str, Any]]


@pytest.fixture
def alerts(
    detections: Detections, logs: LogStore, clock: VirtualClock, put_rule: PutRule, workspace: Workspace
) -> Callable[..., Rows]:
    def raised(**rule: Any) -> Rows:
        clock.advance(timedelta(minutes=7, seconds=3.25))
        beats = [
            {"TimeGenerated": clock.now() - timedelta(minutes=minutes), "Computer": f"web{minutes}", "Version": "it's"}
            for minutes in (1, 2, 3)
        ]
        logs.append(workspace.id, "Heartbeat", beats).result()
        put_rule(query="Heartbeat | where TimeGenerated > ago(150s) | project TimeGenerated, Computer, Version", **rule)
        detections.run_due(clock.now())
        return rows(logs, workspace, "SecurityAlert")

    return raised


def rows(logs: LogStore, workspace: Workspace, text: str, timespan: Any = None, now: datetime | None = None) -> Rows:
    found = logs.query(workspace.id, text, timespan=timespan, now=now)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows()]


def again(logs: LogStore, workspace: Workspace, alert: dict[str, Any]) -> list[str]:
    extended = json.loads(alert["ExtendedProperties"])
    window = tuple(
        instant_of(extended[name].replace(" ", "T")) for name in ("Query Start Time UTC", "Query End Time UTC")
    )
    later = datetime(2031, 1, 1, tzinfo=UTC)
    return sorted(row["Computer"] for row in rows(logs, workspace, extended["Query"], window, later))


def test_all_events_of_an_alert(alerts: Callable[..., Rows], logs: LogStore, workspace: Workspace) -> None:
    (alert,) = alerts()
    assert again(logs, workspace, alert) == ["web1", "web2"]


def test_the_one_event_of_an_alert(alerts: Callable[..., Rows], logs: LogStore, workspace: Workspace) -> None:
    raised = alerts(eventGroupingSettings={"aggregationKind": "AlertPerResult"})
    assert sorted(again(logs, workspace, alert) for alert in raised) == [["web1"], ["web2"]]
    extended = json.loads(raised[0]["ExtendedProperties"])
    (event,) = rows(logs, workspace, extended["Query"])
    assert event["Version"] == "it's"
    assert extended["Event Grouping"] == "AlertPerEvent"
    assert "Heartbeat" in extended["OriginalQuery"]


def test_a_window_of_arrival_is_widened_to_its_events(make_rule: Callable[..., StoredRule]) -> None:
    rule = replace(make_rule(queryPeriod="PT5M"), by_arrival=True)
    end = datetime(2024, 5, 1, 12, tzinfo=UTC)
    old = datetime(2024, 4, 30, tzinfo=UTC)
    columns = {"TimeGenerated": ScalarType.datetime}
    (alert,) = make_alerts(Window(rule, end), Results(columns, [[old], [end - timedelta(minutes=1)]]))
    assert alert.extended["Query Start Time UTC"] == "2024-04-30 00:00:00Z"
    assert alert.extended["Query End Time UTC"] == "2024-05-01 12:00:00Z"
