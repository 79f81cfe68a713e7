"""A server that is killed while automation is at work: every rule is carried out once, every comment is there once."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.unit.automation.crash_child import RULES, child, run

from vedette.automation.workflows.records import ACTION, RUN
from vedette.detect.automation_notes import NOTE
from vedette.detect.incidents import COMMENT, INCIDENT, TASK

INCIDENTS = 2
KILLED_AFTER = ((1, 0.05), (2, 0.15))
"""Lines of output that are waited for, and seconds after them at which the kill comes."""


def begin(directory: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("crash_child.py")), str(directory), *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_kill_while_rules_and_playbooks_run(tmp_path: Path) -> None:
    for lines, seconds in KILLED_AFTER:
        process = begin(tmp_path, str(INCIDENTS))
        assert process.stdout is not None
        told = 0
        while told < lines:
            line = process.stdout.readline()
            assert line, "the child ended before it was killed"
            told += line.startswith(b"{")
        time.sleep(seconds)
        process.kill()
        process.wait()
        process.stdout.close()
    run(tmp_path, INCIDENTS)
    with child(tmp_path) as made:
        state = made.services.state
        incidents = state.list(INCIDENT)
        assert len(incidents) == INCIDENTS
        for incident in incidents:
            labels = sorted(each["labelName"] for each in incident.body["properties"]["labels"])
            assert labels == [f"l{number}" for number in range(RULES)]
            tasks = sorted(each.body["properties"]["title"] for each in state.list(TASK, incident.id))
            assert tasks == [f"t{number}" for number in range(RULES)]
            said = Counter(each.body["properties"]["message"] for each in state.list(COMMENT, incident.id))
            assert said == Counter(f"Number {number}" for number in range(10))
        runs = state.list(RUN, made.playbook)
        assert Counter(each.body["properties"]["status"] for each in runs) == {"Succeeded": INCIDENTS}
        assert all(state.get(f"{each.id}/actions/End").body["kept"]["outputs"] == 10 for each in runs)  # type: ignore[union-attr]
        workspace = made.services.estate.workspace_id
        health = "SentinelHealth | where SentinelResourceType == 'Automation rule' | summarize count() by RecordId"
        counted = [row[1] for row in made.services.logs.query(workspace, health).rows()]
        assert counted == [1] * (INCIDENTS * RULES)
        assert state.list(NOTE) == []


class Asked(BaseHTTPRequestHandler):
    """Says that it was asked, and never answers."""

    times = 0
    asked = threading.Event()

    def do_POST(self) -> None:
        Asked.times += 1
        Asked.asked.set()
        time.sleep(30)

    def log_message(self, *_arguments: object) -> None:
        return


def test_a_request_that_was_under_way_is_not_made_again_by_itself(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    process = begin(tmp_path, "1", str(port))
    assert Asked.asked.wait(60)
    process.kill()
    process.wait()
    with child(tmp_path, port) as made:
        made.services.automation.run_due()
        (found,) = made.services.state.list(RUN, made.playbook)
        assert found.body["properties"]["status"] == "Failed"
        (ask,) = [each for each in made.services.state.list(ACTION, found.id) if each.name == "Ask"]
        assert ask.body["properties"]["error"]["code"] == "ActionInterrupted"
    assert Asked.times == 1
    server.shutdown()
