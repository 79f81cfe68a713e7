"""azure-mgmt-securityinsight 1.0.0 against a live server, over TLS, in the environment that has it.

Runs where VEDETTE_SECURITYINSIGHT_1 names a Python with it: `pip install azure-mgmt-securityinsight==1.0.0
azure-identity` in an environment of its own, for the other tests have a preview of the same package.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.clients import sdk

PYTHON = os.environ.get("VEDETTE_SECURITYINSIGHT_1")
SESSION = Path(__file__).parent / "securityinsight_1_session.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PYTHON is None,
        reason="there is no azure-mgmt-securityinsight 1.0.0: set VEDETTE_SECURITYINSIGHT_1 to a Python that has it",
    ),
]

Session = Callable[[sdk.Ready, str], dict[str, Any]]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """What the operations of a part find."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def session(ready: sdk.Ready, part: str) -> dict[str, Any]:
        path = tmp_path / "told.json"
        path.write_text(json.dumps(ready))
        command = [PYTHON or "", str(SESSION), str(path), part]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    return session


def test_incidents(server: sdk.Ready, session: Session) -> None:
    found = session(server, "incidents")
    assert found["made"] == ["From 1.0.0", "one", True]
    assert found["listed"] == ["stable"]
    assert found["comments"] == ["c", "looked at it"]
    assert found["relations"] == ["r", "stable-related"]
    assert found["inside"] == [["Odd"], [], []]
    assert found["closed"] == ["Closed", "TruePositive"]
    assert (found["stale"] in (409, 412), found["gone"]) == (True, 404)


def test_rules_actions_and_templates(server: sdk.Ready, session: Session) -> None:
    found = session(server, "rules")
    assert found["shown"] == ["ScheduledAlertRule", True, True]
    assert (found["listed"], found["actions"]) == (True, ["a", True])
    assert (found["template"], found["no_template"], found["gone"]) == ([True], 404, 404)


def test_automation_rules(server: sdk.Ready, session: Session) -> None:
    found = session(server, "automation_rules")
    assert found == {"shown": ["From 1.0.0", "Low"], "condition": ["High"], "listed": True, "gone": 404}


def test_watchlists(server: sdk.Ready, session: Session) -> None:
    found = session(server, "watchlists")
    assert (found["shown"], found["listed"]) == (["stable-hosts", "Host"], True)
    assert (found["items"], found["gone"]) == ([["web1", "web2"], "Rome", 1], 404)


def test_bookmarks(server: sdk.Ready, session: Session) -> None:
    assert session(server, "bookmarks") == {"shown": ["Odd", ["a"], True], "listed": True, "gone": 404}


def test_indicators(server: sdk.Ready, session: Session) -> None:
    found = session(server, "indicators")
    assert found["kind"] == "ThreatIntelligenceIndicatorModel"
    assert (found["tags"], found["found"]) == ([["one", "two"], ["three"]], [20, 10])
    assert (found["listed"], found["metrics"], found["gone"]) == (True, True, 404)


def test_connectors_and_operations(server: sdk.Ready, session: Session) -> None:
    found = session(server, "connectors")
    assert (found["shown"], found["listed"], found["gone"]) == (["AADDataConnector", "Enabled"], True, 404)
    assert (found["state"], found["operations"]) == (["default", ["default"]], True)


def test_onboarding(virtual_server: sdk.Ready, session: Session) -> None:
    assert session(virtual_server, "onboarding") == {"off": 400, "on": []}
