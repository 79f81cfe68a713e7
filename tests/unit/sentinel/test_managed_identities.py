"""Identities of resources are objects in the directory, there for as long as the resource is."""

import time

import pytest
from tests.unit.sentinel.conftest import Send

from vedette.access.app_roles import give, graph_object
from vedette.access.directory import Directory
from vedette.access.directory_objects import MEMBERSHIP, membership_id, put_object
from vedette.access.estate import Estate
from vedette.access.principals import Principal, PrincipalKind
from vedette.access.role_definitions import LOG_ANALYTICS_CONTRIBUTOR, OWNER, READER
from vedette.access.well_known import GRAPH_PERMISSIONS
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.clock import SystemClock
from vedette.core.errors import Forbidden, InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES


@pytest.fixture
def directory(context: Context, estate: Estate) -> Directory:
    return Directory(context.state, estate.tenant_id, SystemClock())


@pytest.fixture
def cluster(estate: Estate) -> str:
    return f"{estate.resource_group_id}/providers/Microsoft.OperationalInsights/clusters/c"


@pytest.fixture
def user_assigned(estate: Estate) -> str:
    return f"{estate.resource_group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"


BODY = {"location": "eastus", "sku": {"name": "CapacityReservation", "capacity": 500}}


def test_a_resources_own_identity(send: Send, directory: Directory, estate: Estate, cluster: str) -> None:
    shown = send("PUT", cluster, BODY).body["identity"]
    assert (shown["type"], shown["tenantId"]) == ("SystemAssigned", estate.tenant_id)
    standing = directory.standing(shown["principalId"])
    assert standing is not None
    assert (standing.principal.kind, standing.principal.name) == (PrincipalKind.MANAGED_IDENTITY, "c")
    assert send("PUT", cluster, BODY | {"identity": {"type": "None"}}).body["identity"] == {"type": "None"}
    assert directory.standing(shown["principalId"]) is None
    again = send("PUT", cluster, BODY).body["identity"]
    assert again["principalId"] != shown["principalId"]
    assert send("PUT", cluster, BODY).body["identity"] == again
    send("DELETE", cluster)
    assert directory.standing(again["principalId"]) is None


def test_identities_go_with_their_group(send: Send, directory: Directory, estate: Estate) -> None:
    group = f"{estate.subscription_resource_id}/resourceGroups/passing"
    send("PUT", group, {"location": "eastus"})
    place = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/passing"
    made = send("PUT", place, {"location": "eastus"}).body["properties"]
    assert directory.get(made["principalId"]) is not None
    send("DELETE", group)
    deadline = time.monotonic() + 10
    while directory.get(made["principalId"]) is not None:  # groups are deleted beside the request
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_identity_that_stands_for_itself(send: Send, directory: Directory, cluster: str, user_assigned: str) -> None:
    made = send("PUT", user_assigned, {"location": "eastus"}).body
    identity = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {user_assigned: {}}}
    shown = send("PUT", cluster, BODY | {"identity": identity}).body["identity"]
    (named,) = shown["userAssignedIdentities"].values()
    assert named == {name: made["properties"][name] for name in ("principalId", "clientId")}
    found = directory.service_principal_of(named["clientId"])
    assert found is not None
    assert found.shown["alternativeNames"] == ["isExplicit=True", user_assigned]
    assert shown["principalId"] != named["principalId"]
    send("DELETE", user_assigned)
    assert directory.get(named["principalId"]) is None


def test_an_identity_is_assigned_by_who_may(
    context: Context, estate: Estate, send: Send, cluster: str, user_assigned: str
) -> None:
    send("PUT", user_assigned, {"location": "eastus"})
    stranger = Principal("33333333-3333-3333-3333-333333333333", None, "stranger", estate.tenant_id)
    context.roles.assign(stranger, READER, user_assigned)
    context.roles.assign(stranger, LOG_ANALYTICS_CONTRIBUTOR, estate.resource_group_id)
    identity = {"type": "UserAssigned", "userAssignedIdentities": {user_assigned: {}}}
    body = BODY | {"identity": identity}
    call = Call("PUT", parse_id(cluster), stranger, {"api-version": "2022-10-01"}, "https://localhost:8443", body)
    with pytest.raises(Forbidden, match="assign/action"):
        answer(context, RESOURCE_TYPES, call)


def test_what_an_identity_was_given_goes_with_it(
    context: Context, send: Send, directory: Directory, estate: Estate, user_assigned: str
) -> None:
    made = send("PUT", user_assigned, {"location": "eastus"}).body["properties"]
    identity = directory.service_principal(made["clientId"])
    found = directory.get(made["principalId"])
    assert identity is not None
    assert found is not None
    graph = graph_object(estate.tenant_id, "2026-01-01T00:00:00Z")
    group = "99999999-9999-9999-9999-999999999999"
    with context.state.transaction() as transaction:
        put_object(transaction, estate.tenant_id, graph)
        give(transaction, estate.tenant_id, found, graph, GRAPH_PERMISSIONS["Directory.ReadWrite.All"], "now")
        place = membership_id(estate.tenant_id, group, found.id)
        body = {"groupId": group, "memberId": found.id}
        transaction.put(id=place, type=MEMBERSHIP, scope=group, name=found.id, body=body)
    context.roles.assign(identity, OWNER, estate.subscription_resource_id)
    assert directory.permissions_of(found.id) == {"Directory.ReadWrite.All"}
    send("DELETE", user_assigned)
    assert directory.permissions_of(found.id) == frozenset()
    assert directory.groups_of(found.id) == frozenset()
    assert not context.roles.access_of([found.id]).has_role(estate.subscription_resource_id)
    again = send("PUT", user_assigned, {"location": "eastus"}).body["properties"]
    assert {again["principalId"], again["clientId"]}.isdisjoint({made["principalId"], made["clientId"]})


def test_only_an_identity_that_is_there_is_assigned(
    send: Send, cluster: str, user_assigned: str, estate: Estate
) -> None:
    for id in (
        user_assigned,
        estate.workspace_resource_id,
        f"{estate.resource_group_id}/providers/Microsoft.Web/sites/x",
    ):
        identity = {"type": "UserAssigned", "userAssignedIdentities": {id: {}}}
        with pytest.raises(InvalidInput, match="was not found"):
            send("PUT", cluster, BODY | {"identity": identity})


@pytest.mark.parametrize(
    "identity",
    [{"type": "Sometimes"}, {"type": "UserAssigned"}, {"type": "UserAssigned", "userAssignedIdentities": {"x": {}}}],
)
def test_identities_that_are_none(send: Send, cluster: str, identity: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", cluster, BODY | {"identity": identity})
