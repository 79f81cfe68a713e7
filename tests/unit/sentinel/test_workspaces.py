from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import NotFound

Send = Callable[..., Answer]


def test_get_and_list(send: Send, estate: Estate) -> None:
    workspace = send("GET", estate.workspace_resource_id).body
    assert workspace["properties"]["customerId"] == estate.workspace_id
    group, _, _ = estate.workspace_resource_id.partition("/providers/")
    for scope in (group, estate.subscription_resource_id, group.upper()):
        assert send("GET", f"{scope}/providers/Microsoft.OperationalInsights/workspaces").body == {"value": [workspace]}


def test_shared_keys(send: Send, estate: Estate) -> None:
    keys = send("POST", f"{estate.workspace_resource_id}/sharedKeys").body
    assert keys == {"primarySharedKey": estate.primary_shared_key, "secondarySharedKey": estate.secondary_shared_key}


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
