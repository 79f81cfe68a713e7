from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import Conflict, InvalidInput

Send = Callable[..., Answer]
Finish = Callable[[Answer], None]
PACK = {"location": "eastus", "properties": {}}


@pytest.fixture
def group(send: Send, estate: Estate) -> str:
    id = f"{estate.subscription_resource_id}/resourceGroups/Locked"
    send("PUT", id, {"location": "eastus"})
    return id


def lock(send: Send, scope: str, level: str, name: str = "l") -> str:
    id = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    made = send("PUT", id, {"properties": {"level": level, "notes": "ours"}})
    assert (made.status, made.body["properties"]) == (201, {"level": level, "notes": "ours"})
    return id


def test_what_can_not_be_deleted(send: Send, finish: Finish, group: str) -> None:
    pack = f"{group}/providers/Microsoft.OperationalInsights/queryPacks/p"
    send("PUT", pack, PACK)
    id = lock(send, group, "CanNotDelete")
    assert send("PUT", pack, PACK | {"tags": {"a": "b"}}).status == 200
    for locked in (pack, group):
        with pytest.raises(Conflict) as refused:
            send("DELETE", locked)
        assert refused.value.code == "ScopeLocked"
        assert refused.value.message == (
            f"The scope '{locked}' cannot perform delete operation because following scope(s) are locked: '{group}'. "
            "Please remove the lock and try again."
        )
    assert send("DELETE", id).status == 200
    assert send("DELETE", id).status == 204
    assert send("DELETE", pack).status == 200
    finish(send("DELETE", group))


def test_what_is_inside_keeps_a_group(send: Send, group: str) -> None:
    pack = f"{group}/providers/Microsoft.OperationalInsights/queryPacks/p"
    send("PUT", pack, PACK)
    lock(send, pack, "CanNotDelete")
    with pytest.raises(Conflict, match="queryPacks/p'"):
        send("DELETE", group)
    other = f"{pack}2"
    send("PUT", other, PACK)
    assert send("DELETE", other).status == 200


def test_read_only(send: Send, estate: Estate, sentinel: str) -> None:
    lock(send, estate.workspace_resource_id, "readonly".replace("readonly", "ReadOnly"))
    rule = f"{sentinel}/incidents/i"
    for method in ("PUT", "DELETE"):
        with pytest.raises(Conflict, match="are locked"):
            send(method, rule, {"properties": {"title": "t", "severity": "Low", "status": "New"}})
    with pytest.raises(Conflict, match="cannot perform write operation"):
        send("POST", f"{estate.workspace_resource_id}/sharedKeys")
    assert send("GET", f"{sentinel}/incidents").status == 200
    assert send("PATCH", estate.resource_group_id, {"tags": {"a": "b"}}).status == 200


def test_where_locks_are_listed(send: Send, estate: Estate, group: str) -> None:
    above = lock(send, estate.subscription_resource_id, "CanNotDelete", "above")
    here = lock(send, group, "CanNotDelete", "here")
    send("PUT", f"{group}/providers/Microsoft.OperationalInsights/queryPacks/p", PACK)
    below = lock(send, f"{group}/providers/Microsoft.OperationalInsights/queryPacks/p", "ReadOnly", "below")
    listed = f"{group}/providers/Microsoft.Authorization/locks"
    assert [each["id"] for each in send("GET", listed).body["value"]] == [above, here, below]
    assert [each["id"] for each in send("GET", listed, filter="atScope()").body["value"]] == [above, here]
    with pytest.raises(InvalidInput):
        send("GET", listed, filter="name eq 'x'")


@pytest.mark.parametrize("properties", [{}, {"level": "Never"}, {"level": "ReadOnly", "owners": [{}]}])
def test_a_lock_is_refused(send: Send, group: str, properties: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", f"{group}/providers/Microsoft.Authorization/locks/l", {"properties": properties})
