from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import READER
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES

Send = Callable[..., Answer]


@pytest.fixture
def packs(send: Send, estate: Estate) -> list[str]:
    ids: list[str] = []
    for group in ("one", "two"):
        id = f"{estate.subscription_resource_id}/resourceGroups/{group}"
        send("PUT", id, {"location": "eastus"})
        for number in range(3):
            pack = f"{id}/providers/Microsoft.OperationalInsights/queryPacks/pack{number}"
            body = {"location": "East US" if number else "westus", "tags": {"n": str(number)}, "properties": {}}
            send("PUT", pack, body)
            ids.append(pack)
    return ids


def ids(answer: Answer) -> list[str]:
    return [each["id"] for each in answer.body["value"]]


def test_all_of_a_subscription(send: Send, estate: Estate, packs: list[str]) -> None:
    all = send("GET", f"{estate.subscription_resource_id}/resources")
    assert ids(all) == [*packs, estate.workspace_resource_id]
    workspace = all.body["value"][-1]
    assert workspace == {
        "id": estate.workspace_resource_id,
        "name": estate.workspace_name,
        "type": "Microsoft.OperationalInsights/workspaces",
        "location": "local",
        "tags": {},
    }
    assert ids(send("GET", f"{estate.subscription_resource_id}/resourcegroups/TWO/resources")) == packs[3:]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("resourceType eq 'microsoft.operationalinsights/querypacks'", 6),
        ("name eq 'PACK1'", 2),
        ("substringof('ack2', name)", 2),
        ("resourceGroup eq 'ONE' and location eq 'eastus'", 2),
        ("location eq 'West US'", 2),
        ("tagName eq 'N' and tagValue eq '0'", 2),
        ("tagName eq 'x' or name ne 'pack0'", 5),
        ("resourceType eq 'Microsoft.Elsewhere/things'", 0),
        ("resourceType eq 'a/b' and resourceType eq 'c/d'", 0),
    ],
)
def test_filters(send: Send, estate: Estate, packs: list[str], filter: str, found: int) -> None:
    answer = send("GET", f"{estate.subscription_resource_id}/resources", filter=filter)
    assert len(answer.body["value"]) == found


def test_what_a_tag_filter_leaves_out(send: Send, estate: Estate, packs: list[str]) -> None:
    list = f"{estate.subscription_resource_id}/resources"
    assert "tags" not in send("GET", list, filter="tagName eq 'n' and tagValue eq '1'").body["value"][0]
    assert "tags" in send("GET", list, filter="tagName eq 'n'").body["value"][0]


@pytest.mark.parametrize("query", [{"filter": "size eq 1"}, {"filter": "name gt 'a'"}, {"expand": "all"}, {"top": "0"}])
def test_what_is_refused(send: Send, estate: Estate, query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        send("GET", f"{estate.subscription_resource_id}/resources", **query)


def test_expanded(send: Send, estate: Estate) -> None:
    list = f"{estate.subscription_resource_id}/resources"
    (workspace,) = send("GET", list, expand="createdTime,changedTime,provisioningState").body["value"]
    assert workspace["provisioningState"] == "Succeeded"
    assert workspace["createdTime"] == workspace["changedTime"] == "2024-01-01T00:00:00.000000Z"


def test_pages(send: Send, estate: Estate, packs: list[str]) -> None:
    query, found = {"top": "2"}, list[str]()
    for _ in range(4):
        page = send("GET", f"{estate.subscription_resource_id}/resources", **query)
        found += ids(page)
        link = page.body.get("nextLink")
        if link is None:
            break
        assert link.startswith("https://localhost:8443/subscriptions/")
        query = {"top": "2", "skiptoken": parse_qs(urlsplit(link).query)["$skipToken"][0]}
    assert found == [*packs, estate.workspace_resource_id]
    with pytest.raises(InvalidInput, match="skipToken"):
        send("GET", f"{estate.subscription_resource_id}/resources", skiptoken="nonsense")


def test_pages_leave_nothing_out_when_resources_are_deleted_meanwhile(
    send: Send, estate: Estate, packs: list[str]
) -> None:
    page = send("GET", f"{estate.subscription_resource_id}/resources", top="2")
    token = parse_qs(urlsplit(page.body["nextLink"]).query)["$skipToken"][0]
    for id in packs[:2]:
        send("DELETE", id)
    rest = send("GET", f"{estate.subscription_resource_id}/resources", skiptoken=token)
    assert ids(page) + ids(rest) == [*packs, estate.workspace_resource_id]


@pytest.mark.parametrize("token", ["WzFd", "W10", "WyJhIiwidCJd", "WyJNaWNyb3NvZnQ", "bnVsbA"])
def test_a_token_of_another_list(send: Send, estate: Estate, token: str) -> None:
    with pytest.raises(InvalidInput, match="skipToken"):
        send("GET", f"{estate.subscription_resource_id}/resources", skiptoken=token)


def test_only_what_the_caller_may_read(context: Context, owner: Principal, estate: Estate, packs: list[str]) -> None:
    reader = replace(owner, object_id="another", application_id="another")
    context.roles.assign(reader, READER, packs[4])
    path = parse_id(f"{estate.subscription_resource_id}/resources")
    call = Call("GET", path, reader, {"api-version": "2021-04-01"}, "https://localhost:8443")
    assert ids(answer(context, RESOURCE_TYPES, call)) == [packs[4]]
