from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import InvalidInput, NotFound

Send = Callable[..., Answer]
NAME = "deadb33f-5e0d-4064-8ebb-1a4ed0313eb2"


def workbook(**properties: Any) -> dict[str, Any]:
    sent = {"displayName": "Sign-ins", "serializedData": '{"items":[]}', "category": "sentinel", **properties}
    return {"location": "eastus", "tags": {"a": "b"}, "properties": sent}


@pytest.fixture
def id(estate: Estate) -> str:
    return f"{estate.resource_group_id}/providers/Microsoft.Insights/workbooks/{NAME}"


def test_the_life_of_a_workbook(send: Send, estate: Estate, id: str) -> None:
    made = send("PUT", id, workbook(sourceId=estate.workspace_resource_id))
    assert (made.status, made.body["kind"]) == (201, "shared")
    assert made.body["tags"] == {"a": "b", "hidden-title": "Sign-ins"}
    properties = made.body["properties"]
    assert (properties["version"], properties["sourceId"]) == ("Notebook/1.0", estate.workspace_resource_id)
    assert properties["userId"] == estate.client_object_id
    changed = send("PATCH", id, {"properties": {"displayName": "Others"}}).body
    assert (changed["properties"]["displayName"], changed["tags"]["hidden-title"]) == ("Others", "Others")
    assert changed["properties"]["serializedData"] == '{"items":[]}'
    revisions = send("GET", f"{id}/revisions").body["value"]
    assert [each["properties"]["displayName"] for each in revisions] == ["Others", "Sign-ins"]
    assert {each["properties"]["serializedData"] for each in revisions} == {None}
    first = send("GET", f"{id}/revisions/{properties['revision']}").body
    assert (first["id"], first["properties"]["serializedData"]) == (id, '{"items":[]}')
    with pytest.raises(NotFound):
        send("GET", f"{id}/revisions/none")
    assert send("DELETE", id).status == 200
    assert send("DELETE", id).status == 204


def test_lists(send: Send, estate: Estate, id: str) -> None:
    send("PUT", id, workbook(sourceId=estate.workspace_resource_id, tags=["one"]))
    send("PUT", f"{id}2", workbook(category="workbook"))

    def named(**query: str) -> list[str]:
        list = f"{estate.subscription_resource_id}/providers/Microsoft.Insights/workbooks"
        return [each["id"] for each in send("GET", list, **query).body["value"]]

    assert named() == [id, f"{id}2"]
    assert named(category="Sentinel") == [id]
    assert named(sourceId=estate.workspace_resource_id.upper()) == [id]
    assert named(tags="one,a") == [id]
    (_, other) = send("GET", f"{estate.resource_group_id}/providers/Microsoft.Insights/workbooks").body["value"]
    assert other["properties"]["serializedData"] == '{"items":[]}'
    assert send("GET", id, canFetchContent="false").body["properties"]["serializedData"] is None


def test_at_most_a_hundred_revisions(send: Send, id: str) -> None:
    for number in range(103):
        send("PUT", id, workbook(displayName=f"n{number}"))
    page = send("GET", f"{id}/revisions").body
    revisions = page["value"]
    send("PUT", id, workbook(displayName="n103"))  # neither repeats a revision nor leaves one out
    while page["nextLink"]:
        token = parse_qs(urlsplit(page["nextLink"]).query)["$skipToken"][0]
        page = send("GET", f"{id}/revisions", skiptoken=token).body
        revisions += page["value"]
    assert [each["properties"]["displayName"] for each in revisions] == [f"n{number}" for number in range(102, 3, -1)]
    with pytest.raises(InvalidInput, match="skipToken"):
        send("GET", f"{id}/revisions", skiptoken=token[:-1])


@pytest.mark.parametrize("missing", ["displayName", "serializedData", "category"])
def test_a_workbook_is_refused(send: Send, id: str, missing: str) -> None:
    body = workbook()
    del body["properties"][missing]
    with pytest.raises(InvalidInput, match=missing):
        send("PUT", id, body)
