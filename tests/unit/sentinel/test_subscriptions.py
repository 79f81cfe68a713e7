from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import NotFound

Send = Callable[..., Answer]


def test_what_clients_list_first(send: Send, estate: Estate) -> None:
    (tenant,) = send("GET", "/tenants").body["value"]
    assert (tenant["id"], tenant["tenantId"]) == (f"/tenants/{estate.tenant_id}", estate.tenant_id)
    (subscription,) = send("GET", "/subscriptions").body["value"]
    assert subscription["subscriptionId"] == estate.subscription_id
    assert subscription["id"] == f"/subscriptions/{estate.subscription_id}"
    assert send("GET", subscription["id"].upper()).body == subscription
    (group,) = send("GET", f"{subscription['id']}/resourcegroups").body["value"]
    assert (group["name"], group["type"]) == (estate.resource_group, "Microsoft.Resources/resourceGroups")
    assert send("GET", group["id"]).body == group
    assert send("HEAD", group["id"]).status == 204


def test_another_resource_group(send: Send, estate: Estate) -> None:
    with pytest.raises(NotFound, match="Resource group 'other' could not be found") as missing:
        send("GET", f"{estate.subscription_resource_id}/resourceGroups/other")
    assert missing.value.code == "ResourceGroupNotFound"
