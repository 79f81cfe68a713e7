"""npm's @azure/monitor-query-logs and azure-kusto-data against a live server, over TLS."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.sdk import Ready

FOLDER = Path(__file__).parent / "node"


def missing() -> str | None:
    """Why the clients cannot be run here; None when they can."""
    if shutil.which("node") is None:
        return "no node on this machine"
    return None if (FOLDER / "node_modules").is_dir() else f"no packages: npm ci --prefix {FOLDER}"


WHY_NOT = missing()


@pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")
def test_the_clients_of_another_language_understand_the_answers(server: Ready) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    answered = subprocess.run(
        ["node", str(FOLDER / "query.mjs")],
        env=environment | {"VEDETTE_READY": json.dumps(server), "NODE_EXTRA_CA_CERTS": server["ca"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    told = json.loads(answered.stdout)
    assert told["one"]["status"] == "Success"
    assert told["one"]["rows"] == [[1, "x", "2024-01-02T00:00:00.000Z"]]
    assert [column["type"] for column in told["one"]["columns"]] == ["long", "string", "datetime"]
    assert told["batch"] == ["Success", "PartialFailure"]  # what this SDK calls a query that failed
    assert told["resource"] == [[2]]
    assert told["partial"] == "PartialFailure"
    assert told["kusto"] == [{"n": 2, "d": [1]}, {"n": 3, "d": [1]}]
    assert told["version"]["ServiceType"] == "Engine"
    assert "SEM0100" in told["error"]
