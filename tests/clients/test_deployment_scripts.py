"""azure-mgmt-resource-deploymentscripts over TLS: a script that asks the server, and nobody else, as its identity."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.resource.deploymentscripts import DeploymentScriptsClient
from azure.mgmt.resource.deploymentscripts import models as script
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import models as rm
from tests.clients import sdk

from vedette.core.errors import Unsupported
from vedette.sentinel.script_sandbox import require_sandbox

AZ = os.environ.get("VEDETTE_AZ") or shutil.which("az")
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ASKING = """python3 - <<'END'
import json, os, urllib.request
def get(url, **headers):
    return json.load(urllib.request.urlopen(urllib.request.Request(url, headers=headers)))
token = get(os.environ["IDENTITY_ENDPOINT"] + "?api-version=2019-08-01&resource=https://management.azure.com")
url = os.environ["VEDETTE_URL"] + "/subscriptions?api-version=2022-12-01"
found = get(url, Authorization="Bearer " + token["access_token"])["value"]
with open(os.environ["AZ_SCRIPTS_OUTPUT_PATH"], "w") as file:
    json.dump({"subscriptions": [each["subscriptionId"] for each in found]}, file)
END
"""


def require_namespaces() -> None:
    try:
        require_sandbox()
    except (Unsupported, subprocess.SubprocessError) as error:
        pytest.skip(f"this system allows no namespaces: {error}")


def wanted(content: str, identity: str) -> Any:
    return script.AzureCliScript(
        location="local",
        az_cli_version="2.60.0",
        retention_interval=timedelta(hours=1),
        timeout=timedelta(minutes=3),
        script_content=content,
        identity=script.ManagedServiceIdentity(
            type="UserAssigned", user_assigned_identities={identity: script.UserAssignedIdentity()}
        ),
    )


def assigned_identity(ready: sdk.Ready) -> str:
    """An identity that may read the subscription."""
    subscription = f"/subscriptions/{ready['subscription_id']}"
    group = f"{subscription}/resourceGroups/{ready['resource_group']}"
    id = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/script"
    manager = sdk.management_client(ResourceManagementClient, ready)
    at = {"api_version": "2023-01-31"}
    made: Any = manager.resources.begin_create_or_update_by_id(id, rm.GenericResource(location="local"), **at).result()
    body = {
        "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "principalId": made.properties["principalId"],
        "principalType": "ServicePrincipal",
    }
    name = f"{subscription}/providers/Microsoft.Authorization/roleAssignments/{READER}"
    with sdk.web(ready) as web:
        answered = web.put(
            name, params={"api-version": "2022-04-01"}, json={"properties": body}, headers=sdk.bearer(ready)
        )
        assert answered.status_code == 201
    return id


def test_a_script_asks_the_server(start_server: Callable[..., Any]) -> None:
    require_namespaces()
    with start_server("--deployment-scripts") as ready:
        identity, group = assigned_identity(ready), ready["resource_group"]
        scripts = sdk.management_client(DeploymentScriptsClient, ready).deployment_scripts
        made: Any = scripts.begin_create(group, "asking", wanted(ASKING, identity), polling_interval=1).result()
        assert made.provisioning_state == "Succeeded", made.status
        assert made.outputs == {"subscriptions": [ready["subscription_id"]]}
        assert [each.name for each in scripts.list_by_resource_group(group)] == ["asking"]
        assert scripts.get_logs_default(group, "asking").log is not None
        scripts.delete(group, "asking")
        assert list(scripts.list_by_subscription()) == []


@pytest.mark.slow
@pytest.mark.skipif(AZ is None, reason="there is no az: set VEDETTE_AZ, or pip install azure-cli")
def test_az_in_a_script(start_server: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    require_namespaces()
    monkeypatch.setenv("PATH", f"{Path(AZ or '').parent}{os.pathsep}{os.environ['PATH']}")
    content = 'az group list --query "{names: [].name}" > "$AZ_SCRIPTS_OUTPUT_PATH"'
    with start_server("--deployment-scripts") as ready:
        identity, group = assigned_identity(ready), ready["resource_group"]
        scripts = sdk.management_client(DeploymentScriptsClient, ready).deployment_scripts
        made: Any = scripts.begin_create(group, "az", wanted(content, identity), polling_interval=1).result()
        assert made.provisioning_state == "Succeeded", made.status
        assert made.outputs == {"names": [group]}
