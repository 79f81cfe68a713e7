"""Names of tags: what uses one counts in any letter case, and for a removal whoever may read it."""

from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict
from vedette.sentinel.resources import RESOURCE_TYPES

Send = Callable[..., Answer]


@pytest.fixture
def names(send: Send, estate: Estate) -> str:
    names = f"{estate.subscription_resource_id}/tagNames"
    for each in (f"{names}/Team", f"{names}/Team/tagValues/soc", f"{names}/Team/tagValues/it", f"{names}/free"):
        send("PUT", each)
    group = f"{estate.subscription_resource_id}/resourceGroups/tagged"
    send("PUT", group, {"location": "eastus", "tags": {"team": "soc"}})
    return names


def test_names_are_listed_folded_with_all_values(send: Send, names: str) -> None:
    (free, team) = send("GET", names).body["value"]
    assert (free["tagName"], free["values"]) == ("free", [])
    assert (team["tagName"].lower(), team["count"]["value"]) == ("team", 1)
    assert {each["tagValue"]: each["count"]["value"] for each in team["values"]} == {"soc": 1, "it": 0}


def test_what_is_used_is_not_removed(send: Send, names: str) -> None:
    with pytest.raises(Conflict, match="in use"):
        send("DELETE", f"{names}/Team")
    with pytest.raises(Conflict, match="in use"):
        send("DELETE", f"{names}/Team/tagValues/soc")
    assert send("DELETE", f"{names}/Team/tagValues/it").status == 200
    assert send("DELETE", f"{names}/free").status == 200


def test_what_the_caller_cannot_read_is_in_use_too(context: Context, owner: Principal, names: str) -> None:
    stranger = Principal("9d1b1a07-6ad6-4a86-b5a7-0f6b1b1f4f11", "tagger", "tagger", owner.tenant_id)
    context.roles.assign(stranger, OWNER, f"{names}/Team")
    call = Call("DELETE", parse_id(f"{names}/Team"), stranger, {"api-version": "2021-04-01"}, "https://localhost:8443")
    with pytest.raises(Conflict, match="in use"):
        answer(context, RESOURCE_TYPES, call)
    assert context.state.get(f"{names}/Team") is not None
