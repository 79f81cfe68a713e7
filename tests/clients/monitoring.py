"""The SDKs of Azure Monitor, pointed at a live server: data collection rules, and records through them."""

from collections.abc import Mapping
from typing import Any

from azure.mgmt.monitor import MonitorManagementClient
from azure.monitor.ingestion import LogsIngestionClient
from tests.clients.sdk import Ready, credential, management_client


def monitor(ready: Ready) -> MonitorManagementClient:
    return management_client(MonitorManagementClient, ready)


def ingestion(ready: Ready, endpoint: str) -> LogsIngestionClient:
    return LogsIngestionClient(
        endpoint,
        credential(ready),
        credential_scopes=[f"{ready['https']}/.default"],
        connection_verify=ready["ca"],
        retry_total=0,
    )


def workspace_id(ready: Ready) -> str:
    return (
        f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
    )


def rule_body(
    ready: Ready, stream: str, columns: Mapping[str, str], output: str, transform: str | None = None
) -> dict[str, Any]:
    flow = {"streams": [stream], "destinations": ["here"], "outputStream": output}
    if transform is not None:
        flow["transformKql"] = transform
    declared = [{"name": name, "type": type} for name, type in columns.items()]
    return {
        "location": "eastus",
        "kind": "Direct",
        "properties": {
            "streamDeclarations": {stream: {"columns": declared}},
            "destinations": {"logAnalytics": [{"workspaceResourceId": workspace_id(ready), "name": "here"}]},
            "dataFlows": [flow],
        },
    }


def made_rule(ready: Ready, name: str, body: dict[str, Any]) -> tuple[str, str]:
    """The endpoint and the immutable id of a rule that is made of a body."""
    rule = monitor(ready).data_collection_rules.create(ready["resource_group"], name, body)
    assert rule.provisioning_state == "Succeeded"
    return rule.endpoints.logs_ingestion, rule.immutable_id
