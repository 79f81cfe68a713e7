"""Graph's security API as Microsoft's own clients use it: msgraph-sdk, and @microsoft/microsoft-graph-client of npm.

msgraph-sdk is large, and has an environment of its own: VEDETTE_MSGRAPH names a Python with `pip install msgraph-sdk`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.clients import node_client, sdk

PYTHON = os.environ.get("VEDETTE_MSGRAPH")
SESSION = Path(__file__).parent / "msgraph_session.py"
RULE = {
    "kind": "Scheduled",
    "properties": {
        "displayName": "A host beats",
        "enabled": True,
        "severity": "High",
        "query": "Beats_CL",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT5M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT1H",
        "suppressionEnabled": False,
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "alertDetailsOverride": {"alertDisplayNameFormat": "{{Computer}} beats"},
        "entityMappings": [
            {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]},
            {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "Address_s"}]},
        ],
    },
}


@pytest.fixture
def ready(virtual_server: sdk.Ready) -> sdk.Ready:
    """A server with an alert for each of three hosts."""
    hosts = [{"Computer": host, "Address": f"198.51.100.{at}"} for at, host in enumerate(("web01", "db01", "mail01"))]
    sdk.collect(virtual_server, "Beats", hosts)
    group = f"/subscriptions/{virtual_server['subscription_id']}/resourceGroups/{virtual_server['resource_group']}"
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{virtual_server['workspace_name']}"
    rule = f"{workspace}/providers/Microsoft.SecurityInsights/alertRules/beats?api-version=2024-03-01"
    with sdk.web(virtual_server) as web:
        web.headers.update(sdk.bearer(virtual_server))
        assert web.put(rule, json=RULE).status_code == 201
        moved = web.post("/vedette/clock", json={"advance": "PT5M"})
    assert moved.status_code == 200, moved.text
    return virtual_server


@pytest.mark.skipif(PYTHON is None, reason="there is no msgraph-sdk: set VEDETTE_MSGRAPH to a Python that has it")
@pytest.mark.slow
def test_msgraph_sdk(ready: sdk.Ready, tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text(json.dumps(ready))
    command = [PYTHON or "", str(SESSION), str(tmp_path / "ready.json")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["count"] == 1
    assert found["severity"] == "AlertSeverity.High"
    assert found["evidence"] == ["DeviceEvidence", "IpEvidence"]
    assert found["source"] == "ServiceSource.MicrosoftSentinel"
    assert found["changed"] == ["AlertStatus.InProgress", "AlertClassification.TruePositive", "sdk"]
    assert found["incident"] == ["web01 beats", [True]]
    assert found["resolved"] == ["IncidentStatus.Resolved", ["sdk"]]
    assert found["pages"] == [1, True]
    assert (found["last"], found["scores"], found["refused"]) == ("AlertStatus.Resolved", [], "ResourceNotFound")


@pytest.mark.skipif(node_client.missing() is not None, reason=node_client.missing() or "")
def test_microsoft_graph_client_of_npm(ready: sdk.Ready) -> None:
    found = node_client.run(ready, "graph_security.mjs", {})
    assert sorted(found["titles"]) == ["db01 beats", "mail01 beats", "web01 beats"]
    assert found["pages"] == 3
    assert (found["patched"], found["status"], found["count"]) == (None, "resolved", 2)
    assert found["incidents"] == [["inProgress", 1], ["active", 1], ["active", 1]]
    assert found["refused"] == [404, "ResourceNotFound"]
