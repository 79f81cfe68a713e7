"""How long is it from an acknowledged event to its incident, for fifty NRT rules of which one finds each event?"""

import math
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.question import Finding
from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.incidents import INCIDENT
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

RULES = 50
EVENTS = 100
TARGET = 5.0
_PAUSE = 0.4
_DEADLINE = 90.0
_RESOURCE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/bench"
_WORKSPACE = Workspace("33333333-3333-3333-3333-333333333333", "bench", _RESOURCE, "", "")


def ask() -> list[Finding]:
    """The latency of the incidents of events that come one after another, in real time."""
    with TemporaryDirectory() as folder:
        latencies = _latencies(Path(folder))
    note = f"{RULES} NRT rules, {EVENTS} events in {EVENTS * _PAUSE:.0f} s, acknowledged until the incident can be read"
    return [
        Finding("from an event to its NRT incident, p50", latencies[len(latencies) // 2], math.inf, "s", note),
        Finding("from an event to its NRT incident, p99", latencies[int(len(latencies) * 0.99)], TARGET, "s", note),
    ]


def _latencies(folder: Path) -> list[float]:
    clock = SystemClock()
    state = StateStore(f"sqlite:///{folder}/state.db", clock, new_id)
    engine = DuckDBEngine(folder / "logs.duckdb")
    logs = LogStore(engine, clock, state)
    logs.create_workspace(_WORKSPACE.id, _WORKSPACE.name, _RESOURCE)
    state.deliver = logs.apply_outbox
    with state.transaction() as transaction:
        for number in range(RULES):
            id = f"{_RESOURCE}/providers/{ALERT_RULE}/rule-{number}"
            body = {"kind": "NRT", "properties": _properties(number)}
            transaction.put(id=id, type=ALERT_RULE, scope=_RESOURCE, name=f"rule-{number}", body=body)
    detections, stop = Detections(state, logs, clock, Workspaces([_WORKSPACE])), threading.Event()
    serving = threading.Thread(target=detections.serve, args=(stop,))
    serving.start()
    acknowledged: dict[str, float] = {}
    seen: dict[str, float] = {}
    try:
        for number in range(EVENTS):
            name = f"host-{number % RULES}-{number}"
            logs.append(_WORKSPACE.id, "Heartbeat", [{"TimeGenerated": clock.now(), "Computer": name}]).result()
            acknowledged[name] = time.perf_counter()
            _look(state, seen)
            time.sleep(_PAUSE)
        deadline = time.perf_counter() + _DEADLINE
        while len(seen) < EVENTS and time.perf_counter() < deadline:
            _look(state, seen)
            time.sleep(0.02)
    finally:
        stop.set()
        serving.join()
        detections.close()
        logs.close()
        engine.close()
        state.close()
    return sorted(seen.get(name, math.inf) - at for name, at in acknowledged.items())


def _look(state: StateStore, seen: dict[str, float]) -> None:
    for incident in state.list(INCIDENT, limit=EVENTS):
        seen.setdefault(incident.body["properties"]["title"], time.perf_counter())


def _properties(number: int) -> dict[str, Any]:
    return {
        "displayName": f"Rule {number}",
        "enabled": True,
        "severity": "Medium",
        "query": f"Heartbeat | where Computer startswith 'host-{number}-'",
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "alertDetailsOverride": {"alertDisplayNameFormat": "{{Computer}}"},
    }
