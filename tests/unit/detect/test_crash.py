"""A server that is killed while rules run: every window's alerts and incidents are there once."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.unit.detect.crash_child import WORKSPACE, run

from vedette.detect.incidents import INCIDENT

WINDOWS = 12
EVENTS = 3
KILLED_AFTER = (2, 6)
"""Lines of output: the kill comes in the middle of the run that follows."""


def test_kill_while_rules_run(tmp_path: Path) -> None:
    for lines in KILLED_AFTER:
        child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_child.py")), str(tmp_path), str(WINDOWS)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert child.stdout is not None
        for _ in range(lines):
            assert child.stdout.readline(), "the child ended before it was killed"
        child.kill()
        child.wait()
        child.stdout.close()
    state, logs = run(tmp_path, WINDOWS)
    names = [column.name for column in logs.query(WORKSPACE.id, "SecurityAlert").columns]
    alerts = [row[names.index("SystemAlertId")] for row in logs.query(WORKSPACE.id, "SecurityAlert").rows()]
    assert Counter(Counter(alerts).values()) == {1: WINDOWS * EVENTS}
    assert len(logs.query(WORKSPACE.id, "SentinelHealth").rows()) == WINDOWS
    numbers = sorted(incident.body["properties"]["incidentNumber"] for incident in state.list(INCIDENT))
    assert numbers == list(range(1, WINDOWS * EVENTS + 1))
    assert len(logs.query(WORKSPACE.id, "SecurityIncident").rows()) == WINDOWS * EVENTS
    logs.close()
    state.close()
