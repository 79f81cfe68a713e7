"""Role definitions: the built-in ones everywhere, custom ones where they may be assigned, and nobody above himself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER, READER, USER_ACCESS_ADMINISTRATOR, built_in_roles
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Forbidden, InvalidInput, NotFound, VedetteError
from vedette.sentinel.resources import RESOURCE_TYPES

GUID = "11111111-aaaa-bbbb-cccc-000000000001"
OTHER = "11111111-aaaa-bbbb-cccc-000000000002"
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"
ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments"
ACTION = "Microsoft.SecurityInsights/alertRules/read"
ADELE = Principal("22222222-aaaa-bbbb-cccc-000000000001", None, "adele", "tenant")

Send = Callable[..., Answer]


@pytest.fixture
def send_as(context: Context) -> Callable[[Principal], Send]:
    def of(principal: Principal) -> Send:
        def send(method: str, id: str, body: Any = None, **query: str) -> Answer:
            parameters = {"api-version": "2022-04-01", **{f"${name}": value for name, value in query.items()}}
            call = Call(method, parse_id(id), principal, parameters, "https://localhost:8443", body)
            return answer(context, RESOURCE_TYPES, call)

        return send

    return of


@pytest.fixture
def owner_sends(send_as: Callable[[Principal], Send], owner: Principal) -> Send:
    return send_as(owner)


def role(name: str, *scopes: str, **permission: Any) -> dict[str, Any]:
    granted = {"actions": [ACTION], "notActions": []} | permission
    return {"properties": {"roleName": name, "permissions": [granted], "assignableScopes": list(scopes)}}


def code(raised: pytest.ExceptionInfo[VedetteError]) -> str:
    return raised.value.code


def test_a_custom_role_is_put_changed_shown_and_deleted(context: Context, owner_sends: Send, owner: Principal) -> None:
    subscription = context.estate.subscription_resource_id
    made = owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID.upper()}", role("Ruler", subscription))
    assert made.status == 201
    assert made.body["id"] == f"{subscription}{DEFINITIONS}/{GUID}"
    assert made.body["name"] == GUID
    properties = made.body["properties"]
    assert properties["type"] == "CustomRole"
    assert properties["permissions"][0] == {
        "actions": [ACTION],
        "notActions": [],
        "dataActions": [],
        "notDataActions": [],
    }
    assert properties["createdBy"] == properties["updatedBy"] == owner.object_id
    again = owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", role("Ruler", subscription, actions=["*"]))
    assert again.status == 201
    assert again.body["properties"]["createdOn"] == properties["createdOn"]
    group = context.estate.resource_group_id
    assert owner_sends("GET", f"{group}{DEFINITIONS}/{GUID}").body["properties"]["permissions"][0]["actions"] == ["*"]
    assert owner_sends("GET", f"{DEFINITIONS}/{GUID}").body["id"] == f"{DEFINITIONS}/{GUID}"
    gone = owner_sends("DELETE", f"{subscription}{DEFINITIONS}/{GUID}")
    assert (gone.status, gone.body["name"]) == (200, GUID)
    assert owner_sends("DELETE", f"{subscription}{DEFINITIONS}/{GUID}").status == 204
    with pytest.raises(NotFound) as missing:
        owner_sends("GET", f"{subscription}{DEFINITIONS}/{GUID}")
    assert code(missing) == "RoleDefinitionDoesNotExist"


def test_lists_and_their_filters(context: Context, owner_sends: Send) -> None:
    subscription, group = context.estate.subscription_resource_id, context.estate.resource_group_id
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", role("Everywhere", subscription))
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{OTHER}", role("In the group", group))

    def names(scope: str, filter: str | None = None) -> set[str]:
        listed = owner_sends("GET", f"{scope}{DEFINITIONS}", **({"filter": filter} if filter else {}))
        return {each["properties"]["roleName"] for each in listed.body["value"]}

    custom = "type eq 'CustomRole'"
    assert len(names(subscription)) == len(built_in_roles()) + 1
    assert names(subscription, custom) == {"Everywhere"}
    assert names(group, custom) == {"Everywhere", "In the group"}
    assert names(subscription, f"atScopeAndBelow() and {custom}") == {"Everywhere", "In the group"}
    assert names(subscription, "roleName eq 'reader'") == {"Reader"}
    assert names(subscription, "roleName eq 'None''s'") == set()
    assert len(names("", "type eq 'BuiltInRole'")) == len(built_in_roles())
    with pytest.raises(InvalidInput) as refused:
        names(subscription, "roleName ne 'x'")
    assert code(refused) == "InvalidFilter"


def test_a_built_in_role_is_shown_and_not_changed(context: Context, owner_sends: Send, owner: Principal) -> None:
    context.roles.assign(owner, OWNER, "/")
    for scope in (context.estate.subscription_resource_id, ""):
        shown = owner_sends("GET", f"{scope}{DEFINITIONS}/{READER}").body
        assert shown["id"] == f"{scope}{DEFINITIONS}/{READER}"
        assert shown["properties"]["permissions"][0]["actions"] == ["*/read"]
        assert shown["properties"]["type"] == "BuiltInRole"
        for method in ("PUT", "DELETE"):
            with pytest.raises(InvalidInput, match="built in"):
                owner_sends(method, f"{scope}{DEFINITIONS}/{READER}", role("Reader", "/subscriptions/s"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"assignableScopes": ["/"]}, "InvalidAssignableScope"),
        ({"assignableScopes": ["/subscriptions/*"]}, "InvalidAssignableScope"),
        ({"assignableScopes": []}, "InvalidParameter"),
        ({"assignableScopes": ["/subscriptions/another"]}, "AuthorizationFailed"),
        ({"permissions": []}, "InvalidParameter"),
        ({"permissions": [{"actions": []}]}, "InvalidParameter"),
        ({"permissions": [{"actions": ["a b"]}]}, "InvalidParameter"),
        ({"permissions": [{"actions": ["*"], "condition": "x"}]}, "ConditionNotSupported"),
        ({"roleName": "owner"}, "RoleDefinitionWithSameNameExists"),
        ({"roleName": "TAKEN"}, "RoleDefinitionWithSameNameExists"),
        ({"roleName": None}, "InvalidParameter"),
    ],
)
def test_what_is_no_custom_role(context: Context, owner_sends: Send, change: dict[str, Any], expected: str) -> None:
    subscription = context.estate.subscription_resource_id
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{OTHER}", role("Taken", subscription))
    body = role("Mine", subscription)
    with pytest.raises(VedetteError) as refused:
        owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", {"properties": body["properties"] | change})
    assert code(refused) == expected


def test_an_assigned_role_stays_and_so_do_its_scopes(context: Context, owner_sends: Send) -> None:
    subscription, group = context.estate.subscription_resource_id, context.estate.resource_group_id
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", role("Mine", subscription, group))
    context.roles.assign(ADELE, GUID, subscription)
    with pytest.raises(InvalidInput) as refused:
        owner_sends("DELETE", f"{subscription}{DEFINITIONS}/{GUID}")
    assert code(refused) == "RoleDefinitionHasAssignments"
    with pytest.raises(InvalidInput) as narrowed:
        owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", role("Mine", group))
    assert code(narrowed) == "RoleDefinitionHasAssignments"


def test_who_may_write_roles_in_one_place_gains_nothing_in_another(
    context: Context, owner_sends: Send, send_as: Callable[[Principal], Send]
) -> None:
    subscription, group = context.estate.subscription_resource_id, context.estate.resource_group_id
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{GUID}", role("Wide", subscription))
    context.roles.assign(ADELE, GUID, subscription)
    context.roles.assign(ADELE, USER_ACCESS_ADMINISTRATOR, group)
    adele = send_as(ADELE)
    for scopes in ([subscription], [group, subscription]):
        with pytest.raises(Forbidden):
            adele("PUT", f"{group}{DEFINITIONS}/{OTHER}", role("Wider", *scopes, actions=["*"]))
    with pytest.raises(Forbidden):  # the role that she holds at the subscription, made larger
        adele("PUT", f"{group}{DEFINITIONS}/{GUID}", role("Wide", group, actions=["*"]))
    with pytest.raises(Forbidden):
        adele("DELETE", f"{group}{DEFINITIONS}/{GUID}")
    assert adele("PUT", f"{group}{DEFINITIONS}/{OTHER}", role("Narrow", group, actions=["*"])).status == 201
    with pytest.raises(Forbidden):
        adele("PUT", f"{subscription}{DEFINITIONS}/{OTHER}", role("Narrow", group))
    stranger = send_as(replace(ADELE, object_id="nobody"))
    assert stranger("GET", f"{DEFINITIONS}/{READER}").status == 200
    with pytest.raises(NotFound):
        stranger("GET", f"{DEFINITIONS}/{GUID}")
    assert len(stranger("GET", DEFINITIONS).body["value"]) == len(built_in_roles())
    with pytest.raises(Forbidden):
        stranger("GET", f"{subscription}{DEFINITIONS}")
