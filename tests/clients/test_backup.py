"""`vedette backup` and `vedette restore` as a person runs them."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.command import VEDETTE
from tests.clients.sdk import Ready, bearer, rows, web


def vedette(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*VEDETTE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


def test_documents_and_their_log_rows_are_of_the_same_instant(start_server: Callable[..., Any], tmp_path: Path) -> None:
    """Alerts are documents and rows of SecurityAlert: in a backup there is each in both, or in neither."""
    with start_server("--demo") as ready:
        while rows(ready, "SecurityIncident | count") == [[0]]:
            time.sleep(0.2)  # the rules run by real time
        target = tmp_path / "backup.tar"
        assert vedette("backup", target, "--data", tmp_path / "data").returncode == 0
    shutil.rmtree(tmp_path / "data")
    assert vedette("restore", target, "--data", tmp_path / "data").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "state.db") as state:
        (incidents,) = state.execute(
            "SELECT count(*) FROM documents WHERE type_key = 'microsoft.securityinsights/incidents'"
        ).fetchone()
    assert incidents > 0
    with start_server() as ready:
        assert rows(ready, "SecurityIncident | summarize dcount(IncidentNumber, 4)") == [[incidents]]


def test_damaged_and_partial_backups_are_refused(server: Ready, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar"
    made = vedette("backup", target, "--data", Path(server["ca"]).parents[1])
    assert made.returncode == 0, made.stderr
    whole = target.read_bytes()
    cut, flipped = tmp_path / "cut.tar", tmp_path / "flipped.tar"
    cut.write_bytes(whole[:-3000])
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    flipped.write_bytes(changed)
    for damaged in (cut, flipped):
        answered = vedette("restore", damaged, "--data", tmp_path / "new")
        assert (answered.returncode, "The backup is damaged" in answered.stderr) == (1, True), answered.stderr
        assert not (tmp_path / "new").exists()
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").touch()
    answered = vedette("restore", target, "--data", full)
    assert (answered.returncode, "not empty" in answered.stderr) == (1, True)
    assert {file.name for file in tmp_path.iterdir()} == {"backup.tar", "cut.tar", "flipped.tar", "full"}


def test_who_may_not_grant_roles_gets_no_backup(server: Ready) -> None:
    with web(server) as client:
        assert client.post("/vedette/backup").status_code == 401
        with client.stream("POST", "/vedette/backup", headers=bearer(server)) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/x-tar"
            for _ in answer.iter_raw(1000):
                break  # the connection is dropped in the middle: the next backup must not be refused for it
    deadline = 50
    for _ in range(deadline):
        with web(server) as client, client.stream("POST", "/vedette/backup", headers=bearer(server)) as answer:
            if answer.status_code == 200:
                return
            assert answer.status_code == 409
    pytest.fail("a dropped download is still in progress")


def test_the_engine_keeps_its_lock_after_a_backup(server: Ready) -> None:
    data = Path(server["ca"]).parents[1]
    with web(server) as client:
        answer: httpx.Response = client.post("/vedette/backup", headers=bearer(server))
    assert answer.status_code == 200
    opened = subprocess.run(
        [VEDETTE[0], "-c", f"import duckdb; duckdb.connect({str(data / 'logs.duckdb')!r})"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert opened.returncode != 0
    assert "lock" in opened.stderr.lower()
