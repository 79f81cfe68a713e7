"""A server whose documents are in PostgreSQL: moved there from a file, backed up, restored, and moved back again."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.clients.command import VEDETTE
from tests.clients.sdk import rows
from tests.postgresql import PASSWORD, Cluster

INCIDENTS = "SecurityIncident | summarize dcount(IncidentNumber, 4)"


def vedette(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*VEDETTE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


def refused(*arguments: str | Path) -> str:
    answered = vedette("up", "--port", "0", *arguments)
    assert answered.returncode == 1
    assert PASSWORD not in answered.stdout + answered.stderr
    return answered.stderr


def test_the_whole_life_of_a_state(start_server: Callable[..., Any], postgresql: Cluster, tmp_path: Path) -> None:
    data, url = tmp_path / "data", postgresql.schema_url()
    with start_server("--demo") as ready:
        while rows(ready, INCIDENTS) == [[0]]:
            time.sleep(0.2)  # the rules run by real time
        workspace = ready["workspace_id"]
    with start_server("--state", url, "--virtual-clock") as ready:
        assert ready["workspace_id"] == workspace
        before = rows(ready, INCIDENTS)
        assert before != [[0]]
        status = vedette("status", "--data", data)
        assert "PostgreSQL, database 'postgres' on 127.0.0.1" in status.stdout
        assert PASSWORD not in status.stdout
        assert "Another server works with this state" in refused("--data", tmp_path / "other", "--state", url)
        assert vedette("backup", tmp_path / "backup.tar", "--data", data).returncode == 0
    assert PASSWORD not in (tmp_path / "server.log").read_text()
    assert not (data / "state.db").exists()
    assert "belong to PostgreSQL. Name it with --state." in refused("--data", data)
    assert "belong to another state" in refused("--data", data, "--state", postgresql.schema_url())
    shutil.move(data, tmp_path / "old")
    assert vedette("restore", tmp_path / "backup.tar", "--data", data).returncode == 0
    with start_server("--virtual-clock") as ready:
        assert ready["workspace_id"] == workspace
        assert rows(ready, INCIDENTS) == before
