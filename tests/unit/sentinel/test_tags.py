from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import InvalidInput, NotFound

Send = Callable[..., Answer]


def at(scope: str) -> str:
    return f"{scope}/providers/Microsoft.Resources/tags/default"


def changed(operation: str, **tags: str) -> dict[str, object]:
    return {"operation": operation, "properties": {"tags": tags}}


@pytest.fixture(params=["subscription", "group", "workspace", "elsewhere"])
def scope(request: pytest.FixtureRequest, estate: Estate) -> str:
    return {
        "subscription": estate.subscription_resource_id,
        "group": estate.resource_group_id,
        "workspace": estate.workspace_resource_id,
        "elsewhere": f"{estate.resource_group_id}/providers/Microsoft.Compute/virtualMachines/vm",
    }[request.param]


def test_the_tags_of_a_scope(send: Send, scope: str) -> None:
    id = at(scope)
    assert send("GET", id).body["properties"] == {"tags": {}}
    made = send("PUT", id, {"properties": {"tags": {"Team": "soc", "stage": "live"}}})
    assert (made.status, made.body["type"]) == (200, "Microsoft.Resources/tags")
    merged = send("PATCH", id, changed("merge", team="it", more="yes"))
    assert merged.body["properties"]["tags"] == {"Team": "it", "stage": "live", "more": "yes"}
    left = send("PATCH", id, changed("Delete", team="other", more="yes"))
    assert left.body["properties"]["tags"] == {"Team": "it", "stage": "live"}
    assert send("PATCH", id, changed("Replace", a="b")).body["properties"]["tags"] == {"a": "b"}
    assert send("DELETE", id).status == 200
    assert send("GET", id).body["properties"] == {"tags": {}}


def test_they_are_those_of_the_resource(send: Send, estate: Estate) -> None:
    send("PUT", at(estate.workspace_resource_id), {"properties": {"tags": {"a": "b"}}})
    assert send("GET", estate.workspace_resource_id).body["tags"] == {"a": "b"}
    send("PUT", at(estate.resource_group_id), {"properties": {"tags": {"c": "d"}}})
    assert send("GET", estate.resource_group_id).body["tags"] == {"c": "d"}
    send("PUT", at(estate.subscription_resource_id), {"properties": {"tags": {"e": "f"}}})
    assert send("GET", estate.subscription_resource_id).body["tags"] == {"e": "f"}


def test_what_has_no_tags(send: Send, estate: Estate, sentinel: str) -> None:
    incident = f"{sentinel}/incidents/i"
    send("PUT", incident, {"properties": {"title": "t", "severity": "Low", "status": "New"}})
    with pytest.raises(InvalidInput, match="has no tags"):
        send("GET", at(incident))
    with pytest.raises(NotFound):
        send("GET", at(estate.resource_group_id + "x"))
    with pytest.raises(NotFound):
        send("GET", f"{estate.resource_group_id}/providers/Microsoft.Resources/tags/other")


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"properties": {"tags": {"a": 1}}}, {"properties": {"tags": {"a/b": "c"}}}, {"tags": {"a": "b"}}],
)
def test_tags_are_refused(send: Send, estate: Estate, body: object) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", at(estate.resource_group_id), body)
    with pytest.raises(InvalidInput):
        send("PATCH", at(estate.resource_group_id), body)


def test_at_most_fifty(send: Send, estate: Estate) -> None:
    id = at(estate.resource_group_id)
    send("PUT", id, {"properties": {"tags": {f"n{number}": "" for number in range(50)}}})
    with pytest.raises(InvalidInput, match="at most 50"):
        send("PATCH", id, changed("Merge", another="x"))
