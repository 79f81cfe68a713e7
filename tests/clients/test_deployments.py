"""azure-mgmt-resource-deployments over TLS: deployments at each scope, what-if, validate, operations, export."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.deployments import models as deployment
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import models as rm
from tests.clients import sdk

GROUP = "deployed"
PACKS = "Microsoft.OperationalInsights/queryPacks"


def template(*names: str, **more: Any) -> dict[str, Any]:
    pack = {"type": PACKS, "apiVersion": "2019-09-01", "location": "eastus", "properties": {}}
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [pack | {"name": name} for name in names],
        **more,
    }


def wanted(template: Any, **more: Any) -> deployment.Deployment:
    location = more.pop("location", None)
    properties = deployment.DeploymentProperties(mode="Incremental", template=template, **more)
    return deployment.Deployment(location=location, properties=properties)


@pytest.fixture(scope="module")
def client(server: sdk.Ready) -> DeploymentsMgmtClient:
    return sdk.management_client(DeploymentsMgmtClient, server)


@pytest.fixture(scope="module")
def groups(server: sdk.Ready) -> Iterator[Any]:
    manager = sdk.management_client(ResourceManagementClient, server)
    manager.resource_groups.create_or_update(GROUP, rm.ResourceGroup(location="eastus"))
    yield manager.resource_groups
    manager.resource_groups.begin_delete(GROUP).result()


def test_in_a_group(client: DeploymentsMgmtClient, groups: Any) -> None:
    asked = wanted(
        template(
            "[parameters('name')]",
            parameters={"name": {"type": "string"}, "key": {"type": "securestring"}},
            outputs={"id": {"type": "string", "value": f"[resourceId('{PACKS}', parameters('name'))]"}},
        ),
        parameters={
            "name": deployment.DeploymentParameter(value="one"),
            "key": deployment.DeploymentParameter(value="never shown"),
        },
    )
    checked = client.deployments.begin_validate(GROUP, "first", asked).result()
    assert checked.properties.provisioning_state == "Succeeded"
    settings = deployment.DeploymentWhatIfSettings(result_format="FullResourcePayloads")
    asking = deployment.DeploymentWhatIf(
        properties=deployment.DeploymentWhatIfProperties(
            mode="Incremental",
            template=asked.properties.template,
            parameters=asked.properties.parameters,
            what_if_settings=settings,
        )
    )
    before = client.deployments.begin_what_if(GROUP, "first", asking).result()
    assert [each.change_type for each in before.properties.changes] == ["Create"]
    made = client.deployments.begin_create_or_update(GROUP, "first", asked).result()
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.outputs["id"]["value"].endswith(f"{PACKS}/one")
    assert "never shown" not in str(made.as_dict())
    after = client.deployments.begin_what_if(GROUP, "first", asking).result()
    assert [each.change_type for each in after.properties.changes] == ["NoChange"]
    assert client.deployments.check_existence(GROUP, "first")
    assert not client.deployments.check_existence(GROUP, "second")
    assert [each.name for each in client.deployments.list_by_resource_group(GROUP)] == ["first"]
    operations = list(client.deployment_operations.list(GROUP, "first"))
    assert {each.properties.provisioning_operation for each in operations} == {"Create", "EvaluateDeploymentOutput"}
    one = client.deployment_operations.get(GROUP, "first", operations[0].operation_id)
    assert one.properties.provisioning_state == "Succeeded"
    exported = client.deployments.export_template(GROUP, "first")
    assert exported.template == asked.properties.template
    hashed = client.deployments.calculate_template_hash(asked.properties.template)
    assert hashed.template_hash == made.properties.template_hash
    with pytest.raises(HttpResponseError) as over:
        client.deployments.cancel(GROUP, "first")
    assert over.value.status_code == 409
    client.deployments.begin_delete(GROUP, "first").result()
    with pytest.raises(ResourceNotFoundError):
        client.deployments.get(GROUP, "first")


def test_failures(client: DeploymentsMgmtClient, groups: Any) -> None:
    asking = "[reference(resourceId('Microsoft.OperationalInsights/queryPacks', 'nobody'), '2019-09-01').x]"
    broken = template("fine")
    broken["resources"].append(broken["resources"][0] | {"name": "broken", "location": asking})
    with pytest.raises(HttpResponseError) as failed:
        client.deployments.begin_create_or_update(GROUP, "failing", wanted(broken)).result()
    assert failed.value.error is not None
    assert failed.value.error.code == "DeploymentFailed"
    kept = client.deployments.get(GROUP, "failing").properties
    assert (kept.provisioning_state, kept.error.details[0].code) == ("Failed", "ResourceNotFound")
    with pytest.raises(HttpResponseError) as invalid:
        client.deployments.begin_create_or_update(GROUP, "invalid", wanted(template("[nonsense()]"))).result()
    assert (invalid.value.status_code, invalid.value.error and invalid.value.error.code) == (400, "InvalidTemplate")


def test_in_the_subscription(client: DeploymentsMgmtClient, groups: Any) -> None:
    group = {
        "type": "Microsoft.Resources/resourceGroups",
        "apiVersion": "2022-09-01",
        "name": GROUP,
        "location": "eastus",
    }
    asked = wanted(template() | {"resources": [group]}, location="eastus")
    deployments = client.deployments
    checked = deployments.begin_validate_at_subscription_scope("above", asked).result()
    assert checked.properties.provisioning_state == "Succeeded"
    made = deployments.begin_create_or_update_at_subscription_scope("above", asked).result()
    assert (made.location, made.properties.provisioning_state) == ("eastus", "Succeeded")
    assert "above" in [each.name for each in deployments.list_at_subscription_scope()]
    assert list(client.deployment_operations.list_at_subscription_scope("above"))
    deployments.begin_delete_at_subscription_scope("above").result()
    assert not deployments.check_existence_at_subscription_scope("above")


def test_above_the_subscription_takes_more(client: DeploymentsMgmtClient, server: sdk.Ready) -> None:
    asked = wanted(template(), location="eastus")
    for begin in (
        lambda: client.deployments.begin_create_or_update_at_tenant_scope("t", asked),
        lambda: client.deployments.begin_create_or_update_at_management_group_scope(server["tenant_id"], "m", asked),
    ):
        with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
            begin().result()


def test_a_group_is_exported_and_deployed_elsewhere(client: DeploymentsMgmtClient, groups: Any) -> None:
    client.deployments.begin_create_or_update(GROUP, "packs", wanted(template("exported-1", "exported-2"))).result()
    request = rm.ExportTemplateRequest(resources=["*"], options="IncludeParameterDefaultValue")
    exported = groups.begin_export_template(GROUP, request).result().template
    names = [each["name"] for each in exported["resources"]]
    assert "[parameters('queryPacks_exported_1_name')]" in names
    groups.create_or_update("deployed-elsewhere", rm.ResourceGroup(location="eastus"))
    again = client.deployments.begin_create_or_update("deployed-elsewhere", "again", wanted(exported)).result()
    assert len(again.properties.output_resources) == len(names)
    groups.begin_delete("deployed-elsewhere").result()
