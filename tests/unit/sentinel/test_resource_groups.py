from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Forbidden, InvalidInput, NotFound, Unsupported
from vedette.sentinel.resources import RESOURCE_TYPES

Send = Callable[..., Answer]
Finish = Callable[[Answer], None]


@pytest.fixture
def group(estate: Estate) -> str:
    return f"{estate.subscription_resource_id}/resourceGroups/Second"


def test_the_life_of_a_group(send: Send, finish: Finish, estate: Estate, group: str) -> None:
    made = send("PUT", group, {"location": "westeurope", "tags": {"team": "soc"}})
    assert made.status == 201
    assert made.body["type"] == "Microsoft.Resources/resourceGroups"
    assert made.body["properties"] == {"provisioningState": "Succeeded"}
    assert send("HEAD", group.upper()).status == 204
    assert send("PATCH", group, {"tags": {"team": "it"}}).body["tags"] == {"team": "it"}
    listed = send("GET", f"{estate.subscription_resource_id}/resourcegroups").body["value"]
    assert {each["name"] for each in listed} == {estate.resource_group, "Second"}
    begun = send("DELETE", group)
    assert begun.headers["Location"].startswith(
        f"https://localhost:8443{estate.subscription_resource_id}/operationresults/"
    )
    finish(begun)
    assert send("GET", begun.headers["Location"].partition("?")[0].removeprefix("https://localhost:8443")).status == 204
    for method in ("HEAD", "GET", "DELETE"):
        with pytest.raises(NotFound) as missing:
            send(method, group)
        assert missing.value.code == "ResourceGroupNotFound"


def test_what_is_in_a_deleted_group(send: Send, finish: Finish, group: str) -> None:
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/inside"
    rules = f"{workspace}/providers/Microsoft.SecurityInsights/onboardingStates/default"
    send("PUT", group, {"location": "westeurope"})
    made = send("PUT", workspace, {"location": "westeurope"}).body["properties"]
    send("PUT", rules, {"properties": {}})
    finish(send("DELETE", group))
    with pytest.raises(NotFound):
        send("GET", workspace)
    send("PUT", group, {"location": "eastus"})
    assert send("PUT", workspace, {"location": "westeurope"}).body["properties"]["customerId"] == made["customerId"]
    assert send("GET", rules).status == 200


def collected(estate: Estate) -> dict[str, Any]:
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "string"}]
    return {
        "streamDeclarations": {"Custom-Text": {"columns": columns}},
        "destinations": {"logAnalytics": [{"workspaceResourceId": estate.workspace_resource_id, "name": "ws"}]},
        "dataFlows": [{"streams": ["Custom-Text"], "destinations": ["ws"], "outputStream": "Microsoft-Syslog"}],
    }


def test_what_a_group_has_done_outside_of_it(send: Send, finish: Finish, estate: Estate, group: str) -> None:
    onboarded = f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/onboardingStates/default"
    rule = f"{group}/providers/Microsoft.Insights/dataCollectionRules/r"
    machine = f"{estate.resource_group_id}/providers/Microsoft.Compute/virtualMachines/vm"
    association = f"{machine}/providers/Microsoft.Insights/dataCollectionRuleAssociations/a"
    name = f"SecurityInsights({estate.workspace_name})"
    solution = {
        "location": "eastus",
        "properties": {"workspaceResourceId": estate.workspace_resource_id},
        "plan": {"name": name, "product": "OMSGallery/SecurityInsights", "publisher": "Microsoft"},
    }
    send("PUT", group, {"location": "eastus"})
    send("PUT", rule, {"location": "eastus", "kind": "Direct", "properties": collected(estate)})
    send("PUT", association, {"properties": {"dataCollectionRuleId": rule.upper()}})
    send("PUT", f"{group}/providers/Microsoft.OperationsManagement/solutions/{name}", solution)
    assert send("GET", onboarded).status == 200
    finish(send("DELETE", group))
    for gone in (association, onboarded):
        with pytest.raises(NotFound):
            send("GET", gone)


def test_a_group_whose_solution_is_of_a_workspace_that_the_caller_may_not_change(
    send: Send, context: Context, estate: Estate, group: str
) -> None:
    send("PUT", group, {"location": "eastus"})
    name = f"SecurityInsights({estate.workspace_name})"
    plan = {"name": name, "product": "OMSGallery/SecurityInsights", "publisher": "Microsoft"}
    properties = {"workspaceResourceId": estate.workspace_resource_id}
    place = f"{group}/providers/Microsoft.OperationsManagement/solutions/{name}"
    send("PUT", place, {"location": "eastus", "properties": properties, "plan": plan})
    neighbour = Principal("9d1b1a07-6ad6-4a86-b5a7-0f6b1b1f4f11", "neighbour", "neighbour", estate.tenant_id)
    context.roles.assign(neighbour, OWNER, group)
    call = Call("DELETE", parse_id(group), neighbour, {"api-version": "2021-04-01"}, "https://localhost:8443")
    with pytest.raises(Forbidden, match="workspaces/write"):
        answer(context, RESOURCE_TYPES, call)
    assert send("GET", group).body["properties"] == {"provisioningState": "Succeeded"}


def test_a_recovered_workspace_has_an_identity_again(send: Send, finish: Finish, group: str) -> None:
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/inside"
    send("PUT", group, {"location": "westeurope"})
    send("PUT", workspace, {"location": "westeurope", "identity": {"type": "SystemAssigned"}})
    finish(send("DELETE", group))
    send("PUT", group, {"location": "westeurope"})
    identity = send("PUT", workspace, {"location": "westeurope"}).body["identity"]
    assert identity.keys() == {"type", "tenantId", "principalId"}


def test_pages_leave_no_group_out(send: Send, finish: Finish, estate: Estate) -> None:
    groups = f"{estate.subscription_resource_id}/resourcegroups"
    for name in ("a", "b", "c"):
        send("PUT", f"{groups}/{name}", {"location": "eastus"})
    first = send("GET", groups, top="2").body
    finish(send("DELETE", f"{groups}/a"))
    token = parse_qs(urlsplit(first["nextLink"]).query)["$skipToken"][0]
    rest = send("GET", groups, top="2", skiptoken=token).body
    assert [each["name"] for each in (*first["value"], *rest["value"])] == ["a", "b", "c", estate.resource_group]


@pytest.mark.parametrize("name", ["ends.", "a b", "x" * 91])
def test_a_name_is_refused(send: Send, group: str, name: str) -> None:
    with pytest.raises(InvalidInput, match="resource group name"):
        send("PUT", group.replace("Second", name), {"location": "eastus"})


def test_locations(send: Send, estate: Estate) -> None:
    (location,) = send("GET", f"{estate.subscription_resource_id}/locations").body["value"]
    assert (location["name"], location["displayName"]) == ("local", "Local")


def test_groups_by_tag(send: Send, estate: Estate, group: str) -> None:
    send("PUT", group, {"location": "eastus", "tags": {"Team": "soc", "stage": "live"}})
    list = f"{estate.subscription_resource_id}/resourcegroups"

    def named(filter: str) -> set[str]:
        return {each["name"] for each in send("GET", list, filter=filter).body["value"]}

    assert named("tagName eq 'team' and tagValue eq 'soc'") == {"Second"}
    assert named("tagName eq 'team' and tagValue eq 'live'") == set()
    assert named("tagName eq 'stage'") == {"Second"}
    with pytest.raises(InvalidInput, match="not filtered by 'properties/x'"):
        named("properties/x eq 1")


@pytest.mark.parametrize("action", ["moveResources", "validateMoveResources"])
def test_what_is_not_done_to_groups(send: Send, estate: Estate, action: str) -> None:
    with pytest.raises(Unsupported):
        send("POST", f"{estate.resource_group_id}/{action}", {})
