"""The Azure command line against a live server, as its documentation says: a cloud and a service principal.

Runs where there is an `az`: named by VEDETTE_AZ, or on the PATH. `pip install azure-cli` in an environment of its own.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.clients import sdk

AZ = os.environ.get("VEDETTE_AZ") or shutil.which("az")
GROUP, WORKSPACE = "az-group", "az-workspace"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(AZ is None, reason="there is no az: set VEDETTE_AZ, or pip install azure-cli"),
]


class Az:
    """An az with a configuration of its own, logged in as the server's first service principal."""

    def __init__(self, ready: sdk.Ready, directory: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "AZURE_CONFIG_DIR": str(directory),
            "REQUESTS_CA_BUNDLE": ready["ca"],
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_NO_COLOR": "true",
            "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
        }

    def __call__(self, *arguments: str) -> Any:
        """What a command says; the test fails with its words if the command does."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"az {' '.join(arguments)}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *arguments: str) -> str:
        """What a command says of why it failed."""
        done = self.run(*arguments)
        assert done.returncode != 0, f"az {' '.join(arguments)}\n{done.stdout}"
        return done.stderr

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [AZ or "az", *arguments, "--output", "json"]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=180, check=False)


@pytest.fixture(scope="module")
def az(server: sdk.Ready, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Az]:
    az = Az(server, tmp_path_factory.mktemp("az"))
    az("cloud", "register", "--name", "Vedette", "--endpoint-resource-manager", server["https"])
    az("cloud", "set", "--name", "Vedette")
    az("config", "set", "core.instance_discovery=false")
    names = ("--username", server["client_id"], "--password", server["client_secret"], "--tenant", server["tenant_id"])
    (account,) = az("login", "--service-principal", *names)
    assert account["id"] == server["subscription_id"]
    az("group", "create", "--name", GROUP, "--location", "local", "--tags", "team=soc")
    yield az
    az("group", "delete", "--name", GROUP, "--yes")
    assert GROUP not in [each["name"] for each in az("group", "list")]


def test_account(az: Az, server: sdk.Ready) -> None:
    (account,) = az("account", "list")
    assert (account["id"], account["tenantId"]) == (server["subscription_id"], server["tenant_id"])


def test_resources(az: Az, server: sdk.Ready) -> None:
    found = az("resource", "list", "--resource-group", "vedette")
    assert "Microsoft.OperationalInsights/workspaces" in [each["type"] for each in found]
    assert found[0]["createdTime"]
    id = next(each["id"] for each in found if each["type"] == "Microsoft.OperationalInsights/workspaces")
    shown = az("resource", "show", "--ids", id)
    assert shown["properties"]["customerId"] == server["workspace_id"]
    namespaces = [each["namespace"] for each in az("provider", "list")]
    assert "Microsoft.SecurityInsights" in namespaces


def test_rest(az: Az, server: sdk.Ready) -> None:
    group = f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}"
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{server['workspace_name']}"
    sentinel = f"{workspace}/providers/Microsoft.SecurityInsights"
    id = f"{sentinel}/incidents/az?api-version=2024-03-01"
    body = json.dumps({"properties": {"title": "From az", "severity": "High", "status": "New"}})
    az("rest", "--method", "put", "--url", id, "--body", body)
    listed = az("rest", "--method", "get", "--url", f"{sentinel}/incidents?api-version=2024-03-01")
    assert "From az" in [each["properties"]["title"] for each in listed["value"]]


def test_tags_and_locks(az: Az, server: sdk.Ready) -> None:
    group = f"/subscriptions/{server['subscription_id']}/resourceGroups/{GROUP}"
    az("tag", "update", "--resource-id", group, "--operation", "Merge", "--tags", "stage=live")
    assert az("tag", "list", "--resource-id", group)["properties"]["tags"] == {"team": "soc", "stage": "live"}
    assert "team" in [each["tagName"] for each in az("tag", "list")]
    az("lock", "create", "--name", "keep", "--lock-type", "CanNotDelete", "--resource-group", GROUP)
    assert [each["name"] for each in az("lock", "list", "--resource-group", GROUP)] == ["keep"]
    assert "ScopeLocked" in az.refused("group", "delete", "--name", GROUP, "--yes")
    az("lock", "delete", "--name", "keep", "--resource-group", GROUP)


def test_workspaces(az: Az) -> None:
    place = ("--resource-group", GROUP, "--workspace-name", WORKSPACE)
    analytics = ("monitor", "log-analytics", "workspace")
    made = az(*analytics, "create", *place, "--location", "local")
    assert made["provisioningState"] == "Succeeded"
    assert [each["name"] for each in az(*analytics, "list", "--resource-group", GROUP)] == [WORKSPACE]
    assert az(*analytics, "show", *place)["customerId"] == made["customerId"]
    assert az(*analytics, "get-shared-keys", *place)["primarySharedKey"]
    columns = ("--columns", "TimeGenerated=datetime", "Colour=string")
    assert az(*analytics, "table", "create", *place, "--name", "Az_CL", *columns)["name"] == "Az_CL"
    assert "Az_CL" in [each["name"] for each in az(*analytics, "table", "list", *place)]
    saved = ("--name", "hunt", "--category", "Hunting Queries", "--display-name", "Hunt", "--saved-query", "Heartbeat")
    assert az(*analytics, "saved-search", "create", *place, *saved)["query"] == "Heartbeat"
    assert [each["displayName"] for each in az(*analytics, "saved-search", "list", *place)] == ["Hunt"]
    az(*analytics, "delete", *place, "--yes", "--force", "true")


def test_roles(az: Az, server: sdk.Ready) -> None:
    (reader,) = az("role", "definition", "list", "--name", "Microsoft Sentinel Reader")
    assert reader["roleType"] == "BuiltInRole"
    scope = f"/subscriptions/{server['subscription_id']}/resourceGroups/{GROUP}"
    (itself,) = az("ad", "sp", "list", "--filter", f"appId eq '{server['client_id']}'")
    named = ("--assignee", server["client_id"], "--role", "Microsoft Sentinel Reader", "--scope", scope)
    made = az("role", "assignment", "create", *named)
    assert made["principalId"] == itself["id"]
    listed = az("role", "assignment", "list", "--scope", scope, "--assignee", server["client_id"])
    assert made["name"] in [each["name"] for each in listed]
    az("role", "assignment", "delete", "--ids", made["id"])


def test_management_groups(az: Az, server: sdk.Ready) -> None:
    assert az("account", "management-group", "list") == []  # an owner of the subscription is none above
    refused = az.refused("account", "management-group", "show", "--no-register", "--name", server["tenant_id"])
    assert "AuthorizationFailed" in refused


TEMPLATE = """{
  // what az sends as it is, comments and all
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"name": {"type": "string"}, "key": {"type": "securestring"}},
  "resources": [
    {
      "type": "Microsoft.OperationalInsights/queryPacks",
      "apiVersion": "2019-09-01",
      "name": "[parameters('name')]",
      "location": "[resourceGroup().location]",
      "tags": {"team": "soc"},
      "properties": {}
    },
  ],
  "outputs": {"where": {"type": "string", "value": "[reference(parameters('name'), '2019-09-01', 'Full').location]"}}
}
"""


def test_deployments(az: Az, tmp_path: Path) -> None:
    template, parameters = tmp_path / "template.json", tmp_path / "parameters.json"
    template.write_text(TEMPLATE)
    given = {"name": {"value": "from-az"}, "key": {"value": "never-shown"}}
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    parameters.write_text(json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "parameters": given}))
    deployment = ("deployment", "group")
    here = ("--resource-group", GROUP, "--name", "az-deployment")
    what = (*here, "--template-file", str(template), "--parameters", f"@{parameters}")
    assert az(*deployment, "validate", *what)["properties"]["provisioningState"] == "Succeeded"
    before = az(*deployment, "what-if", *what, "--no-pretty-print")
    assert [each["changeType"] for each in before["changes"] if "from-az" in each["resourceId"]] == ["Create"]
    made = az(*deployment, "create", *what)
    assert made["properties"]["outputs"]["where"]["value"] == "local"
    assert "never-shown" not in json.dumps(made)
    after = az(*deployment, "what-if", *what, "--no-pretty-print")
    assert [each["changeType"] for each in after["changes"] if "from-az" in each["resourceId"]] == ["NoChange"]
    assert "az-deployment" in [each["name"] for each in az(*deployment, "list", "--resource-group", GROUP)]
    assert az(*deployment, "show", *here)["properties"]["correlationId"]
    operations = az("deployment", "operation", "group", "list", *here)
    assert {each["properties"]["provisioningState"] for each in operations} == {"Succeeded"}
    assert az(*deployment, "export", *here)["resources"][0]["tags"] == {"team": "soc"}
    exported = az("group", "export", "--name", GROUP, "--include-parameter-default-value")
    assert "[parameters('queryPacks_from_az_name')]" in [each["name"] for each in exported["resources"]]
    template.write_text(TEMPLATE.replace('queryPacks",', 'nothing",'))
    assert "InvalidResourceType" in az.refused(*deployment, "create", *what)
    az(*deployment, "delete", *here)
    assert az(*deployment, "list", "--resource-group", GROUP) == []


def test_deployments_to_the_subscription(az: Az, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    type = "Microsoft.Resources/resourceGroups"
    group = {"type": type, "apiVersion": "2022-09-01", "name": GROUP, "location": "local"}
    schema = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
    template.write_text(json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": [group]}))
    what = ("--location", "local", "--name", "az-above", "--template-file", str(template))
    assert az("deployment", "sub", "create", *what)["properties"]["provisioningState"] == "Succeeded"
    assert "az-above" in [each["name"] for each in az("deployment", "sub", "list")]
    az("deployment", "sub", "delete", "--name", "az-above")
