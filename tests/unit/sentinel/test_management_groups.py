from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.errors import NotFound, Unsupported

Send = Callable[..., Answer]


@pytest.fixture
def root(context: Context, owner: Principal, estate: Estate) -> str:
    context.roles.assign(owner, OWNER, "/")
    return f"/providers/Microsoft.Management/managementGroups/{estate.tenant_id}"


def test_the_root(send: Send, estate: Estate, root: str) -> None:
    (listed,) = send("GET", root.rpartition("/")[0]).body["value"]
    assert (listed["id"], listed["properties"]["displayName"]) == (root, "Tenant Root Group")
    shown = send("GET", root.upper(), expand="children").body["properties"]
    assert shown["tenantId"] == estate.tenant_id
    assert [each["id"] for each in shown["children"]] == [estate.subscription_resource_id]
    assert [each["name"] for each in send("GET", f"{root}/descendants").body["value"]] == [estate.subscription_id]
    (under,) = send("GET", f"{root}/subscriptions").body["value"]
    assert send("GET", under["id"]).body == under
    entities = send("POST", "/providers/Microsoft.Management/getEntities").body["value"]
    assert [each["name"] for each in entities] == [estate.tenant_id, estate.subscription_id]


def test_there_is_no_other(send: Send, root: str) -> None:
    with pytest.raises(NotFound):
        send("GET", f"{root}x")
    with pytest.raises(Unsupported):
        send("PUT", f"{root}x", {"properties": {}})
    with pytest.raises(NotFound):
        send("GET", f"{root}/subscriptions/other")


def test_the_list_is_of_what_may_be_read(send: Send) -> None:
    assert send("GET", "/providers/Microsoft.Management/managementGroups").body["value"] == []
