"""The small resources below a workspace and beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER, READER
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import MethodNotAllowed, answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from vedette.sentinel.resources import RESOURCE_TYPES

Send = Callable[..., Answer]
STORAGE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"
HUB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/n"


@pytest.fixture
def workspace(estate: Estate) -> str:
    return estate.workspace_resource_id


def onboarding(workspace: str) -> str:
    return f"{workspace}/providers/Microsoft.SecurityInsights/onboardingStates/default"


def test_data_sources_are_listed_by_kind(send: Send, workspace: str) -> None:
    for name, kind in (("one", "windowsEvent"), ("two", "LinuxSyslog")):
        send("PUT", f"{workspace}/dataSources/{name}", {"kind": kind, "properties": {"EventLogName": "x"}})
    for condition in ("kind eq 'WindowsEvent'", "kind='WINDOWSEVENT'"):
        (found,) = send("GET", f"{workspace}/dataSources", filter=condition).body["value"]
        assert (found["name"], found["kind"], found["properties"]) == ("one", "WindowsEvent", {"eventLogName": "x"})
    with pytest.raises(InvalidInput, match=r"\$filter"):
        send("GET", f"{workspace}/dataSources")
    with pytest.raises(InvalidInput, match="kind"):
        send("PUT", f"{workspace}/dataSources/three", {"kind": "Colour", "properties": {}})


@pytest.mark.parametrize(
    ("place", "properties", "named"),
    [
        ("linkedServices/Automation", {}, "resourceId"),
        ("linkedServices/Automation", {"resourceId": "x"}, "resourceId"),
        ("linkedStorageAccounts/Colours", {"storageAccountIds": [STORAGE]}, "dataSourceType"),
        ("linkedStorageAccounts/Alerts", {"storageAccountIds": []}, "storageAccountIds"),
        ("dataExports/e", {"tableNames": [], "destination": {"resourceId": HUB}}, "tableNames"),
        ("dataExports/e", {"tableNames": ["T"], "destination": {"resourceId": "/subscriptions/s/x"}}, "event hub"),
        ("storageInsightConfigs/s", {"storageAccount": {"id": STORAGE}}, "storageAccount.key"),
    ],
)
def test_what_is_wrong_is_named(send: Send, workspace: str, place: str, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        send("PUT", f"{workspace}/{place}", {"properties": properties})


def test_a_storage_key_is_not_kept(send: Send, workspace: str, context: Context) -> None:
    place = f"{workspace}/storageInsightConfigs/s"
    made = send("PUT", place, {"properties": {"storageAccount": {"id": STORAGE, "key": "secret-key"}}}).body
    assert made["properties"]["status"] == {"state": "OK"}
    assert "secret-key" not in str(context.state.get(place))


def test_a_data_export(send: Send, workspace: str) -> None:
    place = f"{workspace}/dataExports/e"
    sent = {"tableNames": ["Heartbeat"], "destination": {"resourceId": HUB}}
    made = send("PUT", place, {"properties": sent}).body["properties"]
    assert (made["destination"]["type"], made["enable"]) == ("EventHub", True)
    assert send("PUT", place, {"properties": sent}).body["properties"]["dataExportId"] == made["dataExportId"]
    send("DELETE", place)
    with pytest.raises(NotFound):
        send("DELETE", place)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_schema(send: Send, workspace: str, method: str) -> None:
    schema = send(method, f"{workspace}/schema", {"top": 5, "query": "*"} if method == "POST" else None).body
    assert schema["metadata"]["resultType"] == "schema"
    (column,) = [each for each in schema["value"] if each["name"] == "EventID" and each["type"] == "Int32"]
    assert "SecurityEvent" in column["ownerType"]


def test_facts(send: Send, workspace: str, context: Context) -> None:
    (usage,) = send("GET", f"{workspace}/usages").body["value"]
    assert (usage["currentValue"], usage["limit"], usage["nextResetTime"]) == (0.0, -1.0, "2024-01-02T00:00:00Z")
    id = context.workspaces.all()[0].id
    context.logs.append(id, "Heartbeat", [{"Computer": "web01"}]).result()
    assert send("GET", f"{workspace}/managementGroups").body == {"value": []}
    assert send("GET", f"{workspace}/availableServiceTiers").body[0]["serviceTier"] == "PerGB2018"
    assert send("DELETE", f"{workspace}/gateways/x").status == 200
    with pytest.raises(MethodNotAllowed):
        send("PUT", f"{workspace}/usages/x", {})


def test_intelligence_packs(send: Send, workspace: str) -> None:
    def enabled() -> set[str]:
        return {each["name"] for each in send("GET", f"{workspace}/intelligencePacks").body if each["enabled"]}

    assert {"LogManagement", "SecurityInsights"} <= enabled()
    send("POST", f"{workspace}/intelligencePacks/updates/Enable")
    assert "Updates" in enabled()
    send("POST", f"{workspace}/intelligencePacks/Updates/disable")
    send("POST", f"{workspace}/intelligencePacks/SecurityInsights/Disable")
    assert enabled().isdisjoint({"Updates", "SecurityInsights"})
    with pytest.raises(NotFound):
        send("GET", onboarding(workspace))
    with pytest.raises(NotFound, match="Colours"):
        send("POST", f"{workspace}/intelligencePacks/Colours/Enable")


def test_the_old_way_to_onboard(send: Send, estate: Estate, workspace: str) -> None:
    send("DELETE", onboarding(workspace))
    name = f"SecurityInsights({estate.workspace_name})"
    place = f"{estate.resource_group_id}/providers/Microsoft.OperationsManagement/solutions/{name}"
    solution = {
        "location": "eastus",
        "properties": {"workspaceResourceId": workspace},
        "plan": {"name": name, "product": "OMSGallery/SecurityInsights", "publisher": "Microsoft", "promotionCode": ""},
    }
    made = send("PUT", place, solution)
    assert (made.status, made.body["plan"]) == (201, solution["plan"])
    assert send("GET", onboarding(workspace)).status == 200
    send("DELETE", place)
    with pytest.raises(NotFound):
        send("GET", onboarding(workspace))
    with pytest.raises(InvalidInput, match="named for 'other'"):
        send("PUT", place.replace(f"({estate.workspace_name})", "(other)"), solution)


def test_a_solution_switches_sentinel_only_where_its_maker_may(
    send: Send, context: Context, estate: Estate, workspace: str
) -> None:
    group = f"{estate.subscription_resource_id}/resourceGroups/elsewhere"
    send("PUT", group, {"location": "eastus"})
    neighbour = Principal("9d1b1a07-6ad6-4a86-b5a7-0f6b1b1f4f11", "neighbour", "neighbour", estate.tenant_id)
    context.roles.assign(neighbour, OWNER, group)
    context.roles.assign(neighbour, READER, workspace)
    name = f"SecurityInsights({estate.workspace_name})"
    place = parse_id(f"{group}/providers/Microsoft.OperationsManagement/solutions/{name}")
    body = {
        "location": "eastus",
        "properties": {"workspaceResourceId": workspace},
        "plan": {"name": name, "product": "OMSGallery/SecurityInsights", "publisher": "Microsoft"},
    }
    version = {"api-version": "2015-11-01-preview"}
    with pytest.raises(Forbidden, match="workspaces/write"):
        answer(context, RESOURCE_TYPES, Call("PUT", place, neighbour, version, "https://localhost:8443", body))
    assert send("PUT", place.id, body).status == 201
    with pytest.raises(Forbidden, match="workspaces/write"):
        answer(context, RESOURCE_TYPES, Call("DELETE", place, neighbour, version, "https://localhost:8443"))
    assert send("GET", onboarding(workspace)).status == 200


def test_query_packs(send: Send, estate: Estate) -> None:
    packs = f"{estate.resource_group_id}/providers/Microsoft.OperationalInsights/queryPacks"
    nameless = send("PUT", packs, {"location": "eastus", "properties": {}})
    assert nameless.status == 201
    pack = f"{packs}/mine"
    assert send("PUT", pack, {"location": "eastus", "properties": {}}).status == 200
    assert send("PATCH", pack, {"tags": {"a": "b"}}).body["tags"] == {"a": "b"}
    above = f"{estate.subscription_resource_id}/providers/Microsoft.OperationalInsights/queryPacks"
    assert {each["name"] for each in send("GET", above).body["value"]} == {"mine", nameless.body["name"]}
    for name, category, label in (("q1", "network", "x"), ("q2", "security", "y")):
        query = {
            "displayName": name,
            "body": "Heartbeat",
            "related": {"categories": [category]},
            "tags": {"l": [label]},
        }
        made = send("PUT", f"{pack}/queries/{name}", {"properties": query})
        assert (made.status, made.body["properties"]["body"]) == (200, "Heartbeat")
    listed = send("GET", f"{pack}/queries").body["value"]
    assert [each["properties"].get("body") for each in listed] == [None, None]
    assert "body" in send("GET", f"{pack}/queries", includebody="true").body["value"][0]["properties"]
    wanted = {"related": {"categories": ["Security", "other"]}, "tags": {"l": ["y"]}}
    assert [each["name"] for each in send("POST", f"{pack}/queries/search", wanted).body["value"]] == ["q2"]
    assert send("POST", f"{pack}/queries/search", wanted | {"tags": {"l": ["x"]}}).body == {"value": []}
    first = send("POST", f"{pack}/queries/search", {}, top="1").body
    assert len(first["value"]) == 1
    assert "search" in first["nextLink"]
    assert "nextLink" not in send("POST", f"{pack}/queries/search", {}, top="2").body
    assert send("GET", f"{pack}/queries/Q1").body["properties"]["body"] == "Heartbeat"
    with pytest.raises(InvalidInput, match="body"):
        send("PUT", f"{pack}/queries/q3", {"properties": {"displayName": "q3"}})


def test_a_cluster(send: Send, estate: Estate) -> None:
    place = f"{estate.resource_group_id}/providers/Microsoft.OperationalInsights/clusters/c"
    sku = {"name": "CapacityReservation", "capacity": 500}
    made = send("PUT", place, {"location": "eastus", "sku": sku}).body
    assert (made["sku"], made["identity"]["type"]) == (sku, "SystemAssigned")
    changed = send("PATCH", place, {"sku": sku | {"capacity": 1000}, "properties": {"billingType": "workspaces"}}).body
    assert (changed["sku"]["capacity"], changed["properties"]["billingType"]) == (1000, "Workspaces")
    assert changed["properties"]["clusterId"] == made["properties"]["clusterId"]
    assert changed["identity"] == made["identity"]
    with pytest.raises(InvalidInput, match="capacity"):
        send("PATCH", place, {"sku": {"capacity": 7}})


def test_providers(send: Send, estate: Estate) -> None:
    place = f"{estate.subscription_resource_id}/providers"
    provider = send("GET", f"{place}/microsoft.operationalinsights").body
    assert (provider["namespace"], provider["registrationState"]) == ("Microsoft.OperationalInsights", "Registered")
    (workspaces,) = [each for each in provider["resourceTypes"] if each["resourceType"] == "workspaces"]
    assert "2023-09-01" in workspaces["apiVersions"]
    assert send("POST", f"{place}/Microsoft.OperationalInsights/register").body == provider
    with pytest.raises(Conflict):
        send("POST", f"{place}/Microsoft.OperationalInsights/unregister")
    assert provider in send("GET", place).body["value"]
    assert send("GET", "/providers/Microsoft.SecurityInsights").body["id"] == "/providers/Microsoft.SecurityInsights"
    operations = send("GET", "/providers/Microsoft.OperationalInsights/operations").body["value"]
    names = {each["name"] for each in operations}
    assert {
        "Microsoft.OperationalInsights/workspaces/write",
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    } <= names
    for method, name in (("GET", "Microsoft.Colours"), ("POST", "Microsoft.Colours/register")):
        with pytest.raises(NotFound) as unknown:
            send(method, f"{place}/{name}")
        assert unknown.value.code == "InvalidResourceNamespace"
