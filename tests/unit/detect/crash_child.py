"""Runs one rule's windows over a data directory until it is killed: `python crash_child.py DIRECTORY WINDOWS KIND`."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
RESOURCE_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/ws"
WORKSPACE = Workspace("dddddddd-0000-4000-8000-000000000004", "ws", RESOURCE_ID, "", "")
RULE = {
    "displayName": "A host beats",
    "enabled": True,
    "severity": "Medium",
    "query": "Heartbeat",
    "queryFrequency": "PT5M",
    "queryPeriod": "P1D",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
    "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
    "entityMappings": [{"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]}],
}
EVERY = {"Scheduled": timedelta(minutes=5), "NRT": timedelta(minutes=1)}


def prepare(state: StateStore, logs: LogStore, kind: str) -> None:
    """A rule, and for a scheduled one three events that each of its windows sees."""
    logs.create_workspace(WORKSPACE.id, WORKSPACE.name)
    if kind == "Scheduled":
        events = [{"TimeGenerated": START, "Computer": name} for name in ("a", "b", "c")]
        logs.append(WORKSPACE.id, "Heartbeat", events).result()
    id = f"{RESOURCE_ID}/providers/{ALERT_RULE}/r1"
    with state.transaction() as transaction:
        transaction.put(id=id, type=ALERT_RULE, scope=RESOURCE_ID, name="r1", body={"kind": kind, "properties": RULE})


def arrive(logs: LogStore, clock: VirtualClock, number: int) -> None:
    """An event of its own for the next window of an NRT rule, however long it has been over; stored once."""
    name = f"event-{number}"
    if not logs.query(WORKSPACE.id, f"Heartbeat | where Computer == '{name}'").rows():
        event = {"TimeGenerated": clock.now() - timedelta(hours=number), "Computer": name}
        logs.append(WORKSPACE.id, "Heartbeat", [event]).result()


def run(directory: Path, windows: int, kind: str = "Scheduled") -> tuple[StateStore, LogStore]:
    """Run all windows that are not yet run, with a line of output for each; a first call prepares the directory."""
    clock = VirtualClock(START + timedelta(minutes=1))
    state = StateStore(f"sqlite:///{directory}/state.db", clock, new_id)
    logs = LogStore(DuckDBEngine(directory / "logs.duckdb"), clock, state)
    if not state.list(ALERT_RULE):
        prepare(state, logs, kind)
    logs.apply_outbox()
    state.deliver = logs.apply_outbox
    detections = Detections(state, logs, clock, Workspaces([WORKSPACE]))
    for number in range(windows):
        detections.advance_to(clock, START + timedelta(minutes=1) + EVERY[kind] * number)
        if kind == "NRT":
            arrive(logs, clock, number)
        print(number, flush=True)
    return state, logs


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
