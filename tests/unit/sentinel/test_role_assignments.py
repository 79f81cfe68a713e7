"""Role assignments at every scope: who may make them, what is refused, what lists show, and what a deletion does."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.sentinel.test_role_definitions import ADELE, ASSIGNMENTS, DEFINITIONS, GUID, OTHER, Send, code, role
from tests.unit.sentinel.test_role_definitions import owner_sends as owner_sends
from tests.unit.sentinel.test_role_definitions import send_as as send_as

from vedette.access.principals import Principal
from vedette.access.role_definitions import (
    CONTRIBUTOR,
    OWNER,
    READER,
    USER_ACCESS_ADMINISTRATOR,
)
from vedette.arm.context import Context
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unsupported, VedetteError

READ = "Microsoft.SecurityInsights/alertRules/read"


def given(role: str = READER, principal: str = ADELE.object_id, **more: Any) -> dict[str, Any]:
    properties = {"roleDefinitionId": f"{DEFINITIONS}/{role}", "principalId": principal, "principalType": "User"}
    return {"properties": properties | more}


def scopes(context: Context) -> list[str]:
    estate = context.estate
    workspace = estate.workspace_resource_id
    return [
        "",
        f"/providers/Microsoft.Management/managementGroups/{estate.tenant_id}",
        estate.subscription_resource_id,
        estate.resource_group_id,
        workspace,
        f"{workspace}/tables/Heartbeat",
        f"{estate.resource_group_id}/providers/Microsoft.Compute/virtualMachines/vm/extensions/e",
    ]


def test_at_any_scope(context: Context, owner_sends: Send, owner: Principal) -> None:
    context.roles.assign(owner, OWNER, "/")
    for scope in scopes(context):
        place = f"{scope}{ASSIGNMENTS}/{GUID}"
        made = owner_sends("PUT", place, given(description="for a test"))
        assert made.status == 201
        properties = made.body["properties"]
        assert properties["scope"] == scope or (scope, properties["scope"]) == ("", "/")
        in_subscription = scope.startswith("/subscriptions")
        home = context.estate.subscription_resource_id if in_subscription else ""
        assert properties["roleDefinitionId"] == f"{home}{DEFINITIONS}/{READER}"
        assert properties["createdBy"] == owner.object_id
        assert properties["createdOn"] == properties["updatedOn"]
        assert owner_sends("GET", place).body == made.body
        assert context.roles.allows(ADELE, READ, f"{scope}/x/y")
        again = owner_sends("PUT", place, given(description="changed"))
        assert (again.status, again.body["properties"]["description"]) == (201, "changed")
        gone = owner_sends("DELETE", place)
        assert (gone.status, gone.body["id"]) == (200, made.body["id"])
        assert not context.roles.allows(ADELE, READ, f"{scope}/x/y")
        assert owner_sends("DELETE", place).status == 204
        with pytest.raises(NotFound) as missing:
            owner_sends("GET", place)
        assert code(missing) == "RoleAssignmentNotFound"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"principalId": None}, "InvalidParameter"),
        ({"principalId": "adele"}, "InvalidPrincipalId"),
        ({"principalType": "Robot"}, "InvalidParameter"),
        ({"principalType": None}, "PrincipalNotFound"),
        ({"roleDefinitionId": READER}, "InvalidRoleDefinitionId"),
        ({"roleDefinitionId": f"/providers/Microsoft.Authorization/policies/{READER}"}, "InvalidRoleDefinitionId"),
        ({"roleDefinitionId": f"{DEFINITIONS}/{OTHER}"}, "RoleDefinitionDoesNotExist"),
        ({"condition": "@Resource[x] StringEquals 'y'", "conditionVersion": "2.0"}, "ConditionNotSupported"),
    ],
)
def test_what_is_no_assignment(context: Context, owner_sends: Send, change: dict[str, Any], expected: str) -> None:
    body = given()
    with pytest.raises(VedetteError) as refused:
        owner_sends(
            "PUT",
            f"{context.estate.subscription_resource_id}{ASSIGNMENTS}/{GUID}",
            {"properties": body["properties"] | change},
        )
    assert code(refused) == expected
    assert isinstance(refused.value, Unsupported if expected == "ConditionNotSupported" else InvalidInput)


def test_a_name_is_a_guid_and_no_assignment_is_there_twice(context: Context, owner_sends: Send) -> None:
    subscription = context.estate.subscription_resource_id
    with pytest.raises(InvalidInput) as refused:
        owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/mine", given())
    assert code(refused) == "InvalidRoleAssignmentId"
    owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/{GUID}", given())
    with pytest.raises(Conflict) as twice:
        owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/{OTHER}", given(principal=ADELE.object_id.upper()))
    assert code(twice) == "RoleAssignmentExists"
    assert GUID.replace("-", "") in twice.value.message
    for change in ({"principal": OTHER}, {"role": CONTRIBUTOR}):
        with pytest.raises(InvalidInput) as changed:
            owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/{GUID}", given(**change))
        assert code(changed) == "RoleAssignmentUpdateNotPermitted"
    assert owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/{OTHER}", given(CONTRIBUTOR)).status == 201


def test_a_custom_role_is_assigned_where_it_may_be(context: Context, owner_sends: Send) -> None:
    subscription, group = context.estate.subscription_resource_id, context.estate.resource_group_id
    owner_sends("PUT", f"{subscription}{DEFINITIONS}/{OTHER}", role("In the group", group))
    with pytest.raises(InvalidInput) as refused:
        owner_sends("PUT", f"{subscription}{ASSIGNMENTS}/{GUID}", given(OTHER))
    assert code(refused) == "RoleDefinitionDoesNotExist"
    assert owner_sends("PUT", f"{group}{ASSIGNMENTS}/{GUID}", given(OTHER)).status == 201
    assert context.roles.allows(ADELE, READ, group)
    assert not context.roles.allows(ADELE, READ, subscription)


def test_the_directory_says_what_a_principal_is(context: Context, owner_sends: Send) -> None:
    context.roles.type_of = lambda id: "Group" if id == ADELE.object_id else None
    place = f"{context.estate.subscription_resource_id}{ASSIGNMENTS}/{GUID}"
    assert owner_sends("PUT", place, given(principalType=None)).body["properties"]["principalType"] == "Group"


def test_what_a_list_shows(context: Context, owner_sends: Send, owner: Principal) -> None:
    estate = context.estate
    context.roles.assign(owner, OWNER, "/")
    context.roles.assign(ADELE, READER, estate.resource_group_id)
    context.roles.assign(ADELE, CONTRIBUTOR, estate.workspace_resource_id)
    team = Principal(OTHER, None, "team", "tenant")
    context.roles.assign(team, READER, "/")
    context.roles.groups_of = lambda id: [OTHER] if id == ADELE.object_id else []

    def found(scope: str, filter: str = "") -> list[tuple[str, str]]:
        listed = owner_sends("GET", f"{scope}{ASSIGNMENTS}", **({"filter": filter} if filter else {}))
        names = {owner.object_id: "owner", ADELE.object_id: "adele", OTHER: "team"}
        told = [each["properties"] for each in listed.body["value"]]
        return sorted((names[each["principalId"]], each["scope"]) for each in told)

    group, subscription, workspace = (
        estate.resource_group_id,
        estate.subscription_resource_id,
        estate.workspace_resource_id,
    )
    above = [("owner", "/"), ("owner", subscription), ("team", "/")]
    assert found(group) == [("adele", group), ("adele", workspace), *above]
    assert found(group, "atScope()") == [("adele", group), *above]
    assert found("", "atScope()") == [("owner", "/"), ("team", "/")]
    assert len(found("")) == 5
    adele = f"'{ADELE.object_id.upper()}'"
    assert found(subscription, f"principalId eq {adele}") == [("adele", group), ("adele", workspace)]
    assert found(subscription, f"principalId eq {ADELE.object_id}") == [("adele", group), ("adele", workspace)]
    assert found(group, f"atScope() and assignedTo('{ADELE.object_id}')") == [("adele", group), ("team", "/")]
    root = f"/providers/Microsoft.Management/managementGroups/{estate.tenant_id}"
    context.roles.assign(team, CONTRIBUTOR, root)
    assert ("team", root) in found(group, "atScope()")
    assert found(root, "atScope()") == [("owner", "/"), ("team", "/"), ("team", root)]
    assert len(found(root)) == 6
    for wrong in ("atScope", "atScope() and", "atScope() atScope()", "principalId eq 'x' or atScope()", "x" * 3000):
        with pytest.raises(InvalidInput):
            found(group, wrong)
    page = owner_sends("GET", f"{group}{ASSIGNMENTS}", top="2").body
    assert len(page["value"]) == 2
    assert "$skipToken=" in page["nextLink"]


def test_only_who_may_assign_assigns(context: Context, owner_sends: Send, send_as: Callable[[Principal], Send]) -> None:
    subscription, group = context.estate.subscription_resource_id, context.estate.resource_group_id
    adele = send_as(ADELE)
    context.roles.assign(ADELE, CONTRIBUTOR, subscription)
    for scope in ("", subscription, group):
        for method in ("PUT", "DELETE"):
            with pytest.raises(Forbidden):
                adele(method, f"{scope}{ASSIGNMENTS}/{GUID}", given(OWNER))
    context.roles.assign(ADELE, USER_ACCESS_ADMINISTRATOR, group)
    assert adele("PUT", f"{group}{ASSIGNMENTS}/{GUID}", given(OWNER)).status == 201
    with pytest.raises(Forbidden):
        adele("PUT", f"{subscription}{ASSIGNMENTS}/{GUID}", given(OWNER))
    stranger = send_as(Principal(OTHER, None, "stranger", "tenant"))
    for path in (f"{group}{ASSIGNMENTS}", f"{group}{ASSIGNMENTS}/{GUID}", f"{group}x{ASSIGNMENTS}"):
        with pytest.raises(Forbidden):
            stranger("GET", path)
    assert owner_sends("GET", f"{group}{ASSIGNMENTS}/{GUID}").status == 200
