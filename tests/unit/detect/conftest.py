"""Rules, results and a workspace to detect in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.rule import parse_rule
from vedette.detect.stored_rule import StoredRule
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
RESOURCE_ID = (
    "/subscriptions/aaaaaaaa-0000-4000-8000-000000000001/resourceGroups/rg"
    "/providers/Microsoft.OperationalInsights/workspaces/ws"
)
WORKSPACE = Workspace("bbbbbbbb-0000-4000-8000-000000000002", "ws", RESOURCE_ID, "", "")
PROPERTIES: dict[str, Any] = {
    "displayName": "A rule",
    "enabled": True,
    "severity": "Medium",
    "query": "Heartbeat",
    "queryFrequency": "PT5M",
    "queryPeriod": "PT1H",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
}

PutRule = Callable[..., str]


@pytest.fixture
def workspace() -> Workspace:
    return WORKSPACE


@pytest.fixture
def make_rule() -> Callable[..., StoredRule]:
    def make(name: str = "r1", created: datetime = START, **changes: Any) -> StoredRule:
        id = f"{RESOURCE_ID}/providers/{ALERT_RULE}/{name}"
        return StoredRule(id, name, RESOURCE_ID.lower(), created, parse_rule(PROPERTIES | changes))

    return make


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def state(state_url: str, clock: VirtualClock) -> Iterator[StateStore]:
    state = StateStore(state_url, clock, new_id)
    yield state
    state.close()


@pytest.fixture
def logs(state: StateStore, clock: VirtualClock) -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    logs = LogStore(engine, clock, state)
    logs.create_workspace(WORKSPACE.id, WORKSPACE.name)
    state.deliver = logs.apply_outbox
    yield logs
    logs.close()
    engine.close()


@pytest.fixture
def detections(state: StateStore, logs: LogStore, clock: VirtualClock) -> Detections:
    return Detections(state, logs, clock, Workspaces([WORKSPACE]))


@pytest.fixture
def put_rule(state: StateStore) -> PutRule:
    def put(name: str = "r1", **changes: Any) -> str:
        id = f"{RESOURCE_ID}/providers/{ALERT_RULE}/{name}"
        body = {"kind": "Scheduled", "properties": PROPERTIES | changes}
        with state.transaction() as transaction:
            transaction.put(id=id, type=ALERT_RULE, scope=RESOURCE_ID, name=name, body=body)
        return id

    return put
