"""Policies driven by the public SDKs: azure-mgmt-resource-policy and azure-mgmt-policyinsights, over TLS."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients import sdk

policy = pytest.importorskip("azure.mgmt.resource.policy", reason="azure-mgmt-resource-policy is not installed")
insights = pytest.importorskip("azure.mgmt.policyinsights", reason="azure-mgmt-policyinsights is not installed")
from azure.core.exceptions import HttpResponseError  # noqa: E402

VAULTS = "Microsoft.KeyVault/vaults"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


class Management:
    """Requests that no SDK at hand makes: resources of any type."""

    def __init__(self, ready: sdk.Ready) -> None:
        token = sdk.credential(ready).get_token(f"{ready['https']}/.default").token
        self.client = httpx.Client(
            base_url=ready["https"], verify=ready["ca"], headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def send(self, method: str, id: str, body: Any = None) -> httpx.Response:
        return self.client.request(method, f"{id}?api-version=2024-01-01", json=body)


def group_of(ready: sdk.Ready, management: Management, name: str) -> str:
    id = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{name}"
    assert management.send("PUT", id, {"location": "eastus"}).status_code in (200, 201)
    return id


def streams(workspace: str) -> dict[str, Any]:
    """A definition that has vaults stream to a workspace."""
    return {
        "mode": "Indexed",
        "displayName": "Vaults stream",
        "policyRule": {
            "if": {"field": "type", "equals": VAULTS},
            "then": {
                "effect": "DeployIfNotExists",
                "details": {
                    "type": "Microsoft.Insights/diagnosticSettings",
                    "roleDefinitionIds": [f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"],
                    "existenceCondition": {
                        "field": "Microsoft.Insights/diagnosticSettings/workspaceId",
                        "equals": workspace,
                    },
                    "deployment": {
                        "properties": {
                            "mode": "incremental",
                            "parameters": {"vault": {"value": "[field('name')]"}},
                            "template": {
                                "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                                "contentVersion": "1.0.0.0",
                                "parameters": {"vault": {"type": "string"}},
                                "resources": [
                                    {
                                        "type": f"{VAULTS}/providers/diagnosticSettings",
                                        "apiVersion": "2021-05-01-preview",
                                        "name": "[concat(parameters('vault'), '/Microsoft.Insights/logs')]",
                                        "properties": {
                                            "workspaceId": workspace,
                                            "logs": [{"categoryGroup": "allLogs", "enabled": True}],
                                        },
                                    }
                                ],
                            },
                        }
                    },
                },
            },
        },
    }


def workspace_of(ready: sdk.Ready) -> str:
    group = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
    return f"{group}/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"


def test_definitions_initiatives_and_assignments(server: sdk.Ready) -> None:
    client, management = sdk.management_client(policy.PolicyClient, server), Management(server)
    group = group_of(server, management, "policy-sdk")
    rule = {"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "deny"}}
    definition = client.policy_definitions.create_or_update(
        "no-stores", {"properties": {"displayName": "No stores", "mode": "All", "policyRule": rule}}
    )
    assert (definition.name, definition.policy_type) == ("no-stores", "Custom")
    assert "no-stores" in [each.name for each in client.policy_definitions.list()]
    assert client.policy_definitions.get("no-stores").policy_rule == rule
    initiative = client.policy_set_definitions.create_or_update(
        "cheap", {"properties": {"policyDefinitions": [{"policyDefinitionId": definition.id}]}}
    )
    assert "cheap" in [each.name for each in client.policy_set_definitions.list()]
    made = client.policy_assignments.create(group, "a", {"properties": {"policyDefinitionId": initiative.id}})
    assert made.enforcement_mode == "Default"
    assert [each.name for each in client.policy_assignments.list_for_resource_group("policy-sdk")] == ["a"]
    assert client.policy_assignments.get(group, "a").policy_definition_id == initiative.id
    denied = management.send("PUT", f"{group}/providers/Microsoft.Storage/storageAccounts/s", {"location": "eastus"})
    assert denied.status_code == 403
    error = denied.json()["error"]
    assert error["code"] == "RequestDisallowedByPolicy"
    assert error["additionalInfo"][0]["info"]["policyDefinitionEffect"] == "deny"
    with pytest.raises(HttpResponseError) as used:
        client.policy_definitions.delete("no-stores")
    assert used.value.error is not None
    assert used.value.error.code == "PolicyDefinitionInUse"
    assert client.policy_assignments.delete(group, "a").name == "a"
    client.policy_set_definitions.delete("cheap")
    client.policy_definitions.delete("no-stores")
    with pytest.raises(HttpResponseError) as gone:
        client.policy_definitions.get("no-stores")
    assert gone.value.status_code == 404


def test_states_remediation_and_evaluation(server: sdk.Ready) -> None:
    policies, management = sdk.management_client(policy.PolicyClient, server), Management(server)
    states = sdk.management_client(insights.PolicyInsightsClient, server)
    group, subscription = group_of(server, management, "policy-states"), server["subscription_id"]
    vault = f"{group}/providers/{VAULTS}/old"
    assert management.send("PUT", vault, {"location": "eastus"}).status_code == 201
    definition = policies.policy_definitions.create_or_update("streams", {"properties": streams(workspace_of(server))})
    assignment = policies.policy_assignments.create(
        group,
        "streams",
        {
            "location": "eastus",
            "identity": {"type": "SystemAssigned"},
            "properties": {"policyDefinitionId": definition.id},
        },
    )
    role = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments"
    granted = {
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
            "principalId": assignment.identity.principal_id,
            "principalType": "ServicePrincipal",
        }
    }
    assert management.send("PUT", f"{role}/5d1f0d8e-1f5d-4b7e-9f39-000000000001", granted).status_code == 201
    states.policy_states.begin_trigger_resource_group_evaluation(subscription, "policy-states").result()
    (state,) = states.policy_states.list_query_results_for_resource_group("latest", subscription, "policy-states")
    assert (state.compliance_state, state.resource_id) == ("NonCompliant", vault)
    summary = states.policy_states.summarize_for_resource_group("latest", subscription, "policy-states")
    assert summary.value[0].results.non_compliant_resources == 1
    remediation = states.remediations.create_or_update_at_resource_group(
        "policy-states", "r", {"properties": {"policyAssignmentId": assignment.id}}
    )
    until = time.monotonic() + 30
    while remediation.provisioning_state not in ("Succeeded", "Failed") and time.monotonic() < until:
        time.sleep(0.1)
        remediation = states.remediations.get_at_resource_group("policy-states", "r")
    assert remediation.provisioning_state == "Succeeded"
    assert remediation.deployment_status.successful_deployments == 1
    (deployed,) = states.remediations.list_deployments_at_resource_group("policy-states", "r")
    assert deployed.remediated_resource_id == vault
    assert "r" in [each.name for each in states.remediations.list_for_subscription()]
    fresh = f"{group}/providers/{VAULTS}/new"
    assert management.send("PUT", fresh, {"location": "eastus"}).status_code == 201
    settings = management.send("GET", f"{fresh}/providers/Microsoft.Insights/diagnosticSettings").json()["value"]
    assert [each["name"] for each in settings] == ["logs"], "it streams before its creator looks again"
    found = list(states.policy_states.list_query_results_for_resource("latest", fresh.strip("/")))
    assert [each.compliance_state for each in found] == ["Compliant"]
    told = management.client.get("/vedette/policy/explain", params={"resource": fresh}).json()
    (why,) = told["explanations"]
    assert (why["state"], why["rule"]["result"], len(why["related"]["found"])) == ("Compliant", True, 1)
    policies.policy_assignments.delete(group, "streams")


def test_a_deployment_of_a_policy_outlives_kill_9(
    start_server: Callable[..., AbstractContextManager[sdk.Ready]], tmp_path: Path
) -> None:
    """What was acknowledged is looked at by the next server."""
    with start_server() as ready:
        management = Management(ready)
        group = group_of(ready, management, "killed")
        policies = sdk.management_client(policy.PolicyClient, ready)
        definition = policies.policy_definitions.create_or_update("d", {"properties": streams(workspace_of(ready))})
        assignment = policies.policy_assignments.create(
            group,
            "a",
            {
                "location": "eastus",
                "identity": {"type": "SystemAssigned"},
                "properties": {"policyDefinitionId": definition.id},
            },
        )
        assert assignment.identity.principal_id
        vault = f"{group}/providers/{VAULTS}/v"
        assert management.send("PUT", vault, {"location": "eastus"}).status_code == 201
    with start_server() as ready:
        states = sdk.management_client(insights.PolicyInsightsClient, ready)
        (state,) = states.policy_states.list_query_results_for_resource("latest", vault.strip("/"))
        assert state.compliance_state == "NonCompliant"
        assert state.additional_properties["deployment"]["error"]["code"] == "AuthorizationFailed"
