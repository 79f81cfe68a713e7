"""Built-in policies and those of Create-AzDiagPolicy: each deploys for a resource of its type, which then complies."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.api_examples import EXAMPLES
from tests.unit.sentinel.test_policies import CONTRIBUTOR, SETTINGS, Estate
from tests.unit.sentinel.whole import whole_server
from vedette.core.clock import VirtualClock
from vedette.policy.definition import read_definition

POLICIES = EXAMPLES.parent.parent / "policy"
FOUND = sorted(each for each in POLICIES.rglob("*") if each.suffix.lower() == ".json") if POLICIES.is_dir() else []
RULE = "Microsoft.EventHub/namespaces/n/authorizationRules/all"
FAULTY = {"LogAnalytics__AzureDiag-DINE-Keyvault-LA": "The template parameter 'name' is not found"}
"""Templates that deploy what they should and end badly: why, as is told."""

EXPORT = "ffb6f416-7bd2-4488-8828-56585fef2be9"

pytestmark = pytest.mark.skipif(not FOUND, reason=f"no policies at {POLICIES}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with whole_server(tmp_path_factory.mktemp("policies")) as whole:
        yield Estate(whole)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes().decode("utf-16" if path.read_bytes()[:2] == b"\xff\xfe" else "utf-8-sig"))


def value_of(estate: Estate, name: str, parameter: dict[str, Any]) -> Any:
    """A value for a parameter, by what its name asks for."""
    folded = name.lower()
    chosen: dict[str, Any] = {
        "resourcelocation": "westeurope",
        "azureregions": ["westeurope"],
        "rgname": estate.whole.services.estate.resource_group,
        "storageprefix": "st",
        "eventhubauthorizationruleid": f"{estate.subscription}/resourceGroups/h/providers/{RULE}",
    }
    if folded in chosen:
        return chosen[folded]
    if "defaultValue" in parameter:
        return parameter["defaultValue"]
    return estate.workspace if "analytics" in folded or "workspace" in folded else "value"


@pytest.mark.parametrize("path", [pytest.param(each, id=each.stem) for each in FOUND])
def test_a_policy_deploys(estate: Estate, path: Path) -> None:
    policy = read(path)
    properties = policy.get("properties", policy)
    definition = read_definition("", path.stem, properties)
    assert definition.types is not None
    (type,) = definition.types
    if type == "microsoft.resources/subscriptions":
        pytest.skip("it is the export's, which has a test of its own")
    id = f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/{path.stem[:60]}"
    assert estate.whole.send("PUT", id, {"properties": properties}).status == 201
    values = {
        name: {"value": value_of(estate, name, each)} for name, each in (properties.get("parameters") or {}).items()
    }
    group = estate.group()
    estate.assign(group, id, role=CONTRIBUTOR, parameters=values)
    namespace, *types = type.split("/")
    resource = f"{group}/providers/{namespace}"
    for each in types:
        resource += f"/{each}/r"
        estate.whole.send("PUT", resource, {"location": "westeurope", "properties": {}})
        estate.settle(resource)
    (state,) = estate.states(resource)
    assert state["complianceState"] == "Compliant", state.get("deployment")
    fault = FAULTY.get(path.stem, "")
    assert state["deployment"]["state"] == ("Failed" if fault else "Succeeded"), state["deployment"]
    assert fault in json.dumps(state["deployment"])
    assert len(estate.whole.send("GET", f"{resource}/providers/{SETTINGS}").body["value"]) == 1


def test_the_export_of_a_subscription(estate: Estate) -> None:
    (policy,) = [each for each in map(read, FOUND) if each.get("name") == EXPORT]
    id = f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/{EXPORT}"
    estate.whole.send("PUT", id, policy)
    values = {
        "resourceGroupName": {"value": "exports"},
        "resourceGroupLocation": {"value": "westeurope"},
        "workspaceResourceId": {"value": estate.workspace},
    }
    assignment = estate.assign(estate.subscription, id, role=CONTRIBUTOR, parameters=values)
    automation = (
        f"{estate.subscription}/resourceGroups/exports/providers/Microsoft.Security/automations/ExportToWorkspace"
    )
    done = estate.remediate(estate.subscription, assignment["id"])
    assert done["properties"]["provisioningState"] == "Succeeded", done
    made = estate.whole.send("GET", automation).body["properties"]
    assert {each["eventSource"] for each in made["sources"]} == {
        *("SubAssessments", "Assessments", "Alerts", "SecureScores", "SecureScoreControls"),
        *("RegulatoryComplianceAssessment", "SubAssessmentsSnapshot", "AssessmentsSnapshot", "SecureScoresSnapshot"),
        *("SecureScoreControlsSnapshot", "RegulatoryComplianceAssessmentSnapshot"),
    }
    assert made["actions"][0]["workspaceResourceId"] == estate.workspace

    def state() -> str:
        states = estate.states(assignment["id"])
        return next(each["complianceState"] for each in states if each["resourceId"] == estate.subscription)

    assert state() == "Compliant"
    incidents = {"displayName": "Alerts", "enabled": True, "productFilter": "Azure Security Center"}
    rule = {"kind": "MicrosoftSecurityIncidentCreation", "properties": incidents}
    estate.whole.send("PUT", "alertRules/defender", rule)
    alert = f"{estate.subscription}/providers/Microsoft.Security/locations/westeurope/alerts/found"
    found = {"alertDisplayName": "A web shell", "severity": "High", "alertType": "VM_WebShell"}
    estate.whole.send("PUT", alert, {"properties": found})
    score = f"{estate.subscription}/providers/Microsoft.Security/secureScores/ascScore"
    estate.whole.send("PUT", score, {"properties": {"score": {"max": 58, "current": 29}}})
    shown = "SystemAlertId, AlertName, ProductName"
    assert estate.whole.rows(f"SecurityAlert | project {shown}") == [["found", "A web shell", "Azure Security Center"]]
    assert estate.whole.rows("SecureScores | project PercentageScore") == [[0.5]]
    low = {"displayName": "Low", "severity": "Low", "assessmentType": "BuiltIn"}
    assessment = {"status": {"code": "Unhealthy"}, "resourceDetails": {"source": "Azure"}, "metadata": low}
    id = f"{estate.subscription}/providers/Microsoft.Security/assessments/a"
    estate.whole.send("PUT", id, {"properties": assessment})
    estate.whole.send("PUT", f"{id}/subAssessments/f", {"properties": {"status": {"code": "Unhealthy"}}})
    assert estate.whole.rows("SecurityRecommendation | project RecommendationSeverity") == [["Low"]]
    assert estate.whole.rows("SecurityNestedRecommendation | project ParentRecommendationId") == [["a"]]
    services = estate.whole.services
    assert isinstance(services.clock, VirtualClock)
    services.detections.advance_to(services.clock, services.clock.now() + timedelta(minutes=5))
    titles = [each["properties"]["title"] for each in estate.whole.send("GET", "incidents").body["value"]]
    assert titles == ["A web shell"]
    estate.whole.send("PATCH", automation, {"properties": {"isEnabled": False}})
    estate.settle(estate.subscription)
    assert state() == "NonCompliant"
