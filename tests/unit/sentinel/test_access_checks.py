"""Deny assignments, what a caller may do at a scope, whether another may, and what there is to be granted at all."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.sentinel.test_role_definitions import ADELE, GUID, OTHER, Send, code
from tests.unit.sentinel.test_role_definitions import owner_sends as owner_sends
from tests.unit.sentinel.test_role_definitions import send_as as send_as

from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER, READER
from vedette.access.roles import DENY_ASSIGNMENT, EVERYONE
from vedette.arm.context import Context
from vedette.core.errors import Forbidden, InvalidInput, NotFound, VedetteError

DENIALS = f"/providers/{DENY_ASSIGNMENT}"
CHECK = "/providers/Microsoft.Authorization/checkAccess"
PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
READ, WRITE = "Microsoft.SecurityInsights/alertRules/read", "Microsoft.SecurityInsights/alertRules/write"


def denial(*principals: tuple[str, str], **more: Any) -> dict[str, Any]:
    named = [{"id": id, "type": type} for id, type in principals]
    properties = {
        "denyAssignmentName": "Deny changes",
        "permissions": [{"actions": ["*/write", "*/delete"]}],
        "principals": named,
    }
    return {"properties": properties | more}


def test_a_deny_assignment_works_from_its_commit_to_its_deletion(
    context: Context, owner_sends: Send, owner: Principal
) -> None:
    group = context.estate.resource_group_id
    context.roles.assign(ADELE, OWNER, group)
    place = f"{group}{DENIALS}/{GUID}"
    made = owner_sends("PUT", place, denial((ADELE.object_id, "User"))).body
    assert made["properties"]["isSystemProtected"] is False
    assert made["properties"]["scope"] == group
    assert made["properties"]["createdBy"] == owner.object_id
    assert made["systemData"]["createdByType"]
    assert not context.roles.allows(ADELE, WRITE, group)
    assert context.roles.allows(ADELE, READ, group)
    assert owner_sends("GET", place).body["properties"]["denyAssignmentEffect"] == "enforced"
    listed = owner_sends("GET", f"{context.estate.subscription_resource_id}{DENIALS}").body["value"]
    assert [each["name"] for each in listed] == [GUID]
    assert owner_sends("DELETE", place).status == 200
    assert context.roles.allows(ADELE, WRITE, group)
    with pytest.raises(NotFound):
        owner_sends("GET", place)


@pytest.mark.parametrize(
    "body",
    [
        denial(),
        denial((OTHER, "Group")),
        denial((EVERYONE, "SystemDefined")),
        denial((OTHER, "User"), permissions=[{"actions": ["*/read"]}]),
        denial((OTHER, "User"), permissions=[{"actions": ["*"]}]),
        denial((OTHER, "User"), permissions=[{"actions": ["Microsoft.SecurityInsights/*"]}]),
        denial((OTHER, "User"), permissions=[{"actions": ["*ad"]}]),
        denial((OTHER, "User"), permissions=[{"actions": ["*/write"], "dataActions": ["*"]}]),
        denial((OTHER, "User"), permissions=[{"actions": ["*/write"], "condition": "x"}]),
        denial((OTHER, "User"), doNotApplyToChildScopes=True),
        denial((OTHER, "User"), denyAssignmentEffect="audit"),
        denial((OTHER, "User"), denyAssignmentName=""),
    ],
)
def test_what_a_caller_cannot_deny(context: Context, owner_sends: Send, body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        owner_sends("PUT", f"{context.estate.resource_group_id}{DENIALS}/{GUID}", body)


def test_filters_of_deny_assignments(context: Context, owner_sends: Send, owner: Principal) -> None:
    group = context.estate.resource_group_id
    excluded = [{"id": OTHER, "type": "User"}, {"id": owner.object_id, "type": "ServicePrincipal"}]
    owner_sends("PUT", f"{group}{DENIALS}/{GUID}", denial((EVERYONE, "SystemDefined"), excludePrincipals=excluded))
    owner_sends("PUT", f"{group}{DENIALS}/{OTHER}", denial((ADELE.object_id, "User"), denyAssignmentName="Other"))

    def names(scope: str, filter: str) -> list[str]:
        return [each["name"] for each in owner_sends("GET", f"{scope}{DENIALS}", filter=filter).body["value"]]

    assert names(group, "atScope()") == [GUID, OTHER]
    with pytest.raises(Forbidden):  # it denies the change of deny assignments too
        context.roles.check(ADELE, f"{DENY_ASSIGNMENT}/write", f"{group}{DENIALS}/{OTHER}")
    assert names(context.estate.subscription_resource_id, "atScope()") == []
    assert names(group, "denyAssignmentName eq 'other'") == [OTHER]
    assert names(group, f"principalId eq '{ADELE.object_id}'") == [OTHER]
    assert names(group, f"principalId eq '{OTHER}'") == []
    exported = owner_sends("GET", f"{group}{DENIALS}", filter=f"gdprExportPrincipalId eq '{OTHER}'").body["value"]
    assert exported == [
        {
            "id": f"{group}{DENIALS}/{GUID}",
            "name": GUID,
            "type": DENY_ASSIGNMENT,
            "properties": {"denyAssignmentName": "Deny changes", "description": ""},
        }
    ]


def test_a_deny_assignment_of_the_system_is_nobodys(context: Context, owner_sends: Send) -> None:
    group = context.estate.resource_group_id
    place = f"{group}{DENIALS}/{GUID}"
    body = denial((ADELE.object_id, "User"), isSystemProtected=True)
    with context.state.transaction() as transaction:
        transaction.put(id=place, type=DENY_ASSIGNMENT, scope=group, name=GUID, body=body)
    for method in ("PUT", "DELETE"):
        with pytest.raises(Forbidden) as refused:
            owner_sends(method, place, denial((ADELE.object_id, "User")))
        assert code(refused) == "DenyAssignmentIsSystemProtected"


def test_what_a_caller_may_do(context: Context, send_as: Callable[[Principal], Send], owner_sends: Send) -> None:
    group = context.estate.resource_group_id
    context.roles.assign(ADELE, READER, group)
    adele = send_as(ADELE)
    assert adele("GET", f"{group}{PERMISSIONS}").body == {
        "value": [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]
    }
    assert owner_sends("GET", f"{group}{PERMISSIONS}").body["value"][0]["actions"] == ["*"]
    assert owner_sends("GET", f"{group}/providers/A.B/c/d/e/f{PERMISSIONS}").status == 200
    with pytest.raises(Forbidden):
        adele("GET", f"{context.estate.subscription_resource_id}{PERMISSIONS}")


def test_whether_a_principal_may(context: Context, send_as: Callable[[Principal], Send], owner_sends: Send) -> None:
    group = context.estate.resource_group_id
    context.roles.assign(ADELE, OWNER, group)
    owner_sends("PUT", f"{group}{DENIALS}/{GUID}", denial((ADELE.object_id, "User")))
    asked = {
        "Subject": {"Attributes": {"ObjectId": ADELE.object_id}},
        "Actions": [{"Id": READ}, {"Id": WRITE}, {"Id": "Microsoft.Insights/Metrics/Write", "IsDataAction": True}],
    }
    decisions = owner_sends("POST", f"{group}{CHECK}", asked).body
    assert [each["accessDecision"] for each in decisions] == ["Allowed", "Denied", "NotAllowed"]
    assert decisions[0]["roleAssignment"]["principalId"] == ADELE.object_id
    assert decisions[1]["denyAssignment"]["denyAssignmentName"] == "Deny changes"
    own = {"actions": [{"id": READ}], "subject": {"principalId": ADELE.object_id}}
    assert send_as(ADELE)("POST", f"{group}{CHECK}", own).body[0]["accessDecision"] == "Allowed"
    assert send_as(ADELE)("POST", f"{group}{CHECK}", {"Actions": [{"Id": READ}]}).body[0]["actionId"] == READ
    below = asked | {"Resource": {"Id": f"{group}/providers/A.B/c/d"}}
    assert owner_sends("POST", f"{group}{CHECK}", below).status == 200
    for wrong in (
        None,
        {"Actions": []},
        {"Actions": [{}]},
        {"Actions": ["x"]},
        asked | {"Resource": {"Id": "/subscriptions/other"}},
    ):
        with pytest.raises(InvalidInput):
            owner_sends("POST", f"{group}{CHECK}", wrong)
    with pytest.raises(Forbidden):
        send_as(Principal(OTHER, None, "stranger", "tenant"))("POST", f"{group}{CHECK}", asked)


def test_what_there_is_to_grant(context: Context, owner_sends: Send) -> None:
    place = "/providers/Microsoft.Authorization/providerOperations"
    every = owner_sends("GET", place).body["value"]
    assert {"Microsoft.SecurityInsights", "Microsoft.Authorization"} <= {each["name"] for each in every}
    told = owner_sends("GET", f"{place}/microsoft.operationalinsights", expand="resourceTypes").body
    names = {operation["name"] for each in told["resourceTypes"] for operation in each["operations"]}
    assert "Microsoft.OperationalInsights/workspaces/write" in names
    data = [each for kind in told["resourceTypes"] for each in kind["operations"] if each["isDataAction"]]
    assert [each["name"] for each in data] == ["Microsoft.OperationalInsights/workspaces/tables/data/read"]
    for wrong in ((f"{place}/Microsoft.Nothing", {}), (place, {"expand": "all"})):
        with pytest.raises(VedetteError):
            owner_sends("GET", wrong[0], **wrong[1])
    subscription = context.estate.subscription_resource_id
    nobody = owner_sends("GET", f"{subscription}/providers/Microsoft.Authorization/classicAdministrators")
    assert nobody.body == {"value": []}


def test_who_has_a_role_on_a_thing_finds_the_subscription_that_it_is_in(
    context: Context, send_as: Callable[[Principal], Send]
) -> None:
    assert send_as(ADELE)("GET", "/subscriptions").body["value"] == []
    context.roles.assign(ADELE, READER, context.estate.resource_group_id)
    (found,) = send_as(ADELE)("GET", "/subscriptions").body["value"]
    assert found["subscriptionId"] == context.estate.subscription_id
