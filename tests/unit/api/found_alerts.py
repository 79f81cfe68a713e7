"""Alerts and incidents of a rule that ran, for tests of what Graph shows of them."""

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from vedette.api.services import Services

VERSION = {"api-version": "2025-10-01-preview"}
HOSTS = ("web01", "db01", "mail01")


def rule(**changes: Any) -> dict[str, Any]:
    """A rule that gives an alert for each host that beats."""
    properties = {
        "displayName": "A host beats",
        "description": "It should not.",
        "enabled": True,
        "severity": "Medium",
        "query": "Heartbeat | where Category == 'Odd' | extend Account = strcat('ana@', Computer, '.example')",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT5M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "tactics": ["CredentialAccess", "Execution"],
        "techniques": ["T1110"],
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "alertDetailsOverride": {
            "alertDisplayNameFormat": "{{Computer}} beats",
            "alertSeverityColumnName": "ResourceGroup",
        },
        "customDetails": {"Where": "Computer"},
        "entityMappings": [
            {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]},
            {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "ComputerIP"}]},
            {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "columnName": "Account"}]},
        ],
    }
    return {"kind": "Scheduled", "properties": properties | changes}


def beat(services: Services, workspace_id: str, *hosts: str) -> None:
    """Odd events of hosts, the first of high severity, each from an address of its own."""
    now = services.clock.now()
    rows: list[dict[str, Any]] = [
        {
            "TimeGenerated": now - timedelta(seconds=number),
            "Computer": host,
            "Category": "Odd",
            "ComputerIP": f"198.51.100.{number + 1}",
            "ResourceGroup": "High" if number == 0 else "Low",
        }
        for number, host in enumerate(hosts)
    ]
    services.logs.append(workspace_id, "Heartbeat", rows).result()


def raise_alerts(services: Services, owner: TestClient, sentinel: str, *hosts: str, name: str = "beats") -> None:
    """Have a rule find these hosts: an alert and an incident for each."""
    put = owner.put(f"{sentinel}/alertRules/{name}", params=VERSION, json=rule())
    assert put.status_code in (200, 201), put.text
    step(services, 1)
    workspace = services.workspaces.by_resource_id(sentinel.partition("/providers/Microsoft.SecurityInsights")[0])
    assert workspace is not None
    beat(services, workspace.id, *(hosts or HOSTS))
    step(services, 4)
    step(services, 1)


def step(services: Services, minutes: int) -> None:
    """Move the clock, and run the rules that are due."""
    services.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]
    services.detections.run_due(services.clock.now())
