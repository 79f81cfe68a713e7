"""kill -9 while alerts are fed: every alert that was acknowledged is exported once, and none twice."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from tests.clients import sdk
from tests.durability import serving

KILLS = 2
FEEDERS = 3
VERSION = {"api-version": "2022-01-01"}


def client(ready: Mapping[str, str]) -> httpx.Client:
    token = sdk.credential(ready).get_token(f"{ready['https']}/.default").token
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=ready["https"], verify=ready["ca"], headers=headers, timeout=30)


def feed(ready: Mapping[str, str], name: str, acknowledged: set[str]) -> None:
    """Put alerts, each a new one, until the server is gone."""
    with client(ready) as api:
        number = 0
        while True:
            number += 1
            alert = f"{name}-{number}"
            id = f"/subscriptions/{ready['subscription_id']}/providers/Microsoft.Security/locations/x/alerts/{alert}"
            try:
                told = api.put(id, params=VERSION, json={"properties": {"alertDisplayName": alert}})
            except httpx.TransportError:
                return
            if told.status_code == 201:
                acknowledged.add(alert)


@pytest.mark.slow
def test_each_alert_is_exported_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    process, ready = serving.start(data)
    group = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
    properties = {
        "scopes": [{"scopePath": f"/subscriptions/{ready['subscription_id']}"}],
        "sources": [{"eventSource": "Alerts"}],
        "actions": [{"actionType": "Workspace", "workspaceResourceId": workspace}],
    }
    with client(ready) as api:
        body = {"location": "x", "properties": properties}
        automation = f"{group}/providers/Microsoft.Security/automations/all"
        assert api.put(automation, params={"api-version": "2023-12-01-preview"}, json=body).status_code == 201
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        feeders = [
            threading.Thread(target=feed, args=(ready, f"{kill}-{feeder}", acknowledged)) for feeder in range(FEEDERS)
        ]
        before = len(acknowledged)
        for each in feeders:
            each.start()
        while len(acknowledged) < before + 20:
            time.sleep(0.05)
        process.kill()
        process.wait()
        for each in feeders:
            each.join()
        process, ready = serving.start(data)
    with client(ready) as api:
        path = f"/subscriptions/{ready['subscription_id']}/providers/Microsoft.Security/alerts"
        stored = {each["name"] for each in api.get(path, params=VERSION).json()["value"]}
    rows = sdk.rows(ready, "SecurityAlert | summarize count() by SystemAlertId")
    serving.stop(process)
    assert {name for name, _ in rows} == stored >= acknowledged
    assert {count for _, count in rows} == {1}
