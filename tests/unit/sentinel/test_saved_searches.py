from collections.abc import Callable
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import Conflict, InvalidInput, NotFound

Send = Callable[..., Answer]


@pytest.fixture
def place(estate: Estate) -> str:
    return f"{estate.workspace_resource_id}/savedSearches/One"


def body(**properties: Any) -> dict[str, Any]:
    return {"properties": {"category": "Hunting Queries", "displayName": "d", "query": "Heartbeat", **properties}}


def test_the_life_of_a_saved_search(send: Send, place: str) -> None:
    made = send("PUT", place, body(tags=[{"name": "tactics", "value": "Impact"}], version="1"))
    assert made.status == 200
    assert made.body["properties"]["version"] == 1
    assert send("GET", place.upper()).body == made.body
    assert send("GET", place.rpartition("/")[0]).body == {"value": [made.body]}
    assert send("DELETE", place).status == 200
    with pytest.raises(NotFound):
        send("DELETE", place)


def test_to_replace_it_the_etag_must_be_sent(send: Send, place: str) -> None:
    made = send("PUT", place, body()).body
    with pytest.raises(Conflict, match="Newer data exists"):
        send("PUT", place, body(displayName="e"))
    with pytest.raises(Conflict):
        send("PUT", place, body() | {"etag": "other"})
    changed = send("PUT", place, body(displayName="e") | {"etag": made["etag"]}).body
    assert changed["properties"]["displayName"] == "e"
    assert changed["etag"] != made["etag"]
    assert send("PUT", place, body(displayName="f") | {"eTag": "*"}).body["properties"]["displayName"] == "f"


def test_names_with_capitals(send: Send, place: str) -> None:
    sent = {
        "Category": "c",
        "DisplayName": "d",
        "Query": "Heartbeat",
        "FunctionAlias": "f",
        "Tags": [{"Name": "Group", "Value": "Computer"}],
        "Version": 2,
    }
    assert send("PUT", place, {"properties": sent}).body["properties"] == {
        "category": "c",
        "displayName": "d",
        "query": "Heartbeat",
        "functionAlias": "f",
        "tags": [{"name": "Group", "value": "Computer"}],
        "version": 2,
    }


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"category": ""}, "properties.category"),
        ({"displayName": None}, "properties.displayName"),
        ({"query": 5}, "properties.query"),
        ({"tags": [{"name": "a"}]}, r"properties.tags\[0\].value"),
        ({"functionAlias": "f", "query": "Heartbeat | wher x"}, "properties.query.*line 1, column 13"),
        ({"functionAlias": "f", "functionParameters": "a:colour"}, "properties.functionParameters"),
    ],
)
def test_what_cannot_be_saved(send: Send, place: str, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        send("PUT", place, body(**properties))
