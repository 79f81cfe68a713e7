"""Far too many rules, some slow and some broken: every workspace gets its turn, and what cannot run is disabled."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.detect.conftest import PROPERTIES, RESOURCE_ID, WORKSPACE

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.settings import RuleSettings
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.failures import AUTO_DISABLED, DISABLED_AFTER
from vedette.detect.query_kinds import Scheduled
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.engine.limits import Limits
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
OTHER = replace(WORKSPACE, id="cccccccc-0000-4000-8000-000000000009", resource_id=f"{RESOURCE_ID}-other")
BROKEN, SLOW = 3, 2
TIMEOUT = timedelta(milliseconds=200)
ENDLESS = (
    "range i from 1 to 2000000000 step 1 | summarize n = dcount(hash_sha256(tostring(i))) by i % 999983 | where n < 0"
)


@dataclass(frozen=True, slots=True)
class Noted(Scheduled):
    """Notes whose windows are evaluated, in order."""

    evaluated: list[str] = field(default_factory=list[str])

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        self.evaluated.append(workspace.id)
        return Scheduled.evaluate(self, workspace, window)


def put(state: StateStore, workspace: Workspace, queries: list[str]) -> None:
    with state.transaction() as transaction:
        for number, query in enumerate(queries):
            name = f"rule-{number}"
            id = f"{workspace.resource_id}/providers/{ALERT_RULE}/{name}"
            properties = PROPERTIES | {"query": query, "queryFrequency": "PT1M", "queryPeriod": "PT1M"}
            body = {"kind": "Scheduled", "properties": properties}
            transaction.put(id=id, type=ALERT_RULE, scope=workspace.resource_id, name=name, body=body)


def serve_until_idle(detections: Detections, clock: VirtualClock) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=detections.serve, args=(stop,))
    thread.start()
    while (due := detections.next_due()) is not None and due <= clock.now():
        time.sleep(0.01)
    stop.set()
    thread.join()


@pytest.mark.parametrize("rules", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_rules_each_minute(state: StateStore, logs: LogStore, clock: VirtualClock, rules: int) -> None:
    for each in (WORKSPACE, OTHER):
        logs.create_workspace(each.id, each.name, each.resource_id)
    put(state, WORKSPACE, [ENDLESS] * SLOW + ["Unheard_CL"] * BROKEN + ["Heartbeat | where Computer == 'x'"] * rules)
    put(state, OTHER, ["Heartbeat"] * 3)
    noted = Noted(logs, Limits(timeout=TIMEOUT))
    workspaces = Workspaces([WORKSPACE, OTHER])
    detections = Detections(state, logs, clock, workspaces, kinds=[noted], settings=RuleSettings(timeout=TIMEOUT))
    serve_until_idle(detections, clock)
    places = [place for place, workspace in enumerate(noted.evaluated) if workspace == OTHER.id]
    assert len(places) == 3
    assert max(places) < 12, "the small workspace waits for the large one"
    for _ in range(DISABLED_AFTER - 1):
        clock.advance(timedelta(minutes=1))
        serve_until_idle(detections, clock)
    documents = state.list(ALERT_RULE, WORKSPACE.resource_id)
    disabled = [each for each in documents if not each.body["properties"]["enabled"]]
    assert len(disabled) == BROKEN
    assert all(each.body["properties"]["displayName"].startswith(AUTO_DISABLED) for each in disabled)
    text = "SentinelHealth | summarize Runs = count() by SentinelResourceId, Status"
    runs = {(id.rpartition("/")[2], status): count for id, status, count in logs.query(WORKSPACE.id, text).rows()}
    counts = Counter(count for (_, status), count in runs.items() if status == "Success")
    assert counts == {DISABLED_AFTER: rules}
    assert [runs[f"rule-{SLOW + number}", "Failure"] for number in range(BROKEN)] == [DISABLED_AFTER] * BROKEN
    assert all(runs[f"rule-{number}", "Failure"] >= DISABLED_AFTER for number in range(SLOW))
    detections.close()
