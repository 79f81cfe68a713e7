"""A server that is killed while rules run: every window's alerts and incidents are there once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.unit.detect.crash_child import WORKSPACE, run

from vedette.detect.incidents import INCIDENT
from vedette.logs.store import LogStore

WINDOWS = 12
EVENTS = 3
KILLED_AFTER = (2, 6)
"""Lines of output: the kill comes in the middle of the run that follows."""


def kill_while(directory: Path, windows: int, kind: str) -> None:
    """Run rules in a process of its own and kill it, twice."""
    script = str(Path(__file__).with_name("crash_child.py"))
    for lines in KILLED_AFTER:
        child = subprocess.Popen(
            [sys.executable, script, str(directory), str(windows), kind],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert child.stdout is not None
        for _ in range(lines):
            assert child.stdout.readline(), "the child ended before it was killed"
        child.kill()
        child.wait()
        child.stdout.close()


def column(logs: LogStore, table: str, name: str) -> list[Any]:
    return [value for (value,) in logs.query(WORKSPACE.id, f"{table} | project {name}").rows()]


def test_kill_while_rules_run(tmp_path: Path) -> None:
    kill_while(tmp_path, WINDOWS, "Scheduled")
    state, logs = run(tmp_path, WINDOWS)
    assert Counter(Counter(column(logs, "SecurityAlert", "SystemAlertId")).values()) == {1: WINDOWS * EVENTS}
    assert len(logs.query(WORKSPACE.id, "SentinelHealth").rows()) == WINDOWS
    numbers = sorted(incident.body["properties"]["incidentNumber"] for incident in state.list(INCIDENT))
    assert numbers == list(range(1, WINDOWS * EVENTS + 1))
    assert len(logs.query(WORKSPACE.id, "SecurityIncident").rows()) == WINDOWS * EVENTS
    logs.close()
    state.close()


def test_kill_while_what_arrives_is_looked_at(tmp_path: Path) -> None:
    """Each event is in one alert, however late it is and whenever the server was killed."""
    kill_while(tmp_path, WINDOWS, "NRT")
    state, logs = run(tmp_path, WINDOWS, "NRT")
    seen = [json.loads(entities)[0]["HostName"] for entities in column(logs, "SecurityAlert", "Entities")]
    assert sorted(seen) == sorted(f"event-{number}" for number in range(WINDOWS - 1))  # the last one's is not due yet
    assert len(column(logs, "SentinelHealth", "RecordId")) == WINDOWS
    assert state.count(INCIDENT) == WINDOWS - 1
    logs.close()
    state.close()
