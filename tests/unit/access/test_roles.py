"""Who may do what, where: wildcards, exclusions, inheritance, and denial of everything else."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vedette.access.principals import Principal
from vedette.access.role_definitions import (
    CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_METRICS_PUBLISHER,
    OWNER,
    READER,
    SENTINEL_CONTRIBUTOR,
    SENTINEL_READER,
    SENTINEL_RESPONDER,
    Permission,
    RoleDefinition,
    built_in_roles,
)
from vedette.access.roles import DENY_ASSIGNMENT, EVERYONE, ROLE_ASSIGNMENT, Roles, custom_role_id
from vedette.access.scopes import covers
from vedette.core.errors import Forbidden
from vedette.state.store import StateStore

SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
WORKSPACE = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/ws"
ALICE = Principal("alice-id", "alice-app", "alice", "tenant")
BOB = Principal("bob-id", "bob-app", "bob", "tenant")

READ_RULES = "Microsoft.SecurityInsights/alertRules/read"
WRITE_RULES = "Microsoft.SecurityInsights/alertRules/write"
WRITE_INCIDENTS = "Microsoft.SecurityInsights/incidents/write"
DELETE_INCIDENTS = "Microsoft.SecurityInsights/incidents/delete"
DELETE_COMMENTS = "Microsoft.SecurityInsights/incidents/comments/delete"
QUERY = "Microsoft.OperationalInsights/workspaces/query/read"
QUERY_TABLE = "Microsoft.OperationalInsights/workspaces/query/SigninLogs/read"
SECRET_WATCHLIST = "Microsoft.SecurityInsights/ConfidentialWatchlists/read"
SHARED_KEYS = "Microsoft.OperationalInsights/workspaces/sharedKeys/read"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"


@pytest.mark.parametrize(
    ("role", "granted", "denied"),
    [
        (OWNER, [READ_RULES, WRITE_RULES, QUERY, ASSIGN, SHARED_KEYS, "Vedette/clock/write"], []),
        (CONTRIBUTOR, [WRITE_RULES, QUERY, SHARED_KEYS], [ASSIGN, "Microsoft.Authorization/locks/DELETE"]),
        (READER, [READ_RULES, QUERY, SHARED_KEYS], [WRITE_RULES, "Vedette/clock/write", ASSIGN]),
        (SENTINEL_READER, [READ_RULES, QUERY, QUERY_TABLE], [WRITE_RULES, WRITE_INCIDENTS, SECRET_WATCHLIST]),
        (
            SENTINEL_RESPONDER,
            [READ_RULES, WRITE_INCIDENTS, QUERY],
            [WRITE_RULES, DELETE_INCIDENTS, DELETE_COMMENTS, SECRET_WATCHLIST],
        ),
        (SENTINEL_CONTRIBUTOR, [WRITE_RULES, DELETE_INCIDENTS, QUERY], [SECRET_WATCHLIST, ASSIGN]),
        (LOG_ANALYTICS_READER, [QUERY, READ_RULES], [SHARED_KEYS, WRITE_RULES]),
        (MONITORING_METRICS_PUBLISHER, [], [QUERY, READ_RULES]),
    ],
    ids=lambda value: built_in_roles()[value].name if isinstance(value, str) else "",
)
def test_what_each_role_may(role: str, granted: list[str], denied: list[str]) -> None:
    definition = built_in_roles()[role]
    for action in granted:
        assert definition.grants(action), action
        assert definition.grants(action.upper()), action
    for action in denied:
        assert not definition.grants(action), action


def test_data_actions_are_a_realm_of_their_own() -> None:
    publisher = built_in_roles()[MONITORING_METRICS_PUBLISHER]
    assert publisher.grants("Microsoft.Insights/Metrics/Write", data=True)
    assert not publisher.grants("Microsoft.Insights/Metrics/Write")
    assert not built_in_roles()[OWNER].grants("Microsoft.Insights/Metrics/Write", data=True)


def test_what_one_permission_excludes_another_may_grant() -> None:
    role = RoleDefinition("id", "name", (Permission(("A.B/*",), ("A.B/c/read",)), Permission(("*/read",))))
    assert role.grants("A.B/c/read")
    assert role.grants("A.B/c/write")
    assert not role.grants("X.Y/c/write")


@pytest.mark.parametrize(
    ("assigned", "scope", "reached"),
    [
        (SUBSCRIPTION, WORKSPACE, True),
        (SUBSCRIPTION.upper(), WORKSPACE, True),
        (f"{SUBSCRIPTION}/", WORKSPACE, True),
        (WORKSPACE, WORKSPACE, True),
        (WORKSPACE, f"{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/r", True),
        ("/", WORKSPACE, True),
        (WORKSPACE, SUBSCRIPTION, False),
        (WORKSPACE, f"{WORKSPACE}2", False),
        (f"{SUBSCRIPTION}/resourceGroups/r", WORKSPACE, False),
        ("/subscriptions/other", WORKSPACE, False),
        ("/providers/Microsoft.Management/managementGroups/tenant", WORKSPACE, True),
        ("/providers/Microsoft.Management/managementGroups/tenant", "/providers/A.B/c/d", False),
        ("/providers/Microsoft.Management/managementGroups/tenant/x/y", WORKSPACE, False),
        ("/providers/Microsoft.Management/managementGroups", WORKSPACE, False),
        (SUBSCRIPTION, "/providers/Microsoft.Management/managementGroups/tenant", False),
    ],
)
def test_inheritance_goes_down_by_whole_segments(assigned: str, scope: str, reached: bool) -> None:
    assert covers(assigned, scope) is reached


def test_nothing_is_allowed_without_an_assignment(state: StateStore) -> None:
    with pytest.raises(Forbidden) as refused:
        Roles(state).check(ALICE, QUERY, WORKSPACE)
    assert refused.value.code == "AuthorizationFailed"
    assert refused.value.message == (
        f"The client 'alice' with object id 'alice-id' does not have authorization to perform action '{QUERY}' over "
        f"scope '{WORKSPACE}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )


def test_an_assignment_is_for_its_principal_and_below_its_scope(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, SENTINEL_READER, WORKSPACE)
    roles.check(ALICE, READ_RULES, f"{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/r")
    assert not roles.allows(ALICE, READ_RULES, SUBSCRIPTION)
    assert not roles.allows(ALICE, WRITE_RULES, WORKSPACE)
    assert not roles.allows(BOB, READ_RULES, WORKSPACE)


def test_roles_add_up_and_exclusions_stay_with_their_role(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, CONTRIBUTOR, SUBSCRIPTION)
    assert not roles.allows(ALICE, ASSIGN, WORKSPACE)
    roles.assign(ALICE, OWNER, WORKSPACE)
    assert roles.allows(ALICE, ASSIGN, WORKSPACE)
    assert not roles.allows(ALICE, ASSIGN, SUBSCRIPTION)


def test_assigning_twice_is_one_assignment(state: StateStore) -> None:
    roles = Roles(state)
    first = roles.assign(ALICE, OWNER, SUBSCRIPTION)
    assert roles.assign(ALICE, OWNER, SUBSCRIPTION.upper()) == first
    assert state.count(ROLE_ASSIGNMENT) == 1


@pytest.mark.parametrize("change", [{"condition": "@Resource[x] StringEquals 'y'"}, {"roleDefinitionId": "/x/unknown"}])
def test_what_is_not_understood_grants_nothing(state: StateStore, change: dict[str, str]) -> None:
    roles = Roles(state)
    assignment = roles.assign(ALICE, OWNER, SUBSCRIPTION)
    with state.transaction() as transaction:
        transaction.put(
            id=assignment.id,
            type=assignment.type,
            scope=assignment.scope,
            name=assignment.name,
            body={"properties": assignment.body["properties"] | change},
        )
    assert not roles.allows(ALICE, QUERY, WORKSPACE)


def _deny(state: StateStore, scope: str, *principals: str, **more: Any) -> str:
    permissions = [{"actions": ["*/write", "*/delete"], "notActions": ["*/comments/*"], "dataActions": ["*"]}]
    properties = {
        "denyAssignmentName": "no changes",
        "permissions": permissions,
        "principals": [{"id": each, "type": "User"} for each in principals],
    }
    id = f"{scope}/providers/{DENY_ASSIGNMENT}/deny-id"
    with state.transaction() as transaction:
        transaction.put(
            id=id, type=DENY_ASSIGNMENT, scope=scope, name="deny-id", body={"properties": properties | more}
        )
    return id


def test_a_deny_assignment_stands_above_every_role(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, OWNER, "/")
    roles.assign(BOB, OWNER, SUBSCRIPTION)
    _deny(state, SUBSCRIPTION, "ALICE-ID")
    assert not roles.allows(ALICE, WRITE_RULES, WORKSPACE)
    assert roles.allows(ALICE, READ_RULES, WORKSPACE)
    assert roles.allows(ALICE, DELETE_COMMENTS, WORKSPACE)
    assert roles.allows(ALICE, WRITE_RULES, "/subscriptions/other")
    assert roles.allows(BOB, WRITE_RULES, WORKSPACE)
    with pytest.raises(Forbidden) as refused:
        roles.check(ALICE, WRITE_RULES, WORKSPACE)
    assert refused.value.code == "DenyAssignmentAuthorizationFailed"
    assert "the access is denied because of the deny assignment with name 'no changes' and Id 'deny-id'" in str(
        refused.value
    )


def test_who_has_no_role_is_not_told_of_a_deny_assignment(state: StateStore) -> None:
    _deny(state, SUBSCRIPTION, ALICE.object_id)
    with pytest.raises(Forbidden) as refused:
        Roles(state).check(ALICE, WRITE_RULES, WORKSPACE)
    assert refused.value.code == "AuthorizationFailed"


def test_everyone_is_denied_but_the_excluded_and_their_groups(state: StateStore) -> None:
    roles, bob = Roles(state), replace(BOB, groups=frozenset({"admins"}))
    for each in (ALICE, BOB):
        roles.assign(each, OWNER, SUBSCRIPTION)
    _deny(state, SUBSCRIPTION, EVERYONE, excludePrincipals=[{"id": "ADMINS", "type": "Group"}])
    assert not roles.allows(ALICE, WRITE_RULES, WORKSPACE)
    assert not roles.allows(BOB, WRITE_RULES, WORKSPACE)
    assert roles.allows(bob, WRITE_RULES, WORKSPACE)


def test_a_denial_may_stop_at_its_own_scope(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, OWNER, SUBSCRIPTION)
    _deny(state, SUBSCRIPTION, ALICE.object_id, doNotApplyToChildScopes=True)
    assert not roles.allows(ALICE, WRITE_RULES, SUBSCRIPTION)
    assert roles.allows(ALICE, WRITE_RULES, WORKSPACE)


def test_a_role_of_a_group_is_held_by_its_members(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(Principal("team", None, "team", "tenant"), READER, SUBSCRIPTION)
    assert roles.allows(replace(ALICE, groups=frozenset({"team"})), READ_RULES, WORKSPACE)
    assert not roles.allows(BOB, READ_RULES, WORKSPACE)
    assert not roles.allows(ALICE, READ_RULES, WORKSPACE)


def _define(state: StateStore, guid: str, actions: list[str], scopes: list[str]) -> None:
    properties = {"roleName": guid, "permissions": [{"actions": actions}], "assignableScopes": scopes}
    with state.transaction() as transaction:
        transaction.put(
            id=custom_role_id(guid),
            type="Microsoft.Authorization/roleDefinitions",
            scope="",
            name=guid,
            body={"properties": properties},
        )


def test_a_custom_role_grants_where_it_is_assignable(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, "my-role", WORKSPACE)
    roles.assign(ALICE, "my-role", "/subscriptions/other")
    assert not roles.allows(ALICE, READ_RULES, WORKSPACE)
    _define(state, "my-role", ["*/alertRules/read"], [SUBSCRIPTION])
    assert roles.allows(ALICE, READ_RULES, WORKSPACE)
    assert not roles.allows(ALICE, WRITE_RULES, WORKSPACE)
    assert not roles.allows(ALICE, READ_RULES, "/subscriptions/other")
    _define(state, "my-role", ["*/alertRules/write"], [SUBSCRIPTION])
    assert not roles.allows(ALICE, READ_RULES, WORKSPACE)
    assert roles.allows(ALICE, WRITE_RULES, WORKSPACE)


def test_the_next_call_after_a_revocation_is_refused(state: StateStore) -> None:
    roles = Roles(state)
    for _ in range(20):
        assignment = roles.assign(ALICE, READER, SUBSCRIPTION)
        assert roles.allows(ALICE, READ_RULES, WORKSPACE)
        with state.transaction() as transaction:
            transaction.delete(assignment.id)
        assert not roles.allows(ALICE, READ_RULES, WORKSPACE)


def test_a_revocation_is_seen_in_every_thread(state: StateStore) -> None:
    roles = Roles(state)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(20):
            assignment = roles.assign(ALICE, READER, SUBSCRIPTION)
            asking = [threads.submit(roles.allows, ALICE, READ_RULES, WORKSPACE) for _ in range(8)]
            with state.transaction() as transaction:
                transaction.delete(assignment.id)
            assert not any(threads.submit(roles.allows, ALICE, READ_RULES, WORKSPACE).result() for _ in range(4))
            for each in asking:
                each.result()


def test_a_role_that_is_replaced_by_a_resource_deletion_goes(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, READER, WORKSPACE)
    assert roles.allows(ALICE, READ_RULES, WORKSPACE)
    with state.transaction() as transaction:
        transaction.delete_below(WORKSPACE)
    assert not roles.allows(ALICE, READ_RULES, WORKSPACE)


def test_what_a_request_names_elsewhere_needs_a_permission_there(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, OWNER, WORKSPACE)
    roles.check_linked(ALICE, "A/b/write", WORKSPACE, SHARED_KEYS, [WORKSPACE])
    with pytest.raises(Forbidden) as refused:
        roles.check_linked(ALICE, "A/b/write", WORKSPACE, SHARED_KEYS, [WORKSPACE, f"{WORKSPACE}2"])
    assert refused.value.code == "LinkedAuthorizationFailed"
    assert f"linked scope(s) '{WORKSPACE}2'" in refused.value.message


CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))


@pytest.mark.skipif(not (CORPUS / "api").exists(), reason="the corpus is not here")
def test_the_roles_are_the_published_ones() -> None:
    published = {role["id"]: role for role in json.loads((CORPUS / "api" / "built_in_roles.json").read_text())}
    assert set(built_in_roles()) >= set(published)
    for role in (built_in_roles()[id] for id in published):
        expected = published[role.id]
        (permissions,), (permission,) = expected["permissions"], role.permissions
        assert role.name == expected["name"]
        assert set(permission.actions) == set(permissions["actions"])
        assert set(permission.not_actions) == set(permissions["notActions"])
        assert set(permission.data_actions) == set(permissions["dataActions"])
        assert set(permission.not_data_actions) == set(permissions["notDataActions"])


def test_a_denial_by_a_caller_can_always_be_found_and_removed(state: StateStore) -> None:
    roles = Roles(state)
    roles.assign(ALICE, OWNER, SUBSCRIPTION)
    own = {"isSystemProtected": False, "permissions": [{"actions": ["*"], "notActions": ["*/read"]}]}
    _deny(state, SUBSCRIPTION, ALICE.object_id, **own)
    for verb, allowed in (("read", True), ("delete", True), ("write", False)):
        assert roles.allows(ALICE, f"Microsoft.Authorization/denyAssignments/{verb}", SUBSCRIPTION) is allowed
    assert not roles.allows(ALICE, "Microsoft.Authorization/roleAssignments/write", SUBSCRIPTION)
