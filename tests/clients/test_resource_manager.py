"""azure-mgmt-resource and its parts over TLS: every operation group that is served, and the names of what is not."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.resource.locks import ManagementLockClient
from azure.mgmt.resource.locks import models as lock
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import models as rm
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.resource.templatespecs import TemplateSpecsClient
from azure.mgmt.resource.templatespecs import models as spec
from tests.clients import sdk

PACKS = "Microsoft.OperationalInsights/queryPacks"
VERSION = "2023-09-01"
AT = {"api_version": VERSION}
BARE = {"location": "eastus", "properties": {}}


@pytest.fixture(scope="module")
def client(server: sdk.Ready) -> ResourceManagementClient:
    return sdk.management_client(ResourceManagementClient, server)


@pytest.fixture
def group(client: ResourceManagementClient) -> Iterator[rm.ResourceGroup]:
    """A resource group of the test's own, deleted with all that is in it as scripts do that."""
    wanted = rm.ResourceGroup(location="eastus", tags={"t": "rm"})
    yield client.resource_groups.create_or_update("rm-group", wanted)
    client.resource_groups.begin_delete("rm-group").result()
    assert not client.resource_groups.check_existence("rm-group")


def test_groups(client: ResourceManagementClient, group: rm.ResourceGroup) -> None:
    groups = client.resource_groups
    assert (group.type, group.properties.provisioning_state) == ("Microsoft.Resources/resourceGroups", "Succeeded")
    assert groups.check_existence(group.name.upper())
    assert [each.name for each in groups.list(filter="tagName eq 't' and tagValue eq 'rm'")] == [group.name]
    assert groups.update(group.name, rm.ResourceGroupPatchable(tags={"a": "b"})).tags == {"a": "b"}
    assert groups.get(group.name).location == "eastus"
    exported = groups.begin_export_template(group.name, rm.ExportTemplateRequest(resources=["*"])).result()
    assert exported.template["resources"] == []
    with pytest.raises(ResourceNotFoundError) as missing:
        groups.begin_delete("nothing").result()
    assert missing.value.error is not None
    assert missing.value.error.code == "ResourceGroupNotFound"


def test_generic_resources(client: ResourceManagementClient, group: rm.ResourceGroup) -> None:
    resources, id = client.resources, f"{group.id}/providers/{PACKS}/pack"
    made = resources.begin_create_or_update_by_id(id, rm.GenericResource(**BARE), **AT).result()
    assert (made.id, made.type, made.location) == (id, PACKS, "eastus")
    assert resources.check_existence_by_id(id, **AT)
    assert not resources.check_existence_by_id(f"{id}2", **AT)
    changed = resources.begin_update_by_id(id, rm.GenericResource(tags={"a": "b"}), **AT).result()
    assert changed.tags == {"a": "b"}
    assert resources.get_by_id(id, **AT).tags == {"a": "b"}
    named = (group.name, "Microsoft.OperationalInsights", "", "queryPacks", "other")
    assert resources.begin_create_or_update(*named, rm.GenericResource(**BARE), **AT).result().name == "other"
    assert resources.begin_update(*named, rm.GenericResource(tags={"x": "y"}), **AT).result().tags == {"x": "y"}
    assert resources.check_existence(*named, **AT)
    assert resources.get(*named, **AT).name == "other"
    listed = list(resources.list_by_resource_group(group.name, expand="createdTime,changedTime", top=1))
    assert [each.name for each in listed] == ["pack", "other"]
    assert listed[0].created_time is not None
    found = resources.list(filter=f"resourceType eq '{PACKS}' and resourceGroup eq '{group.name}'")
    assert {each.name for each in found} == {"pack", "other"}
    assert [each.name for each in resources.list(filter="tagName eq 'x' and tagValue eq 'y'")] == ["other"]
    resources.begin_delete(*named, **AT).result()
    resources.begin_delete_by_id(id, **AT).result()
    assert list(resources.list_by_resource_group(group.name)) == []
    move = rm.ResourcesMoveInfo(resources=[id], target_resource_group=group.id)
    for begin in (resources.begin_move_resources, resources.begin_validate_move_resources):
        with pytest.raises(HttpResponseError) as refused:
            begin(group.name, move).result()
        assert refused.value.status_code == 501
    with pytest.raises(ResourceNotFoundError) as missing:
        resources.begin_create_or_update_by_id(
            id.replace("rm-group", "nothing"), rm.GenericResource(**BARE), **AT
        ).result()
    assert "could not be found" in str(missing.value)


def test_tags(server: sdk.Ready, client: ResourceManagementClient, group: rm.ResourceGroup) -> None:
    tags, wanted = client.tags, rm.TagsResource(properties=rm.Tags(tags={"a": "b", "c": "d"}))
    for scope in (group.id, f"/subscriptions/{server['subscription_id']}"):
        assert tags.begin_create_or_update_at_scope(scope, wanted).result().properties.tags == {"a": "b", "c": "d"}
        patch = rm.TagsPatchResource(operation="Delete", properties=rm.Tags(tags={"c": "d"}))
        assert tags.begin_update_at_scope(scope, patch).result().properties.tags == {"a": "b"}
        assert tags.get_at_scope(scope).properties.tags == {"a": "b"}
    used = {each.tag_name: [value.tag_value for value in each.values_property or ()] for each in tags.list()}
    assert used["a"] == ["b"]
    assert tags.create_or_update("planned").tag_name == "planned"
    assert tags.create_or_update_value("planned", "yes").tag_value == "yes"
    assert "planned" in [each.tag_name for each in tags.list()]
    tags.delete_value("planned", "yes")
    tags.delete("planned")
    assert "planned" not in [each.tag_name for each in tags.list()]
    for scope in (group.id, f"/subscriptions/{server['subscription_id']}"):
        tags.begin_delete_at_scope(scope).result()
        assert not tags.get_at_scope(scope).properties.tags


def test_providers(server: sdk.Ready, client: ResourceManagementClient) -> None:
    providers = client.providers
    served = {each.namespace for each in providers.list()}
    assert served >= {"Microsoft.Resources", "Microsoft.SecurityInsights", "Microsoft.Logic", "Microsoft.Web"}
    assert {each.namespace for each in providers.list_at_tenant_scope()} == served
    one = providers.get("Microsoft.OperationalInsights", expand="resourceTypes/aliases")
    assert "workspaces" in [each.resource_type for each in one.resource_types or ()]
    assert providers.get_at_tenant_scope("Microsoft.Insights").namespace == "Microsoft.Insights"
    assert providers.register("Microsoft.SecurityInsights").registration_state == "Registered"
    types = client.provider_resource_types.list("Microsoft.Resources").value or []
    assert "tags" in [each.resource_type for each in types]
    assert providers.provider_permissions("Microsoft.SecurityInsights").value == []
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):  # an owner of the subscription is none above
        providers.register_at_management_group_scope("Microsoft.SecurityInsights", server["tenant_id"])
    with pytest.raises(ResourceExistsError):
        providers.unregister("Microsoft.SecurityInsights")
    with pytest.raises(ResourceNotFoundError):
        providers.get("Microsoft.Nothing")
    assert any(each.name == "Microsoft.Resources/tags/write" for each in client.operations.list())


def test_locks(server: sdk.Ready, client: ResourceManagementClient, group: rm.ResourceGroup) -> None:
    locks = sdk.management_client(ManagementLockClient, server).management_locks
    wanted = lock.ManagementLockObject(level="CanNotDelete", notes="ours")
    assert locks.create_or_update_at_resource_group_level(group.name, "l", wanted).level == "CanNotDelete"
    assert locks.get_at_resource_group_level(group.name, "l").notes == "ours"
    assert locks.get_by_scope(group.id, "l").name == "l"
    with pytest.raises(ResourceExistsError, match="following scope\\(s\\) are locked") as refused:
        client.resource_groups.begin_delete(group.name).result()
    assert refused.value.error is not None
    assert refused.value.error.code == "ScopeLocked"
    client.resources.begin_create_or_update_by_id(
        f"{group.id}/providers/{PACKS}/pack", rm.GenericResource(**BARE), **AT
    ).result()
    named = (group.name, "Microsoft.OperationalInsights", "", "queryPacks", "pack")
    frozen = lock.ManagementLockObject(level="ReadOnly")
    locks.create_or_update_at_resource_level(*named, "r", frozen)
    assert locks.get_at_resource_level(*named, "r").level == "ReadOnly"
    with pytest.raises(ResourceExistsError, match="write operation"):
        client.resources.begin_update(*named, rm.GenericResource(tags={"a": "b"}), **AT).result()
    assert [each.name for each in locks.list_at_resource_level(*named)] == ["l", "r"]
    assert [each.name for each in locks.list_at_resource_group_level(group.name)] == ["l", "r"]
    assert {"l", "r"} <= {each.name for each in locks.list_at_subscription_level()}
    assert [each.name for each in locks.list_by_scope(group.id, filter="atScope()")] == ["l"]
    locks.delete_at_resource_level(*named, "r")
    scope = f"/subscriptions/{server['subscription_id']}/resourceGroups/elsewhere"
    locks.create_or_update_by_scope(scope.rpartition("/resourceGroups")[0], "s", wanted)
    locks.delete_at_subscription_level("s")
    locks.create_or_update_at_subscription_level("s", wanted)
    assert locks.get_at_subscription_level("s").level == "CanNotDelete"
    locks.delete_by_scope(scope.rpartition("/resourceGroups")[0], "s")
    locks.delete_at_resource_group_level(group.name, "l")


def test_subscriptions(server: sdk.Ready) -> None:
    client = SubscriptionClient(
        sdk.credential(server),
        base_url=server["https"],
        credential_scopes=[f"{server['https']}/.default"],
        connection_verify=server["ca"],
    )
    (one,) = client.subscriptions.list()
    assert (one.subscription_id, one.state) == (server["subscription_id"], "Enabled")
    assert client.subscriptions.get(server["subscription_id"]).tenant_id == server["tenant_id"]
    assert [each.name for each in client.subscriptions.list_locations(server["subscription_id"])] == ["local"]
    assert [each.tenant_id for each in client.tenants.list()] == [server["tenant_id"]]
    with pytest.raises(ResourceNotFoundError) as missing:
        client.subscriptions.get("00000000-0000-0000-0000-000000000001")
    assert missing.value.error is not None
    assert missing.value.error.code == "SubscriptionNotFound"


def test_template_specs(server: sdk.Ready, group: rm.ResourceGroup) -> None:
    client = sdk.management_client(TemplateSpecsClient, server)
    specs, versions = client.template_specs, client.template_spec_versions
    wanted = spec.TemplateSpec(location="eastus", display_name="Spec", description="a spec")
    assert specs.create_or_update(group.name, "spec", wanted).display_name == "Spec"
    template = {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}
    version = spec.TemplateSpecVersion(location="eastus", main_template=template, description="first")
    assert versions.create_or_update(group.name, "spec", "1.0", version).main_template == template
    assert versions.get(group.name, "spec", "1.0").location == "eastus"
    update = spec.TemplateSpecVersionUpdateModel(tags={"a": "b"})
    assert versions.update(group.name, "spec", "1.0", update).tags == {"a": "b"}
    assert [each.name for each in versions.list(group.name, "spec")] == ["1.0"]
    assert list(specs.get(group.name, "spec", expand="versions").versions or {}) == ["1.0"]
    assert specs.update(group.name, "spec", spec.TemplateSpecUpdateModel(tags={"c": "d"})).tags == {"c": "d"}
    assert [each.name for each in specs.list_by_resource_group(group.name)] == ["spec"]
    assert "spec" in [each.name for each in specs.list_by_subscription()]
    assert list(specs.list_built_ins()) == []
    for ask in (lambda: specs.get_built_in("x"), lambda: versions.get_built_in("x", "1")):
        with pytest.raises(ResourceNotFoundError):
            ask()
    versions.delete(group.name, "spec", "1.0")
    specs.delete(group.name, "spec")
