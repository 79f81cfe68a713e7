"""Who may do what, where: wildcards, exclusions, inheritance, and denial of everything else."""

import json
import os
from pathlib import Path

import pytest

from vedette.access.principals import Principal
from vedette.access.role_definitions import (
    BUILT_IN_ROLES,
    CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_METRICS_PUBLISHER,
    OWNER,
    READER,
    SENTINEL_CONTRIBUTOR,
    SENTINEL_READER,
    SENTINEL_RESPONDER,
    RoleDefinition,
)
from vedette.access.roles import ROLE_ASSIGNMENT, Roles, covers, grants
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
            [READ_RULES, WRITE_INCIDENTS, QUERY, DELETE_INCIDENTS],
            [WRITE_RULES, DELETE_COMMENTS, SECRET_WATCHLIST],
        ),
        (SENTINEL_CONTRIBUTOR, [WRITE_RULES, DELETE_INCIDENTS, QUERY], [SECRET_WATCHLIST, ASSIGN]),
        (LOG_ANALYTICS_READER, [QUERY, READ_RULES], [SHARED_KEYS, WRITE_RULES]),
        (MONITORING_METRICS_PUBLISHER, [], [QUERY, READ_RULES]),
    ],
    ids=lambda value: value.name if isinstance(value, RoleDefinition) else "",
)
def test_what_each_role_may(role: RoleDefinition, granted: list[str], denied: list[str]) -> None:
    for action in granted:
        assert grants(role, action), action
        assert grants(role, action.upper()), action
    for action in denied:
        assert not grants(role, action), action


def test_data_actions_are_a_realm_of_their_own() -> None:
    assert grants(MONITORING_METRICS_PUBLISHER, "Microsoft.Insights/Metrics/Write", data=True)
    assert not grants(MONITORING_METRICS_PUBLISHER, "Microsoft.Insights/Metrics/Write")
    assert not grants(OWNER, "Microsoft.Insights/Metrics/Write", data=True)


def test_a_pattern_is_not_a_regular_expression() -> None:
    role = RoleDefinition("id", "name", actions=("A.B/c/*",))
    assert grants(role, "a.b/C/d/e")
    assert not grants(role, "aXb/c/d")
    assert not grants(role, "A.B/c")


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


CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))


@pytest.mark.skipif(not (CORPUS / "api").exists(), reason="the corpus is not here")
def test_the_roles_are_the_published_ones() -> None:
    published = {role["id"]: role for role in json.loads((CORPUS / "api" / "built_in_roles.json").read_text())}
    for role in BUILT_IN_ROLES:
        expected = published[role.id]
        (permissions,) = expected["permissions"]
        assert role.name == expected["name"]
        assert set(role.actions) == set(permissions["actions"])
        assert set(role.not_actions) == set(permissions.get("notActions", []))
        assert set(role.data_actions) == set(permissions.get("dataActions", []))
