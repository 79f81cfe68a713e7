"""Rules of the kinds that are no queries, made through the management API as its clients make them, and run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.found_alerts import VERSION, step

from vedette.access.workspaces import Workspace
from vedette.api.services import Services
from vedette.detect import product_alerts
from vedette.detect.alert import Alert
from vedette.detect.entity_documents import put_alert
from vedette.state.documents import Document
from vedette.state.store import Transaction

RULES: dict[str, dict[str, Any]] = {
    "MicrosoftSecurityIncidentCreation": {
        "displayName": "Incidents of Cloud Apps",
        "productFilter": "Microsoft Cloud App Security",
        "severitiesFilter": ["High"],
        "enabled": True,
    },
    "Fusion": {"alertRuleTemplateName": "f71aba3d-28fb-450b-b192-4e76a83015c8", "enabled": True},
    "MLBehaviorAnalytics": {
        "alertRuleTemplateName": "6d1c8a52-6a4e-4f0b-9c34-0d6f0a5b7e11",
        "enabled": True,
        "anomalySettings": {"threshold": 3, "minimumHistory": 5},
    },
}


@pytest.fixture
def owner(virtual_services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    return signed_in(virtual_services)


@pytest.fixture
def sentinel(virtual_services: Services) -> str:
    return f"{virtual_services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"


def alert(services: Services, id: str, **more: Any) -> dict[str, Any]:
    told = {"TimeGenerated": services.clock.now(), "SystemAlertId": id, "Status": "New", "AlertSeverity": "High"}
    return told | {"Entities": '[{"Type":"account","Name":"ana","UPNSuffix":"x.example"}]'} | more


def test_each_kind_is_made_and_runs(virtual_services: Services, owner: TestClient, sentinel: str) -> None:
    services = virtual_services
    for kind, properties in RULES.items():
        put = owner.put(f"{sentinel}/alertRules/{kind}", params=VERSION, json={"kind": kind, "properties": properties})
        assert put.status_code == 201, put.text
    step(services, 0)
    now, workspace = services.clock.now(), services.estate.workspace_id
    products = [("Microsoft Cloud App Security", "InitialAccess"), ("Azure Security Center", "Exfiltration")]
    alerts = [
        alert(services, f"p{at}", ProductName=product, DisplayName=f"Of {product}", Tactics=tactic)
        | {"StartTime": now + timedelta(seconds=at), "EndTime": now + timedelta(seconds=at)}
        for at, (product, tactic) in enumerate(products)
    ]
    services.logs.append(workspace, "SecurityAlert", alerts).result()
    usual = {"UserPrincipalName": "ana@x.example", "ResultType": "0", "Location": "DE"}
    signs = [usual | {"TimeGenerated": now - timedelta(hours=2 + at)} for at in range(10)]
    signs.append(usual | {"TimeGenerated": now + timedelta(minutes=30), "Location": "KP"})
    services.logs.append(workspace, "SigninLogs", signs).result()
    for _ in range(12):
        step(services, 5)
    step(services, 1)
    incidents = owner.get(f"{sentinel}/incidents", params=VERSION).json()["value"]
    assert sorted(each["properties"]["title"] for each in incidents) == [
        "Of Microsoft Cloud App Security",
        "Possible multistage attack: InitialAccess, Exfiltration",
        "Unusual country of sign-ins: ana@x.example",
    ]
    found = services.logs.query(workspace, "SentinelHealth | summarize by SentinelResourceKind, Status").rows()
    assert sorted(map(tuple, found)) == sorted((kind, "Success") for kind in RULES)
    fused = owner.get("/v1.0/security/alerts_v2", params={"$filter": "detectionSource eq 'builtInMl'"}).json()["value"]
    assert [each["title"] for each in fused] == ["Possible multistage attack: InitialAccess, Exfiltration"]
    of_product = owner.get("/v1.0/security/alerts", params={"$filter": "vendorInformation/provider eq 'MCAS'"}).json()
    assert [each["id"] for each in of_product["value"]] == ["p0"]


@pytest.mark.parametrize("settings", [{"threshold": 0}, {"minimumHistory": "many"}, "4"])
def test_thresholds_that_are_none_are_refused(owner: TestClient, sentinel: str, settings: object) -> None:
    properties = RULES["MLBehaviorAnalytics"] | {"anomalySettings": settings}
    body = {"kind": "MLBehaviorAnalytics", "properties": properties}
    refused = owner.put(f"{sentinel}/alertRules/one", params=VERSION, json=body)
    assert (refused.status_code, "anomalySettings" in refused.text) == (400, True)


def test_many_alerts_are_kept_a_piece_at_a_time(
    virtual_services: Services, owner: TestClient, sentinel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written of a run that broke off stays, and is not written again."""
    services, kind = virtual_services, "MicrosoftSecurityIncidentCreation"
    owner.put(f"{sentinel}/alertRules/{kind}", params=VERSION, json={"kind": kind, "properties": RULES[kind]})
    step(services, 0)
    product = {"ProductName": "Microsoft Cloud App Security"}
    alerts = [alert(services, f"p{at}", DisplayName=f"Alert {at}", **product) for at in range(120)]
    services.logs.append(services.estate.workspace_id, "SecurityAlert", alerts).result()
    written: list[str] = []

    def breaks(transaction: Transaction, found: Alert, workspace: Workspace, now: datetime) -> Document:
        written.append(found.id)
        if len(written) == 70:
            raise OSError("broken off")
        return put_alert(transaction, found, workspace, now)

    monkeypatch.setattr(product_alerts, "put_alert", breaks)
    step(services, 1)
    health = services.logs.query(services.estate.workspace_id, "SentinelHealth | project Status, Description").rows()
    assert ["Failure", "OSError: broken off"] in health
    assert count(owner, sentinel) == 50
    step(services, 2)
    assert count(owner, sentinel) == 120
    assert len(written) == 140, "the first fifty were not written again"


def count(owner: TestClient, sentinel: str) -> int:
    answer = owner.get(f"{sentinel}/incidents", params=VERSION | {"$top": "1000"}).json()
    return len({each["properties"]["title"] for each in answer["value"]})
