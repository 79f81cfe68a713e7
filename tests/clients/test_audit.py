"""The activity log through azure-mgmt-monitor, and `vedette audit` as a person runs it, against a live server."""

import json
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.monitor import MonitorManagementClient
from tests.clients.command import VEDETTE
from tests.clients.sdk import bearer, management_client, rows, web
from tests.postgresql import Cluster


def vedette(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*VEDETTE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


def make_group(ready: Any, name: str) -> str:
    id = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{name}"
    with web(ready) as client:
        made = client.put(
            id, params={"api-version": "2021-04-01"}, headers=bearer(ready), json={"location": "westeurope"}
        )
    assert made.status_code == 201
    return id


def test_the_activity_log_through_the_sdk(server: Any) -> None:
    name = f"audited-{uuid.uuid4().hex[:8]}"
    group = make_group(server, name)
    monitor = management_client(MonitorManagementClient, server)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    listed = list(monitor.activity_logs.list(filter=f"eventTimestamp ge '{since}' and resourceGroupName eq '{name}'"))
    assert [event.status.value for event in listed] == ["Succeeded", "Started"]
    ended = listed[0]
    assert ended.operation_name.value == "Microsoft.Resources/subscriptions/resourceGroups/write"
    assert ended.resource_id == group
    assert ended.authorization.action == ended.operation_name.value
    assert ended.http_request.method == "PUT"
    assert ended.caller
    assert ended.event_timestamp.tzinfo is not None
    assert ended.sub_status.value == "Created"
    chosen = next(iter(monitor.activity_logs.list(filter=f"eventTimestamp ge '{since}'", select="eventName,id")))
    assert (chosen.event_name is not None, chosen.caller) == (True, None)
    with pytest.raises(HttpResponseError):
        list(monitor.activity_logs.list(filter="resourceGroupName eq 'x'"))
    assert "Administrative" in [each.value for each in monitor.event_categories.list()]
    found = rows(server, f"AzureActivity | where ResourceGroup == '{name}' | project ActivityStatusValue")
    assert sorted(found) == [["Start"], ["Success"]]


def test_a_chain_that_is_tampered_with_is_found(start_server: Callable[..., Any], tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start_server() as ready:
        make_group(ready, "one")
        whole = vedette("audit", "verify", "--server-data", data)
        assert whole.returncode == 0, whole.stderr
        head = whole.stdout.split()[-1]
        assert head in vedette("status", "--data", data, "--json").stdout
        listed = vedette("audit", "list", "--data", data, "--top", "1", "--json")
        assert (
            json.loads(listed.stdout)[0]["what"]["operation"]
            == "Microsoft.Resources/subscriptions/resourceGroups/write"
        )
        assert "vedette-owner" in vedette("audit", "list", "--data", data).stdout
        number = head.partition(":")[0]
        assert '"location": "westeurope"' in vedette("audit", "show", number, "--data", data).stdout
        assert vedette("backup", tmp_path / "backup.tar", "--data", data).returncode == 0
        assert vedette("audit", "verify", "--data", data, "--head", head).returncode == 0, "beside a running server"
    assert vedette("audit", "verify", "--data", data, "--head", head).returncode == 0
    assert vedette("restore", tmp_path / "backup.tar", "--data", tmp_path / "restored").returncode == 0
    restored = vedette("audit", "verify", "--data", tmp_path / "restored", "--head", head)
    assert (restored.returncode, restored.stderr) == (0, "")
    cut = tmp_path / "cut"
    shutil.copytree(data, cut)
    tamper(cut, f"DELETE FROM audit WHERE sequence >= {number}")
    answered = vedette("audit", "verify", "--data", cut)
    noted = int(number) + 1  # the backup is a record too
    assert (answered.returncode, f"broken at record {noted}" in answered.stderr) == (4, True), answered.stderr
    (cut / "audit.head").unlink()
    assert vedette("audit", "verify", "--data", cut).returncode == 0
    assert vedette("audit", "verify", "--data", cut, "--head", head).returncode == 4
    tamper(data, "UPDATE audit SET record = replace(record, 'westeurope', 'eastus') WHERE sequence = " + number)
    answered = vedette("audit", "verify", "--data", data)
    assert (answered.returncode, f"broken at record {number}" in answered.stderr) == (4, True), answered.stderr
    with start_server():
        answered = vedette("audit", "verify", "--server-data", data)
        assert (answered.returncode, "changed" in answered.stderr) == (4, True), answered.stderr
    (data / "audit.key").unlink()
    answered = vedette("audit", "verify", "--data", data)
    assert (answered.returncode, "audit.key" in answered.stderr) == (1, True)


def tamper(data: Path, statement: str) -> None:
    connection = sqlite3.connect(data / "state.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_the_chain_of_a_state_in_postgresql(
    start_server: Callable[..., Any], postgresql: Cluster, tmp_path: Path
) -> None:
    url = postgresql.schema_url()
    with start_server("--state", url) as ready:
        make_group(ready, "one")
        assert vedette("audit", "verify", "--server-data", tmp_path / "data").returncode == 0
    verify = ("audit", "verify", "--data", tmp_path / "data", "--state", url)
    assert vedette(*verify).returncode == 0
    schema = url.rpartition("%3D")[2]
    postgresql.execute(f"UPDATE {schema}.audit SET record = replace(record, 'westeurope', 'x') WHERE sequence > 3")
    assert vedette(*verify).returncode == 4
