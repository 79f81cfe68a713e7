"""msticpy's MicrosoftSentinel class against a live server, in the environment that has msticpy.

Runs where VEDETTE_MSTICPY names a Python with msticpy: `pip install msticpy` in an environment of its own.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.loganalytics import models as la
from tests.clients import sdk

PYTHON = os.environ.get("VEDETTE_MSTICPY")
SESSION = Path(__file__).parent / "msticpy_session.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PYTHON is None, reason="there is no msticpy: set VEDETTE_MSTICPY to a Python that has it"),
]


Session = Callable[[str], dict[str, Any]]


@pytest.fixture
def session(server: sdk.Ready, tmp_path: Path) -> Session:
    """What a part of the class finds."""
    (tmp_path / "ready.json").write_text(json.dumps(server))
    (tmp_path / "msticpyconfig.yaml").write_text(
        f"Azure:\n  cloud: global\n  resource_manager_url: {server['https']}\n  auth_methods: [env]\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MSTICPYCONFIG": str(tmp_path / "msticpyconfig.yaml"),
        "REQUESTS_CA_BUNDLE": server["ca"],
        "SSL_CERT_FILE": server["ca"],
    }

    def session(part: str) -> dict[str, Any]:
        command = [PYTHON or "", str(SESSION), str(tmp_path / "ready.json"), part]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    return session


def test_incidents(session: Session) -> None:
    found = session("incidents")
    assert (found["severity"], found["comments"]) == ("High", ["looked at it"])
    assert "From msticpy" in found["incidents"]


def test_rules_and_hunting_queries(server: sdk.Ready, session: Session) -> None:
    searches, place = sdk.log_analytics(server).saved_searches, (server["resource_group"], server["workspace_name"])
    query = la.SavedSearch(category="Hunting Queries", display_name="Hunt", query="Heartbeat")
    searches.create_or_update(*place, "msticpy", query)
    found = session("rules")
    searches.delete(*place, "msticpy")
    assert "By msticpy" in found["rules"]
    assert "Hunt" in found["hunting"]


def test_bookmarks(session: Session) -> None:
    assert "A mark" in session("bookmarks")["bookmarks"]


def test_watchlists(session: Session) -> None:
    found = session("watchlists")
    assert "people" in found["watchlists"]
    assert found["people"] == ["adele", "alex", "megan"]


def test_indicators(session: Session) -> None:
    found = session("indicators")
    assert (found["indicators"], found["tags"], found["queried"]) == (["Scanner"], ["seen"], 1)
