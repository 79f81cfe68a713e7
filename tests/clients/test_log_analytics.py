"""azure-mgmt-loganalytics over TLS: workspaces with their keys, saved searches, and what else is below a workspace."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.loganalytics import models as la
from tests.clients import sdk

WORKSPACE = "sdk-workspace"
STORAGE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"


@pytest.fixture(scope="module")
def client(server: sdk.Ready) -> LogAnalyticsManagementClient:
    return sdk.log_analytics(server)


@pytest.fixture
def group(server: sdk.Ready) -> Iterator[str]:
    """A resource group of the test's own, made as scripts do, and deleted with all that is in it."""
    with sdk.web(server) as web:
        path = f"/subscriptions/{server['subscription_id']}/resourcegroups/sdk-group?api-version=2024-11-01"
        made = web.put(path, json={"location": "westeurope"}, headers=sdk.bearer(server))
        assert made.status_code == 201, made.text
        yield "sdk-group"
        assert web.delete(path, headers=sdk.bearer(server)).status_code == 202


@pytest.fixture
def workspace(client: LogAnalyticsManagementClient, group: str) -> Iterator[la.Workspace]:
    wanted = la.Workspace(location="westeurope", sku=la.WorkspaceSku(name="PerGB2018"), retention_in_days=60)
    yield client.workspaces.begin_create_or_update(group, WORKSPACE, wanted).result()
    client.workspaces.begin_delete(group, WORKSPACE, force=True).result()


def test_the_life_of_a_workspace(client: LogAnalyticsManagementClient, group: str, workspace: la.Workspace) -> None:
    assert (workspace.provisioning_state, workspace.retention_in_days) == ("Succeeded", 60)
    assert workspace.system_data is not None
    assert [each.name for each in client.workspaces.list_by_resource_group(group)] == [WORKSPACE]
    assert WORKSPACE in [each.name for each in client.workspaces.list()]
    changed = client.workspaces.update(group, WORKSPACE, la.WorkspacePatch(retention_in_days=90, tags={"a": "b"}))
    assert (changed.retention_in_days, changed.tags, changed.sku.name) == (90, {"a": "b"}, "PerGB2018")
    client.workspaces.begin_delete(group, WORKSPACE).result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get(group, WORKSPACE)
    assert [each.name for each in client.deleted_workspaces.list_by_resource_group(group)] == [WORKSPACE]
    back = client.workspaces.begin_create_or_update(group, WORKSPACE, la.Workspace(location="westeurope")).result()
    assert (back.customer_id, back.retention_in_days) == (workspace.customer_id, 90)
    with pytest.raises(HttpResponseError) as refused:
        client.workspaces.begin_create_or_update(group, "abc", la.Workspace(location="westeurope"))
    assert refused.value.status_code == 400


def test_keys(server: sdk.Ready, client: LogAnalyticsManagementClient, group: str, workspace: la.Workspace) -> None:
    keys = client.shared_keys.get_shared_keys(group, WORKSPACE)
    assert post(server, workspace.customer_id, keys.secondary_shared_key) == 200
    renewed = client.shared_keys.regenerate(group, WORKSPACE)
    assert renewed.primary_shared_key != keys.primary_shared_key
    assert post(server, workspace.customer_id, keys.primary_shared_key) == 403
    assert post(server, workspace.customer_id, renewed.primary_shared_key) == 200
    found = sdk.logs_query_client(server).query_workspace(workspace.customer_id, "Sdk_CL | count", timespan=None)
    assert list(found.tables[0].rows[0]) == [2]


def post(ready: sdk.Ready, workspace_id: str, key: str) -> int:
    body = json.dumps([{"Colour": "red"}]).encode()
    date = format_datetime(datetime.now(UTC), usegmt=True)
    text = f"POST\n{len(body)}\napplication/json\nx-ms-date:{date}\n/api/logs"
    signature = base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "Log-Type": "Sdk",
        "x-ms-date": date,
        "Authorization": f"SharedKey {workspace_id}:{signature}",
    }
    with sdk.web(ready) as web:
        return web.post(sdk.COLLECTOR, content=body, headers=headers).status_code


def test_saved_searches(
    server: sdk.Ready, client: LogAnalyticsManagementClient, group: str, workspace: la.Workspace
) -> None:
    search = la.SavedSearch(
        category="Functions",
        display_name="Numbers",
        query="range x from 1 to n step 1",
        function_alias="Numbers",
        function_parameters="n:long=3",
        tags=[la.Tag(name="tactics", value="Impact")],
    )
    made = client.saved_searches.create_or_update(group, WORKSPACE, "numbers", search)
    queries = sdk.logs_query_client(server)
    found = queries.query_workspace(workspace.customer_id, "Numbers(5) | count", timespan=None)
    assert list(found.tables[0].rows[0]) == [5]
    with pytest.raises(ResourceExistsError):
        client.saved_searches.create_or_update(group, WORKSPACE, "numbers", search)
    search.etag, search.query = made.etag, "range x from 1 to 2 * n step 1"
    client.saved_searches.create_or_update(group, WORKSPACE, "numbers", search)
    found = queries.query_workspace(workspace.customer_id, "Numbers | count", timespan=None)
    assert list(found.tables[0].rows[0]) == [6]
    assert [each.function_alias for each in client.saved_searches.list_by_workspace(group, WORKSPACE).value] == [
        "Numbers"
    ]
    client.saved_searches.delete(group, WORKSPACE, "numbers")
    with pytest.raises(HttpResponseError):
        queries.query_workspace(workspace.customer_id, "Numbers", timespan=None)


def test_below_a_workspace(client: LogAnalyticsManagementClient, group: str, workspace: la.Workspace) -> None:
    source = la.DataSource(kind="WindowsEvent", properties={"eventLogName": "Application"})
    client.data_sources.create_or_update(group, WORKSPACE, "events", source)
    listed = client.data_sources.list_by_workspace(group, WORKSPACE, filter="kind eq 'WindowsEvent'")
    assert [each.name for each in listed] == ["events"]
    client.data_sources.delete(group, WORKSPACE, "events")
    linked = la.LinkedStorageAccountsResource(storage_account_ids=[STORAGE])
    made = client.linked_storage_accounts.create_or_update(group, WORKSPACE, "CustomLogs", linked)
    assert made.data_source_type == "CustomLogs"
    link = la.LinkedService(resource_id=f"{STORAGE}x")
    assert client.linked_services.begin_create_or_update(group, WORKSPACE, "Automation", link).result().name
    client.linked_services.begin_delete(group, WORKSPACE, "Automation").result()
    hub = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/n"
    export = la.DataExport(table_names=["Heartbeat"], destination=la.Destination(resource_id=hub))
    assert client.data_exports.create_or_update(group, WORKSPACE, "export", export).destination.type == "EventHub"
    assert client.schema.get(group, WORKSPACE).value
    assert [each.name.value for each in client.usages.list(group, WORKSPACE)] == ["DataAnalyzed"]
    assert list(client.management_groups.list(group, WORKSPACE)) == []
    assert client.available_service_tiers.list_by_workspace(group, WORKSPACE)
    client.intelligence_packs.enable(group, WORKSPACE, "Updates")
    assert "Updates" in [each.name for each in client.intelligence_packs.list(group, WORKSPACE) if each.enabled]
    client.gateways.delete(group, WORKSPACE, "00000000-0000-0000-0000-000000000000")
    assert any(each.name.endswith("workspaces/write") for each in client.operations.list())


def test_packs_and_clusters(client: LogAnalyticsManagementClient, group: str) -> None:
    pack = la.LogAnalyticsQueryPack(location="westeurope")
    assert client.query_packs.create_or_update_without_name(group, pack).name
    assert client.query_packs.create_or_update(group, "pack", pack).name == "pack"
    query = la.LogAnalyticsQueryPackQuery(
        {"properties": {"displayName": "q", "body": "Heartbeat", "tags": {"team": ["soc"]}}}  # its keywords recurse
    )
    id = "a449f8af-8e64-4b3a-9b16-5a7165ff98c4"
    assert client.queries.put(group, "pack", id, query).as_dict()["properties"]["body"] == "Heartbeat"
    wanted = la.LogAnalyticsQueryPackQuerySearchProperties(tags={"team": ["soc", "it"]})
    assert [each.name for each in client.queries.search(group, "pack", wanted)] == [id]
    client.queries.delete(group, "pack", id)
    assert list(client.queries.list(group, "pack")) == []
    cluster = la.Cluster(location="westeurope", sku=la.ClusterSku(name="CapacityReservation", capacity=500))
    assert client.clusters.begin_create_or_update(group, "cluster", cluster).result().provisioning_state == "Succeeded"
    client.clusters.begin_delete(group, "cluster").result()
    assert list(client.clusters.list_by_resource_group(group)) == []


def test_a_summary_rule_is_made_stopped_started_and_deleted(
    server: sdk.Ready, client: LogAnalyticsManagementClient
) -> None:
    place = (server["resource_group"], server["workspace_name"])
    sdk.collect(server, "Summed", [{"n": n} for n in range(3)])
    definition = la.RuleDefinition(
        query="Summed_CL | summarize Total = sum(n_d)", bin_size=60, destination_table="SummedHourly_CL"
    )
    rule = la.SummaryLogs(
        properties=la.SummaryLogsProperties(rule_type="User", display_name="Hourly", rule_definition=definition)
    )
    made = client.summary_logs.begin_create_or_update(*place, "hourly", rule).result()
    assert (made.is_active, made.provisioning_state, made.rule_definition.bin_size) == (True, "Succeeded", 60)
    client.summary_logs.stop(*place, "hourly")
    assert client.summary_logs.get(*place, "hourly").status_code == "UserAction"
    client.summary_logs.begin_start(*place, "hourly").result()
    assert client.summary_logs.get(*place, "hourly").is_active
    assert "hourly" in [each.name for each in client.summary_logs.list_by_workspace(*place)]
    assert client.tables.get(*place, "SummedHourly_CL").plan == "Analytics"
    client.summary_logs.begin_delete(*place, "hourly").result()
    with pytest.raises(ResourceNotFoundError):
        client.summary_logs.get(*place, "hourly")
