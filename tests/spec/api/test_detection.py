"""A rule made through the API finds an event, and its incident is worked on there; without the rule nothing runs."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from vedette.access.estate import Estate
from vedette.api.services import Services

VERSION = {"api-version": "2025-10-01-preview"}


def rule(**changes: Any) -> dict[str, Any]:
    properties = {
        "displayName": "A host beats",
        "enabled": True,
        "severity": "Medium",
        "query": "Heartbeat | where Computer == 'web01'",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT5M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "tactics": ["Execution"],
        "entityMappings": [
            {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]}
        ],
    }
    return {"kind": "Scheduled", "properties": properties | changes}


@pytest.fixture
def sentinel(estate: Estate) -> str:
    return f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"


def beat(services: Services) -> None:
    row = {"TimeGenerated": services.clock.now(), "Computer": "web01"}
    services.logs.append(services.estate.workspace_id, "Heartbeat", [row]).result()


def step(services: Services, minutes: int) -> None:
    """Move the clock as POST /vedette/clock does, and run what is due on the way."""
    services.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]
    services.detections.run_due(services.clock.now())


def incidents(owner: TestClient, sentinel: str, **query: str) -> list[dict[str, Any]]:
    reply = owner.get(f"{sentinel}/incidents", params=VERSION | {f"${name}": each for name, each in query.items()})
    assert reply.status_code == 200, reply.text
    return reply.json()["value"]


def test_from_rule_to_closed_incident(services: Services, owner: TestClient, sentinel: str) -> None:
    assert owner.put(f"{sentinel}/alertRules/beats", params=VERSION, json=rule()).status_code == 201
    step(services, 0)
    assert incidents(owner, sentinel) == []
    step(services, 1)
    beat(services)
    step(services, 4)
    (incident,) = incidents(owner, sentinel, filter="properties/status eq 'New'")
    assert incident["properties"]["title"] == "A host beats"
    assert incident["properties"]["additionalData"]["alertsCount"] == 1
    assert incident["properties"]["relatedAnalyticRuleIds"] == [f"{sentinel}/alertRules/beats"]

    (alert,) = owner.post(f"{incident['id']}/alerts", params=VERSION).json()["value"]
    assert (alert["kind"], alert["properties"]["alertDisplayName"]) == ("SecurityAlert", "A host beats")
    assert owner.get(alert["id"], params=VERSION).json() == alert
    found = owner.post(f"{incident['id']}/entities", params=VERSION).json()
    assert [entity["properties"]["hostName"] for entity in found["entities"]] == ["web01"]
    assert found["metaData"] == [{"entityKind": "Host", "count": 1}]

    closed = {"etag": incident["etag"], "properties": incident["properties"] | {"status": "Closed"}}
    assert owner.put(incident["id"], params=VERSION, json=closed).status_code == 400
    closed["properties"] |= {"classification": "BenignPositive", "classificationReason": "SuspiciousButExpected"}
    reply = owner.put(incident["id"], params=VERSION, json=closed)
    assert reply.status_code == 200, reply.text
    assert owner.put(incident["id"], params=VERSION, json=closed).status_code == 409
    workspace_id = services.estate.workspace_id
    rows = services.logs.query(workspace_id, "SecurityIncident | project Status", now=services.clock.now()).rows()
    assert [row[0] for row in rows] == ["New", "Closed"]

    disabled = owner.put(f"{sentinel}/alertRules/beats", params=VERSION, json=rule(enabled=False))
    assert disabled.status_code == 200
    step(services, 1)
    beat(services)
    step(services, 30)
    assert len(incidents(owner, sentinel)) == 1
    owner.put(f"{sentinel}/alertRules/beats", params=VERSION, json=rule())
    assert owner.delete(f"{sentinel}/alertRules/beats", params=VERSION).status_code == 200
    step(services, 1)
    beat(services)
    step(services, 30)
    assert len(incidents(owner, sentinel)) == 1
