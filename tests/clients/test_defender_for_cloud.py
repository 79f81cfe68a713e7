"""Defender for Cloud driven by azure-mgmt-security over TLS: an export is set up, data is fed, rows and incidents
come."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients import sdk
from tests.clients.command import vedette

security = pytest.importorskip("azure.mgmt.security", reason="azure-mgmt-security is not installed")
from azure.core.exceptions import HttpResponseError  # noqa: E402

REGION = "westeurope"


class Cloud:
    """A client, and requests that it does not make: Azure has no API to feed alerts and scores."""

    def __init__(self, ready: sdk.Ready) -> None:
        self.ready = ready
        self.client = sdk.management_client(security.SecurityCenter, ready)
        self.subscription = f"/subscriptions/{ready['subscription_id']}"
        self.group = f"{self.subscription}/resourceGroups/{ready['resource_group']}"
        self.workspace = f"{self.group}/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
        token = sdk.credential(ready).get_token(f"{ready['https']}/.default").token
        self.http = httpx.Client(
            base_url=ready["https"], verify=ready["ca"], headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def put(self, id: str, properties: dict[str, Any], version: str = "2022-01-01", **beside: Any) -> None:
        made = self.http.put(f"{id}?api-version={version}", json={"properties": properties, **beside})
        assert made.status_code in (200, 201), made.text

    def automation(self, *sources: str, severity: str = "") -> Any:
        rule = {"propertyJPath": "Severity", "propertyType": "String", "expectedValue": severity, "operator": "Equals"}
        body = {
            "location": REGION,
            "properties": {
                "isEnabled": True,
                "scopes": [{"description": "all", "scopePath": self.subscription}],
                "sources": [
                    {"eventSource": each, "ruleSets": [{"rules": [rule]}] if severity else []} for each in sources
                ],
                "actions": [{"actionType": "Workspace", "workspaceResourceId": self.workspace}],
            },
        }
        return self.client.automations.create_or_update(self.ready["resource_group"], "export", body)


def test_an_export_by_the_sdk(virtual_server: sdk.Ready, tmp_path: Path) -> None:
    cloud = Cloud(virtual_server)
    group = virtual_server["resource_group"]
    automation = cloud.automation("Alerts", severity="high")
    assert (automation.name, automation.is_enabled) == ("export", True)
    assert automation.actions[0].workspace_resource_id == cloud.workspace
    assert [each.name for each in cloud.client.automations.list()] == ["export"]
    assert [each.name for each in cloud.client.automations.list_by_resource_group(group)] == ["export"]
    valid = cloud.client.automations.validate(group, "other", automation)
    assert valid.is_valid is True
    rule = {"displayName": "Alerts", "enabled": True, "productFilter": "Azure Security Center"}
    cloud.put(
        f"{cloud.workspace}/providers/Microsoft.SecurityInsights/alertRules/defender",
        rule,
        "2024-03-01",
        kind="MicrosoftSecurityIncidentCreation",
    )
    alert = f"{cloud.subscription}/providers/Microsoft.Security/locations/{REGION}/alerts/found"
    entity = {"type": "host", "hostName": "web-1"}
    cloud.put(alert, {"alertDisplayName": "A web shell", "severity": "High", "entities": [entity]})
    cloud.put(f"{alert}-not", {"alertDisplayName": "Noise", "severity": "Low"})
    assert sdk.rows(virtual_server, "SecurityAlert | project SystemAlertId, ProductName") == [
        ["found", "Azure Security Center"]
    ]
    assert cloud.http.post("/vedette/clock", json={"advance": "PT5M"}).is_success
    incidents = sdk.security_insights(virtual_server).incidents.list(group, virtual_server["workspace_name"])
    assert [(each.title, each.severity) for each in incidents] == [("A web shell", "High")]
    cloud.client.alerts.update_subscription_level_state_to_resolve(REGION, "found")
    found = cloud.client.alerts.get_subscription_level(REGION, "found")
    assert (found.status, found.entities[0].type) == ("Resolved", "host")
    assert {each.name for each in cloud.client.alerts.list()} == {"found", "found-not"}
    assert len([*cloud.client.alerts.list_subscription_level_by_region(REGION)]) == 2
    assert sdk.rows(virtual_server, "SecurityAlert | where Status == 'Resolved' | count") == [[1]]
    cloud.client.alerts.begin_simulate(
        REGION, {"properties": {"kind": "Bundles", "bundles": ["KeyVaults", "VirtualMachines"]}}
    ).result()
    assert len([*cloud.client.alerts.list()]) == 4
    exported = {"SystemAlertId": "far", "AlertDisplayName": "Far", "Severity": "High", "Status": "New"}
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(exported) + "\n")
    fed = vedette(virtual_server, tmp_path, "defender", "feed", file, "--json")
    assert json.loads(fed.stdout) == {"fed": {"locations/alerts": 1}, "files": 1}
    assert sdk.rows(virtual_server, "SecurityAlert | where SystemAlertId == 'far' | count") == [[1]]
    cloud.client.automations.delete(group, "export")
    assert [*cloud.client.automations.list()] == []


def test_assessments_and_scores_by_the_sdk(virtual_server: sdk.Ready) -> None:
    cloud = Cloud(virtual_server)
    client = cloud.client
    cloud.automation("Assessments", "SecureScores", "SecureScoreControls", "RegulatoryComplianceAssessment")
    metadata = {"properties": {"displayName": "MFA is on", "severity": "High", "assessmentType": "CustomerManaged"}}
    client.assessments_metadata.create_in_subscription("mfa", metadata)
    machine = f"{cloud.group}/providers/Microsoft.Compute/virtualMachines/web"
    found = {"properties": {"status": {"code": "Unhealthy"}, "resourceDetails": {"source": "Azure"}}}
    made = client.assessments.create_or_update(machine, "mfa", found)
    assert (made.status.code, made.display_name) == ("Unhealthy", "MFA is on")
    assert client.assessments.get(machine, "mfa", expand="metadata").metadata.severity == "High"
    assert [each.name for each in client.assessments.list(cloud.subscription)] == ["mfa"]
    cloud.put(f"{made.id}/subAssessments/one", {"status": {"code": "Unhealthy", "severity": "Low"}, "id": "CVE-1"})
    assert [each.id_properties_id for each in client.sub_assessments.list_all(cloud.subscription)] == ["CVE-1"]
    assert client.sub_assessments.get(machine, "mfa", "one").status.code == "Unhealthy"
    root = f"{cloud.subscription}/providers/Microsoft.Security"
    cloud.put(f"{root}/secureScores/ascScore", {"score": {"max": 58, "current": 29}})
    cloud.put(f"{root}/secureScores/ascScore/secureScoreControls/mfa", {"score": {"max": 10, "current": 5}})
    assert client.secure_scores.get("ascScore").percentage == 0.5
    assert [each.name for each in client.secure_score_controls.list()] == ["mfa"]
    assert [each.name for each in client.secure_score_controls.list_by_secure_score("ascScore")] == ["mfa"]
    assert [each.max_score for each in client.secure_score_control_definitions.list_by_subscription()] == [10]
    cloud.put(f"{root}/regulatoryComplianceStandards/PCI", {"failedControls": 1})
    control = f"{root}/regulatoryComplianceStandards/PCI/regulatoryComplianceControls/1"
    cloud.put(control, {"failedAssessments": 1})
    cloud.put(f"{control}/regulatoryComplianceAssessments/mfa", {"failedResources": 3, "description": "MFA is on"})
    assert [each.state for each in client.regulatory_compliance_standards.list(filter="state eq 'Failed'")] == [
        "Failed"
    ]
    assert client.regulatory_compliance_controls.get("PCI", "1").failed_assessments == 1
    assert client.regulatory_compliance_assessments.get("PCI", "1", "mfa").failed_resources == 3
    counts = (
        "union withsource=T SecurityRecommendation, SecureScores, SecureScoreControls, SecurityRegulatoryCompliance"
    )
    assert sdk.rows(virtual_server, f"{counts} | summarize count() by T | order by T asc") == [
        ["SecureScoreControls", 1],
        ["SecureScores", 1],
        ["SecurityRecommendation", 1],
        ["SecurityRegulatoryCompliance", 1],
    ]
    client.assessments.delete(machine, "mfa")
    with pytest.raises(HttpResponseError):
        client.assessments.get(machine, "mfa")
