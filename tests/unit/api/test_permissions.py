"""Every route of every plane by every kind of caller: what passes is what the roles say, and no route is without one.

The management plane's part is made from the resource types themselves, each of their methods and actions; the rest
from the application's routes. A new type, action or route is tested by being there.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.unit.api.arm_operations import NAME, OPERATIONS, READING, Operation
from tests.unit.api.callers import service_principal
from tests.unit.api.test_authentication import OPEN

from vedette.access.principal_access import Grant, PrincipalAccess
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
from vedette.access.roles import DENY_ASSIGNMENT, Roles
from vedette.api.app import make_app
from vedette.api.arm_context import arm_context
from vedette.api.services import Services
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Forbidden, Unsupported, VedetteError
from vedette.sentinel.resources import RESOURCE_TYPES

BASE = "https://127.0.0.1:8443"
READ_BY_ALL = {
    "Microsoft.Resources/providers": "which providers and api-versions there are is the same for everybody",
    "Microsoft.Resources/subscriptions/providers": "the same, below a subscription",
    "Microsoft.Resources/subscriptions/operationresults": "whose id is known only to who began the operation",
    "Microsoft.Resources/builtInTemplateSpecs": "what is built in is the same for everybody",
    "Microsoft.Resources/builtInTemplateSpecs/versions": "what is built in is the same for everybody",
    "Microsoft.Resources/calculateTemplateHash": "it is computed from what the caller sends",
    "Microsoft.Management/getEntities": "it shows what the caller may read",
    "Microsoft.PolicyInsights/policyMetadata": "what is built in is the same for everybody",
    "Microsoft.Security/locations": "where there are alerts is the same for everybody",
    "Microsoft.Authorization/providerOperations": "what can be granted is the same for everybody",
}
"""Types that take a token and no permission to be read, and why; beside them what is said of every provider."""

OF_PROVIDERS = ("/operations", "/providerPermissions", "/resourceTypes")

READ_IN_TENANT = {
    "Microsoft.Authorization/policyDefinitions": "what the tenant has at its root is for everybody in it",
    "Microsoft.Authorization/policyDefinitions/versions": "the same",
    "Microsoft.Authorization/policySetDefinitions": "the same",
    "Microsoft.Authorization/policySetDefinitions/versions": "the same",
    "Microsoft.Authorization/listPolicyDefinitionVersions": "the same",
    "Microsoft.Authorization/listPolicySetDefinitionVersions": "the same",
    "Microsoft.Security/assessmentMetadata": "what assessments there are is the same for everybody",
    "Microsoft.Security/secureScoreControlDefinitions": "what controls there are is the same for everybody",
    "Microsoft.Authorization/roleDefinitions": "built-in roles are public; of custom ones is shown what may be read",
}

LISTS_OF_ONES_OWN = {
    "Microsoft.Resources/tenants",
    "Microsoft.Resources/subscriptions",
    "Microsoft.Resources/subscriptions/resourceGroups",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.OperationalInsights/clusters",
    "Microsoft.OperationalInsights/queryPacks",
    "Microsoft.OperationsManagement/solutions",
}
"""Types whose lists are never refused and show what the caller may read. Others may join."""

Try = Callable[[Principal, Operation], str]


def try_operation(context: Context, principal: Principal, operation: Operation) -> str:
    """What becomes of an operation: `passes`, or the code of the refusal."""
    path = parse_id(operation.at(context.estate.subscription_id))
    call = Call(operation.method, path, principal, {"api-version": "2024-01-01-preview"}, BASE, {"properties": {}})
    try:
        answer(context, RESOURCE_TYPES, call)
    except Forbidden as error:
        return error.code
    except Unsupported as error:
        return "passes" if operation.name not in operation.resource.refused else error.code
    except VedetteError:
        return "passes"
    return "passes"


@pytest.fixture(scope="module")
def attempt(services: Services) -> Try:
    return partial(try_operation, arm_context(services))


def refused_by_name(operation: Operation) -> bool:
    return bool({operation.name, "*"} & set(operation.resource.refused))


def expected(operation: Operation, granted: bool) -> set[str]:
    if operation.is_free or granted:
        return {"passes", "OperationNotSupported"} if refused_by_name(operation) else {"passes"}
    return {"AuthorizationFailed", "OperationNotSupported"} if refused_by_name(operation) else {"AuthorizationFailed"}


def grants(role: dict[str, list[str]], permission: str) -> bool:
    """Whether a published permission grants an action, by a reading of its own."""

    def covers(patterns: list[str]) -> bool:
        escaped = (re.escape(each).replace(r"\*", ".*").replace("/.*/", "/(.*/)?") for each in patterns)
        return any(re.fullmatch(each, permission, re.IGNORECASE) for each in escaped)

    return covers(role["actions"]) and not covers(role["notActions"])


BUILT_IN = {
    name: {"actions": [*permission.actions], "notActions": [*permission.not_actions]}
    for name, id in {
        "Reader": READER,
        "Sentinel Reader": SENTINEL_READER,
        "Sentinel Responder": SENTINEL_RESPONDER,
        "Sentinel Contributor": SENTINEL_CONTRIBUTOR,
        "Log Analytics Reader": LOG_ANALYTICS_READER,
        "Metrics Publisher": MONITORING_METRICS_PUBLISHER,
        "Contributor": CONTRIBUTOR,
        "Owner": OWNER,
    }.items()
    for permission in built_in_roles()[id].permissions
}
IDS = {role.name.removeprefix("Microsoft ").removeprefix("Monitoring "): role.id for role in built_in_roles().values()}


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_operation_by_each_role(services: Services, attempt: Try, name: str) -> None:
    principal = service_principal(services, f"matrix {name}")
    services.roles.assign(principal, IDS[name], services.estate.subscription_resource_id)
    services.roles.assign(principal, IDS[name], "/tenants")
    for operation in OPERATIONS:
        if operation.path.startswith("/providers") or operation.resource.authorized_at is not None:
            continue  # of the tenant, or of another scope than its path's: below
        granted = grants(BUILT_IN[name], operation.permission)
        assert attempt(principal, operation) in expected(operation, granted), operation.id


class OneRole(Roles):
    """The roles of a tenant where everybody holds one role everywhere, `permission`."""

    permission = Permission()

    def access_of(self, ids: Iterable[str]) -> PrincipalAccess:
        role = RoleDefinition("one", "one", (self.permission,))
        return PrincipalAccess([Grant("/", role, "one", "anybody", "User")])


def test_each_operation_takes_its_own_permission_and_no_other(services: Services) -> None:
    roles = OneRole(services.state)
    context, principal = replace(arm_context(services), roles=roles), service_principal(services, "matrix custom")
    for operation in OPERATIONS:
        roles.permission = Permission(actions=(operation.permission,))
        assert try_operation(context, principal, operation) in expected(operation, granted=True), operation.id
        roles.permission = Permission(actions=("*",), not_actions=(operation.permission,))
        assert try_operation(context, principal, operation) in expected(operation, granted=False), operation.id


def test_no_operation_without_a_role_or_with_one_elsewhere(services: Services, attempt: Try) -> None:
    stranger = service_principal(services, "matrix stranger")
    neighbour = service_principal(services, "matrix neighbour")
    subscription = services.estate.subscription_resource_id
    services.roles.assign(neighbour, OWNER, f"{subscription}9")
    services.roles.assign(neighbour, OWNER, f"{subscription}/resourceGroups/{NAME}2")
    for operation in OPERATIONS:
        for principal in (stranger, neighbour):
            assert attempt(principal, operation) in expected(operation, granted=False), operation.id


def test_a_deny_assignment_closes_every_operation(services: Services, attempt: Try) -> None:
    principal = service_principal(services, "matrix denied")
    services.roles.assign(principal, OWNER, "/")
    properties = {
        "denyAssignmentName": "everything",
        "permissions": [{"actions": ["*"]}],
        "principals": [{"id": principal.object_id, "type": "ServicePrincipal"}],
        "isSystemProtected": True,
    }
    with services.state.transaction() as transaction:
        transaction.put(
            id=f"/providers/{DENY_ASSIGNMENT}/matrix",
            type=DENY_ASSIGNMENT,
            scope="",
            name="matrix",
            body={"properties": properties},
        )
    for operation in OPERATIONS:
        found = attempt(principal, operation)
        assert found in {
            "passes" if operation.is_free else "DenyAssignmentAuthorizationFailed",
            "OperationNotSupported" if refused_by_name(operation) else "",
        }, operation.id


def test_what_takes_no_permission_is_listed_here_with_the_reason() -> None:
    types = RESOURCE_TYPES.all()
    read_by_all = {resource.type for resource in types if resource.read_by_all}
    assert {type for type in read_by_all if not type.endswith(OF_PROVIDERS)} == set(READ_BY_ALL)
    assert {resource.type for resource in types if resource.read_in_tenant} == set(READ_IN_TENANT)
    assert {resource.type: set(resource.reading) for resource in types if resource.reading} == READING
    own = {resource.type for resource in types if resource.visible is not None}
    assert own >= LISTS_OF_ONES_OWN


def test_lists_show_a_stranger_nothing(services: Services) -> None:
    context, estate = arm_context(services), services.estate
    stranger = service_principal(services, "matrix nobody")
    for resource in RESOURCE_TYPES.all():
        if resource.visible is None or "LIST" not in resource.methods or resource.type.endswith("/tenants"):
            continue  # the tenant is shown to everybody in it
        for scope in ("", estate.subscription_resource_id, estate.resource_group_id):
            namespace, *types = resource.type.split("/")
            path = f"{scope}/providers/{namespace}/{types[0]}" if namespace != "Microsoft.Resources" else ""
            path = path or (f"{estate.subscription_resource_id}/{types[1]}" if len(types) > 1 else f"/{types[0]}")
            call = Call("GET", parse_id(path), stranger, {"api-version": "2022-09-01"}, BASE)
            try:
                listed: Answer = answer(context, RESOURCE_TYPES, call)
            except VedetteError as error:
                assert error.code in ("InvalidResourceType", "AuthorizationFailed"), (path, error.code)  # noqa: PT017
                continue
            assert listed.body["value"] == [], path


# --- the other planes ----------------------------------------------------------------------------------------------

ANSWERED = {
    "/v1/$batch": (200, "each of its requests is refused by itself"),
    "/batch": (400, "this is none; each request in a real one is refused by itself: test_arm_batch"),
    "/providers/Microsoft.Insights/eventcategories": (200, "the categories of events are the same for everybody"),
    "/workflows/{workflow}/triggers/{trigger}/paths/invoke": (401, "the address is signed, in place of a token"),
    "/workflows/{workflow}/triggers/{trigger}/paths/invoke/{rest:path}": (401, "the same"),
    "/workflows/{workflow}/versions/{version}/triggers/{trigger}/paths/invoke": (401, "the same"),
    "/workflows/{workflow}/runs/{run}/{below:path}": (401, "the same"),
    "/vedette/policy/explain": (400, "it names no resource; one that may not be read is refused: test_policies"),
    "GET /vedette/clock": (404, "any caller may read a virtual clock, by which ages are told; this server has none"),
    "/oidc/userinfo": (200, "it tells callers who they are"),
    "/v1/workspaces": (404, "no API has this path"),
    "/v1/workspaces/{rest:path}": (404, "no API has this path"),
    "/v1/subscriptions/{resource:path}": (404, "only with an ending that is tested below"),
    "/dataCollectionRules/{immutable_id}/streams/{stream}": (
        404,
        "no rule has this id",
    ),
}
"""Routes that answer a caller without any role with another status than 403, and why."""

MANAGEMENT = {"/providers", "/subscriptions", "/tenants"}
"""The roots of the management plane, which is tested above."""

ENDINGS = ("query", "search", "metadata")


@pytest.fixture(scope="module")
def stranger(services: Services) -> TestClient:
    principal = service_principal(services, "routes stranger")
    token = services.tokens.issue(principal, BASE, base=BASE).text
    return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})


def closed_routes(services: Services) -> Iterator[tuple[str, str, str]]:
    """A method, the path as the route has it, and a path to ask."""
    estate = services.estate
    machine = f"{estate.subscription_id}/resourceGroups/{estate.resource_group}/providers/A.B/machines/m"
    values = {
        "workspace_id": estate.workspace_id,
        "subscription": estate.subscription_id,
        "group": estate.resource_group,
        "name": estate.workspace_name,
        "resource": machine,
    }
    for route in make_app(services).routes:
        assert isinstance(route, Route)
        if route.path in OPEN | MANAGEMENT or "/{path:path}" in route.path:
            continue
        asked = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: values.get(match[1], "x"), route.path)
        for method in sorted((route.methods or {"GET", "POST"}) - {"HEAD"}):
            yield method, route.path, asked


def test_every_other_route_refuses_who_has_no_role(services: Services, stranger: TestClient) -> None:
    estate = services.estate
    request = {"id": "1", "workspace": estate.workspace_id, "method": "POST", "body": {"query": "print 1"}}
    body = {"query": "print 1", "csl": "print 1", "db": estate.workspace_id, "requests": [request]}
    query = {"api-version": "2023-01-01", "query": "print 1", "csl": "print 1", "db": estate.workspace_id}
    asked = 0
    for method, path, place in closed_routes(services):
        expected, _why = ANSWERED.get(f"{method} {path}") or ANSWERED.get(path) or (403, "")
        sent = {"json": body} if method != "GET" else {}
        reply = stranger.request(method, place, params=query, **sent)
        assert reply.status_code == expected, (method, path, reply.status_code, reply.text[:300])
        if path == "/v1/$batch":
            assert [each["status"] for each in reply.json()["responses"]] == [403]
        asked += 1
    assert asked > 50


def test_a_resource_that_one_has_no_role_for_is_not_asked(services: Services, stranger: TestClient) -> None:
    machine = f"{services.estate.resource_group_id}/providers/A.B/machines/m"
    for ending in ENDINGS[:2]:
        reply = stranger.post(f"/v1{machine}/{ending}", json={"query": "print 1"})
        assert reply.status_code == 403, (ending, reply.text)


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_the_directory_is_closed_to_programs_without_a_graph_permission(stranger: TestClient, version: str) -> None:
    for noun in ("users", "groups", "applications", "servicePrincipals"):
        for method, ending in (("GET", ""), ("POST", ""), ("GET", "/x"), ("PATCH", "/x"), ("DELETE", "/x")):
            reply = stranger.request(method, f"/{version}/{noun}{ending}", json={"displayName": "x"})
            assert reply.status_code == 403, (method, noun, ending, reply.text)


def test_a_role_that_is_taken_away_is_gone_at_the_next_call(
    services: Services, owner: TestClient, anonymous: TestClient
) -> None:
    principal = service_principal(services, "revoked")
    headers = {"Authorization": f"Bearer {services.tokens.issue(principal, BASE, base=BASE).text}"}
    subscription, version = services.estate.subscription_resource_id, {"api-version": "2022-04-01"}
    assignments = f"{subscription}/providers/Microsoft.Authorization/roleAssignments"
    for _ in range(5):
        assert anonymous.get("/vedette/status", headers=headers).status_code == 403
        given = services.roles.assign(principal, READER, subscription)
        assert anonymous.get("/vedette/status", headers=headers).status_code == 200
        assert owner.delete(f"{assignments}/{given.name}", params=version).status_code == 200
    assert anonymous.get("/vedette/status", headers=headers).status_code == 403
