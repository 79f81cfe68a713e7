from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.sentinel.deleted_workspaces import RECOVERABLE, purge_expired

Send = Callable[..., Answer]


@pytest.fixture
def place(estate: Estate) -> str:
    return f"{estate.resource_group_id}/providers/Microsoft.OperationalInsights/workspaces/second"


def test_get_and_list(send: Send, estate: Estate) -> None:
    workspace = send("GET", estate.workspace_resource_id).body
    assert workspace["properties"]["customerId"] == estate.workspace_id
    for scope in (estate.resource_group_id, estate.subscription_resource_id, estate.resource_group_id.upper()):
        assert send("GET", f"{scope}/providers/Microsoft.OperationalInsights/workspaces").body == {"value": [workspace]}
    assert estate.primary_shared_key not in str(workspace)


def test_shared_keys(send: Send, estate: Estate) -> None:
    keys = send("POST", f"{estate.workspace_resource_id}/sharedKeys").body
    assert keys == {"primarySharedKey": estate.primary_shared_key, "secondarySharedKey": estate.secondary_shared_key}
    renewed = send("POST", f"{estate.workspace_resource_id}/REGENERATESharedKey", {"keyType": "Primary"}).body
    assert renewed["primarySharedKey"] != keys["primarySharedKey"]
    assert renewed["secondarySharedKey"] == keys["secondarySharedKey"]
    both = send("POST", f"{estate.workspace_resource_id}/regenerateSharedKey").body
    assert set(both.values()).isdisjoint(renewed.values())
    assert send("POST", f"{estate.workspace_resource_id}/sharedKeys").body == both
    with pytest.raises(InvalidInput, match="keyType"):
        send("POST", f"{estate.workspace_resource_id}/regenerateSharedKey", {"keyType": "third"})


def test_another_workspace(send: Send, estate: Estate) -> None:
    other = f"{estate.workspace_resource_id}-other"
    for place in (other, f"{other}/providers/Microsoft.SecurityInsights/alertRules"):
        with pytest.raises(NotFound, match=f"{estate.workspace_name}-other") as missing:
            send("GET", place)
        assert missing.value.code == "ResourceNotFound"
    group = estate.workspace_resource_id.replace(f"/{estate.resource_group}/", "/other/")
    with pytest.raises(NotFound) as missing:
        send("GET", f"{group}/providers/Microsoft.SecurityInsights/alertRules")
    assert missing.value.code == "ResourceGroupNotFound"


def test_a_workspace_is_made_and_changed(send: Send, context: Context, place: str) -> None:
    made = send("PUT", place, {"location": "eastus", "properties": {"sku": {"name": "pergb2018"}}, "tags": {"a": "1"}})
    properties = made.body["properties"]
    assert made.status == 201
    assert (properties["provisioningState"], properties["sku"]["name"]) == ("Succeeded", "PerGB2018")
    assert (properties["retentionInDays"], properties["workspaceCapping"]["dailyQuotaGb"]) == (30, -1)
    assert made.body["systemData"]["createdByType"] == "Application"
    workspace = context.workspaces.by_id(properties["customerId"])
    assert workspace is not None
    assert (workspace.name, workspace.resource_id) == ("second", place)
    assert context.logs.query(workspace.id, "Heartbeat | count").rows() == [[0]]

    patched = send("PATCH", place, {"properties": {"retentionInDays": 90}, "tags": {"b": "2"}}).body
    assert (patched["location"], patched["tags"]) == ("eastus", {"b": "2"})
    again = send("PUT", place, {"location": "East US"})
    assert again.status == 200
    kept = again.body["properties"]
    assert (kept["customerId"], kept["retentionInDays"]) == (properties["customerId"], 90)
    assert kept["createdDate"] == properties["createdDate"]
    with pytest.raises(InvalidInput) as moved:
        send("PUT", place, {"location": "westeurope"})
    assert moved.value.code == "InvalidResourceLocation"


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"sku": {"name": "Gold"}}, "sku.name"),
        ({"sku": {"name": "CapacityReservation", "capacityReservationLevel": 150}}, "capacityReservationLevel"),
        ({"retentionInDays": 29}, "retentionInDays"),
        ({"retentionInDays": 731}, "retentionInDays"),
        ({"workspaceCapping": {"dailyQuotaGb": "much"}}, "dailyQuotaGb"),
        ({"workspaceCapping": {"dailyQuotaGb": 0.022}}, "dailyQuotaGb"),
        ({"publicNetworkAccessForQuery": "Disabled"}, "publicNetworkAccessForQuery"),
        ({"features": {"clusterResourceId": "/x"}}, "clusterResourceId"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_setting_is_refused_by_name(send: Send, place: str, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        send("PUT", place, {"location": "eastus", "properties": properties})
    with pytest.raises(NotFound):
        send("GET", place)


@pytest.mark.parametrize("name", ["abc", "-abcd", "abcd-", "a_bcd", "x" * 64])
def test_a_name_is_refused(send: Send, place: str, name: str) -> None:
    with pytest.raises(InvalidInput, match="4 to 63"):
        send("PUT", place.replace("second", name), {"location": "eastus"})


def test_without_a_location(send: Send, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        send("PUT", place, {"properties": {}})
    assert refused.value.code == "LocationRequired"


def test_a_deleted_workspace_comes_back_as_it_was(send: Send, context: Context, place: str) -> None:
    made = send("PUT", place, {"location": "eastus", "tags": {"a": "1"}}).body["properties"]
    search = {"properties": {"category": "c", "displayName": "d", "query": "Heartbeat"}}
    with context.state.transaction() as transaction:
        transaction.put(
            id=f"{place}/savedSearches/s",
            type="Microsoft.OperationalInsights/workspaces/savedSearches",
            scope=place,
            name="s",
            body=search,
        )
    keys = send("POST", f"{place}/sharedKeys").body
    assert send("DELETE", place).status == 200
    assert context.workspaces.by_id(made["customerId"]) is None
    assert send("DELETE", place).status == 204
    group = place.partition("/workspaces/")[0]
    (deleted,) = send("GET", f"{group}/deletedWorkspaces").body["value"]
    assert (deleted["id"], deleted["tags"]) == (place, {"a": "1"})
    with pytest.raises(Conflict, match="eastus"):
        send("PUT", place, {"location": "westus"})
    assert send("PUT", place, {"location": "East US"}).body["properties"]["customerId"] == made["customerId"]
    assert send("POST", f"{place}/sharedKeys").body == keys
    assert context.state.get(f"{place}/savedSearches/s") is not None
    assert send("GET", f"{group}/deletedWorkspaces").body == {"value": []}


@pytest.mark.parametrize("deleted_before", [True, False])
def test_a_workspace_deleted_for_good(send: Send, context: Context, place: str, deleted_before: bool) -> None:
    first = send("PUT", place, {"location": "eastus"}).body["properties"]["customerId"]
    keys = send("POST", f"{place}/sharedKeys").body
    context.logs.append(first, "Heartbeat", [{"Computer": "web01"}]).result()
    if deleted_before:
        send("DELETE", place)
    send("DELETE", place, force="true")
    second = send("PUT", place, {"location": "westus"}).body["properties"]["customerId"]
    assert second != first
    assert send("POST", f"{place}/sharedKeys").body != keys
    with pytest.raises(NotFound):
        context.logs.append(first, "Heartbeat", [{"Computer": "web01"}])
    assert context.logs.query(second, "Heartbeat | count").rows() == [[0]]


def test_after_two_weeks_it_is_gone(send: Send, context: Context, place: str, clock: VirtualClock) -> None:
    made = send("PUT", place, {"location": "eastus"}).body["properties"]["customerId"]
    context.logs.append(made, "Heartbeat", [{"Computer": "web01"}]).result()
    send("DELETE", place)
    clock.set(clock.now() + RECOVERABLE - timedelta(seconds=1))
    purge_expired(context, clock.now())
    assert context.logs.query(made, "Heartbeat | count").rows() == [[1]]
    clock.set(clock.now() + timedelta(seconds=1))
    purge_expired(context, clock.now())
    with pytest.raises(NotFound):
        context.logs.query(made, "Heartbeat")
    assert send("PUT", place, {"location": "westus"}).body["properties"]["customerId"] != made


def test_a_precondition_of_a_patch(send: Send, place: str) -> None:
    with pytest.raises(NotFound):
        send("PATCH", place, {"tags": {}})
    send("PUT", place, {"location": "eastus"})
    with pytest.raises(Conflict):
        send("PATCH", place, {"etag": "other", "tags": {}})


def test_the_next_reset_of_the_cap(send: Send, place: str, clock: VirtualClock) -> None:
    send("PUT", place, {"location": "eastus", "properties": {"workspaceCapping": {"dailyQuotaGb": 5}}})
    capping = send("GET", place).body["properties"]["workspaceCapping"]
    assert capping == {
        "dailyQuotaGb": 5.0,
        "dataIngestionStatus": "RespectQuota",
        "quotaNextResetTime": "Tue, 02 Jan 2024 00:00:00 GMT",
    }
