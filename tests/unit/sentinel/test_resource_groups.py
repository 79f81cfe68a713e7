from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import InvalidInput, NotFound, Unsupported

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


@pytest.mark.parametrize("action", ["exportTemplate", "moveResources", "validateMoveResources"])
def test_what_is_not_done_to_groups(send: Send, estate: Estate, action: str) -> None:
    with pytest.raises(Unsupported):
        send("POST", f"{estate.resource_group_id}/{action}", {})
