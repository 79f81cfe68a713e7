"""Continuous export on a whole server: alerts and assessments that are fed become rows, incidents and playbook runs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.access.principals import Principal
from vedette.access.role_definitions import CONTRIBUTOR
from vedette.core.clock import VirtualClock
from vedette.core.errors import Forbidden, InvalidInput, NotFound, Unsupported

SEVERE = [{"propertyJPath": "Severity", "propertyType": "String", "expectedValue": "high", "operator": "Equals"}]


class Cloud:
    """A subscription with a way to feed what Defender for Cloud finds in it."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.subscription = whole.services.estate.subscription_resource_id
        self.group = f"{self.subscription}/resourceGroups/cloud"
        self.machine = f"{self.group}/providers/Microsoft.Compute/virtualMachines/web"
        whole.send("PUT", self.group, {"location": "westeurope"})

    def automation(self, sources: list[Any], name: str = "export", **more: Any) -> Any:
        properties = {
            "isEnabled": True,
            "scopes": [{"scopePath": self.subscription}],
            "sources": sources,
            "actions": [
                {"actionType": "Workspace", "workspaceResourceId": self.whole.services.estate.workspace_resource_id}
            ],
        } | more
        return self.whole.send(
            "PUT",
            f"{self.group}/providers/Microsoft.Security/automations/{name}",
            {"location": "westeurope", "properties": properties},
        )

    def alert(self, name: str, **properties: Any) -> str:
        id = f"{self.group}/providers/Microsoft.Security/locations/westeurope/alerts/{name}"
        sent = {"alertDisplayName": f"Alert {name}", "severity": "High", "alertType": "VM_Test", **properties}
        assert self.whole.send("PUT", id, {"properties": sent}).status in (200, 201)
        return id

    def assess(self, name: str, code: str, resource: str = "", **properties: Any) -> str:
        id = f"{resource or self.machine}/providers/Microsoft.Security/assessments/{name}"
        sent = {"status": {"code": code}, "resourceDetails": {"source": "Azure"}, **properties}
        assert self.whole.send("PUT", id, {"properties": sent}).status in (200, 201)
        return id


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with whole_server(tmp_path) as whole:
        yield Cloud(whole)


def test_an_alert_is_a_row_each_time_it_changes(cloud: Cloud) -> None:
    cloud.automation([{"eventSource": "Alerts", "ruleSets": [{"rules": SEVERE}]}])
    id = cloud.alert(
        "a1", intent="InitialAccess", resourceIdentifiers=[{"type": "AzureResource", "azureResourceId": cloud.machine}]
    )
    cloud.alert("a2", severity="Low")
    cloud.alert(
        "a1", intent="InitialAccess", resourceIdentifiers=[{"type": "AzureResource", "azureResourceId": cloud.machine}]
    )
    assert cloud.whole.send("POST", f"{id}/dismiss").status == 204
    shown = "SystemAlertId, AlertName, AlertSeverity, Status, ProductName, Tactics, ResourceId"
    assert cloud.whole.rows(f"SecurityAlert | order by Status desc | project {shown}") == [
        ["a1", "Alert a1", "High", status, "Azure Security Center", "InitialAccess", cloud.machine]
        for status in ("New", "Dismissed")
    ]


def test_only_what_lies_in_a_scope_is_exported(cloud: Cloud) -> None:
    cloud.automation([{"eventSource": "Alerts"}], scopes=[{"scopePath": f"{cloud.subscription}/resourceGroups/other"}])
    cloud.alert("a1")
    assert cloud.whole.rows("SecurityAlert") == []
    other = f"{cloud.subscription}/resourceGroups/OTHER/providers/Microsoft.Compute/virtualMachines/x"
    cloud.alert("a2", resourceIdentifiers=[{"type": "AzureResource", "azureResourceId": other}])
    assert cloud.whole.rows("SecurityAlert | project SystemAlertId") == [["a2"]]


def test_an_automation_that_is_off_exports_nothing(cloud: Cloud) -> None:
    cloud.automation([{"eventSource": "Alerts"}], isEnabled=False)
    cloud.alert("a1")
    automation = f"{cloud.group}/providers/Microsoft.Security/automations/export"
    cloud.whole.send("PATCH", automation, {"properties": {"isEnabled": True}})
    cloud.alert("a2")
    assert cloud.whole.rows("SecurityAlert | project SystemAlertId") == [["a2"]]


def test_every_source_has_its_table(cloud: Cloud) -> None:
    names = ("Assessments", "SubAssessments", "SecureScores", "SecureScoreControls", "RegulatoryComplianceAssessment")
    cloud.automation([{"eventSource": each} for each in names])
    metadata = {"displayName": "Disks are encrypted", "severity": "High", "assessmentType": "BuiltIn"}
    security = f"{cloud.subscription}/providers/Microsoft.Security"
    cloud.whole.send("PUT", f"{security}/assessmentMetadata/disks", {"properties": metadata})
    assessment = cloud.assess("disks", "Unhealthy")
    finding = {"status": {"code": "Unhealthy", "severity": "Medium"}, "displayName": "CVE", "id": "CVE-2021-44228"}
    cloud.whole.send("PUT", f"{assessment}/subAssessments/f1", {"properties": finding})
    cloud.whole.send("PUT", f"{security}/secureScores/ascScore", {"properties": {"score": {"max": 58, "current": 29}}})
    control = {"score": {"max": 10, "current": 2.5}, "displayName": "Enable MFA", "unhealthyResourceCount": 3}
    cloud.whole.send("PUT", f"{security}/secureScores/ascScore/secureScoreControls/mfa", {"properties": control})
    standard = f"{security}/regulatoryComplianceStandards/PCI-DSS-4"
    cloud.whole.send("PUT", standard, {"properties": {"passedControls": 1, "failedControls": 1}})
    cloud.whole.send("PUT", f"{standard}/regulatoryComplianceControls/1.1", {"properties": {"failedAssessments": 1}})
    result = {"description": "Disks are encrypted", "failedResources": 2, "passedResources": 5}
    cloud.whole.send(
        "PUT",
        f"{standard}/regulatoryComplianceControls/1.1/regulatoryComplianceAssessments/disks",
        {"properties": result},
    )
    rows = cloud.whole.rows
    columns = "RecommendationId, RecommendationDisplayName, RecommendationSeverity, RecommendationState"
    columns += ", AssessedResourceId, IsSnapshot"
    assert rows(f"SecurityRecommendation | project {columns}") == [
        ["disks", "Disks are encrypted", "High", "Unhealthy", cloud.machine, False]
    ]
    columns = "ParentRecommendationId, VulnerabilityId, RecommendationSeverity, ResourceGroup"
    assert rows(f"SecurityNestedRecommendation | project {columns}") == [["disks", "CVE-2021-44228", "Medium", "cloud"]]
    assert rows("SecureScores | project CurrentScore, MaxScore, PercentageScore") == [[29.0, 58, 0.5]]
    columns = "ControlName, CurrentScore, PercentageScore, UnhealthyResources"
    assert rows(f"SecureScoreControls | project {columns}") == [["Enable MFA", 2.5, 0.25, 3]]
    columns = "ComplianceStandard, ComplianceControl, State, FailedResources, PassedResources, RecommendationName"
    assert rows(f"SecurityRegulatoryCompliance | project {columns}") == [
        ["PCI-DSS-4", "1.1", "Failed", 2, 5, "Disks are encrypted"]
    ]


def test_rules_see_an_assessments_metadata(cloud: Cloud) -> None:
    rule = {"propertyJPath": "properties.metadata.severity", "propertyType": "string", "expectedValue": "High"}
    cloud.automation([{"eventSource": "Assessments", "ruleSets": [{"rules": [rule | {"operator": "Equals"}]}]}])
    cloud.assess("one", "Unhealthy", metadata={"displayName": "One", "severity": "High", "assessmentType": "BuiltIn"})
    cloud.assess("two", "Unhealthy", metadata={"displayName": "Two", "severity": "Low", "assessmentType": "BuiltIn"})
    assert cloud.whole.rows("SecurityRecommendation | project RecommendationName") == [["One"]]


def test_a_score_that_hardly_moves_is_not_told(cloud: Cloud) -> None:
    cloud.automation([{"eventSource": "SecureScores"}])
    id = f"{cloud.subscription}/providers/Microsoft.Security/secureScores/ascScore"
    for current in (20, 20.005, 20.5):
        cloud.whole.send("PUT", id, {"properties": {"score": {"max": 58, "current": current}}})
    assert cloud.whole.rows("SecureScores | project CurrentScore | order by CurrentScore asc") == [[20.0], [20.5]]


def test_a_snapshot_comes_each_week(cloud: Cloud) -> None:
    cloud.automation([{"eventSource": "AssessmentsSnapshot"}])
    for number in range(3):
        cloud.assess(f"a{number}", "Healthy")
    services = cloud.whole.services
    assert isinstance(services.clock, VirtualClock)
    counts: list[int] = []
    for hours in (1, 24, 6 * 24, 1):
        services.clock.advance(timedelta(hours=hours))
        services.periodic.run_due(services.clock.now())
        counts.append(len(cloud.whole.rows("SecurityRecommendation | where IsSnapshot")))
    assert counts == [3, 3, 6, 6]


def test_a_playbook_is_given_the_event(cloud: Cloud) -> None:
    playbook = f"{cloud.group}/providers/Microsoft.Logic/workflows/p"
    webhook = {"type": "ApiConnectionWebhook", "inputs": {"path": "/Microsoft.Security/Alert/subscribe", "body": {}}}
    definition = {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "triggers": {"alert": webhook},
        "actions": {"say": {"type": "Compose", "inputs": "@triggerBody()?['AlertDisplayName']", "runAfter": {}}},
    }
    made = cloud.whole.send(
        "PUT", playbook, {"location": "westeurope", "properties": {"definition": definition}}, "2019-05-01"
    )
    assert made.status in (200, 201)
    uri = "https://x/workflows/1/triggers/alert/paths/invoke?sig=secret"
    action = {"actionType": "LogicApp", "logicAppResourceId": playbook, "uri": uri}
    shown = cloud.automation([{"eventSource": "Alerts"}], actions=[action]).body
    assert shown["properties"]["actions"] == [{"actionType": "LogicApp", "logicAppResourceId": playbook}]
    cloud.alert("a1")
    cloud.whole.services.automation.run_due()
    (run,) = cloud.whole.send("GET", f"{playbook}/runs", None, "2019-05-01").body["value"]
    assert run["properties"]["status"] == "Succeeded"
    (done,) = cloud.whole.services.state.list("Microsoft.Logic/workflows/runs/actions", run["id"])
    assert "Alert a1" in str(done.body)


def test_a_playbook_with_too_much_to_do_is_called_again(cloud: Cloud) -> None:
    playbook = f"{cloud.group}/providers/Microsoft.Logic/workflows/slow"
    limits = {"concurrency": {"runs": 1, "maximumWaitingRuns": 1}}
    definition = {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "triggers": {"called": {"type": "Request", "kind": "Http", "inputs": {}, "runtimeConfiguration": limits}},
        "actions": {"say": {"type": "Compose", "inputs": "@triggerBody()?['SystemAlertId']", "runAfter": {}}},
    }
    body = {"location": "westeurope", "properties": {"definition": definition}}
    cloud.whole.send("PUT", playbook, body, "2019-05-01")
    cloud.automation([{"eventSource": "Alerts"}], actions=[{"actionType": "LogicApp", "logicAppResourceId": playbook}])
    for number in range(4):
        cloud.alert(f"found-{number}")
    services = cloud.whole.services
    assert isinstance(services.clock, VirtualClock)
    for _ in range(4):
        services.automation.run_due()
        services.clock.advance(timedelta(minutes=1))
        services.periodic.run_due(services.clock.now())
    services.automation.run_due()
    done = cloud.whole.services.state.list("Microsoft.Logic/workflows/runs/actions", playbook, below=True)
    said = [str(each.body) for each in done]
    assert [sum(f"found-{number}" in each for each in said) for number in range(4)] == [1, 1, 1, 1]


def test_what_cannot_be_is_refused_by_name(cloud: Cloud) -> None:
    hub = {"actionType": "EventHub", "eventHubResourceId": "/x", "connectionString": "secret"}
    with pytest.raises(Unsupported, match="EventHub"):
        cloud.automation([{"eventSource": "Alerts"}], actions=[hub])
    with pytest.raises(InvalidInput):
        cloud.automation([{"eventSource": "Everything"}])
    wrong = [{"propertyJPath": "a..b", "propertyType": "String", "expectedValue": "x", "operator": "Equals"}]
    with pytest.raises(InvalidInput, match="propertyJPath"):
        cloud.automation([{"eventSource": "Alerts", "ruleSets": [{"rules": wrong}]}])
    id = f"{cloud.group}/providers/Microsoft.Security/automations/none/validate"
    told = cloud.whole.send("POST", id, {"properties": {"actions": [hub]}})
    assert told.body["isValid"] is False
    assert "EventHub" in told.body["message"]
    with pytest.raises(NotFound):
        cloud.whole.send("GET", id.removesuffix("/validate"))


def test_a_suppression_rule_dismisses(cloud: Cloud) -> None:
    rule = {
        "alertType": "VM_Test",
        "state": "Enabled",
        "reason": "FalsePositive",
        "suppressionAlertsScope": {"allOf": [{"field": "entities.ip.address", "in": ["10.0.0.1"]}]},
    }
    id = f"{cloud.subscription}/providers/Microsoft.Security/alertsSuppressionRules/r"
    assert cloud.whole.send("PUT", id, {"properties": rule}, "2019-01-01-preview").status == 200
    first = cloud.alert("a1", entities=[{"type": "ip", "address": "10.0.0.1"}])
    second = cloud.alert("a2", entities=[{"type": "ip", "address": "10.0.0.2"}])
    statuses = [cloud.whole.send("GET", each).body["properties"]["status"] for each in (first, second)]
    assert statuses == ["Dismissed", "Active"]


def test_lists_of_alerts_and_a_simulation(cloud: Cloud) -> None:
    cloud.alert("a1")
    region = f"{cloud.subscription}/providers/Microsoft.Security/locations/centralus"
    body = {"properties": {"kind": "Bundles", "bundles": ["KeyVaults", "DNS"]}}
    assert cloud.whole.send("POST", f"{region}/alerts/default/simulate", body).status == 202

    def names(place: str) -> int:
        return len(cloud.whole.send("GET", place).body["value"])

    assert names(f"{cloud.subscription}/providers/Microsoft.Security/alerts") == 3
    assert names(f"{region}/alerts") == 2
    assert names(f"{cloud.group}/providers/Microsoft.Security/alerts") == 1
    assert names(f"{cloud.subscription}/providers/Microsoft.Security/locations/westeurope/alerts") == 1


def test_a_workspace_needs_the_permission_to_send_there(cloud: Cloud) -> None:
    stranger = Principal("b5f9d6b0-0000-4000-8000-000000000001", "app", "stranger", cloud.whole.principal.tenant_id)
    cloud.whole.services.roles.assign(stranger, CONTRIBUTOR, cloud.group)
    cloud.whole = replace(cloud.whole, principal=stranger)
    with pytest.raises(Forbidden, match="linked"):
        cloud.automation([{"eventSource": "Alerts"}])
