import uuid

import pytest
from starlette.testclient import TestClient

from vedette.access.estate import Estate
from vedette.api.services import Services

VERSION = {"api-version": "2024-03-01"}


@pytest.fixture
def estate(services: Services) -> Estate:
    return services.estate


@pytest.fixture
def sentinel(estate: Estate) -> str:
    return f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"


@pytest.fixture
def rule(sentinel: str) -> str:
    return f"{sentinel}/alertRules/{uuid.uuid4()}"


def body(**changes: object) -> dict[str, object]:
    properties = {
        "displayName": "A rule",
        "enabled": False,
        "severity": "Low",
        "query": "Heartbeat",
        "queryFrequency": "PT1H",
        "queryPeriod": "PT1H",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
    }
    return {"kind": "Scheduled", "properties": properties | changes}


def test_the_life_of_a_rule(owner: TestClient, rule: str) -> None:
    created = owner.put(rule, params=VERSION, json=body())
    assert created.status_code == 201
    assert created.headers["content-type"] == "application/json; charset=utf-8"
    assert created.json()["id"] == rule
    assert owner.put(rule, params=VERSION, json=body()).status_code == 200
    assert owner.get(rule.replace("resourceGroups", "RESOURCEgroups") + "/", params=VERSION).json()["id"] == rule
    assert owner.get(rule, params={"api-version": "2030-01-01-preview"}).status_code == 200
    stale = owner.put(rule, params=VERSION, json=body() | {"etag": created.json()["etag"]})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "Conflict")
    unmatched = owner.put(rule, params=VERSION, json=body(), headers={"If-Match": created.json()["etag"]})
    assert (unmatched.status_code, unmatched.json()["error"]["code"]) == (412, "PreconditionFailed")
    deleted = owner.delete(rule, params=VERSION)
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert owner.delete(rule, params=VERSION).status_code == 204
    missing = owner.get(rule, params=VERSION)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")


def test_a_body_as_str_of_a_dict(owner: TestClient, rule: str) -> None:
    text = str(body(enabled="false", alertRuleTemplateName=None))
    assert owner.put(rule, params=VERSION, content=text.encode()).json()["properties"]["enabled"] is False
    owner.delete(rule, params=VERSION)


def test_a_query_that_does_not_bind(owner: TestClient, rule: str) -> None:
    reply = owner.put(rule, params=VERSION, json=body(query="Heartbeat\n| where Computr == 'x'"))
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert error["code"] == "BadRequest"
    assert "line 2, column 9" in error["message"]
    assert "line 2, column 9" in error["details"][0]["message"]
    assert owner.get(rule, params=VERSION).status_code == 404


@pytest.mark.parametrize(
    ("method", "place", "query", "status", "code"),
    [
        ("GET", "/alertRules", {}, 400, "MissingApiVersionParameter"),
        ("GET", "/alertRules", {"api-version": "soon"}, 400, "InvalidApiVersionParameter"),
        ("GET", "/wishes", VERSION, 404, "InvalidResourceType"),
        ("GET", "/%2e%2e/%2e%2e/Microsoft.Wishes/wishes", VERSION, 400, "InvalidUri"),
        ("PATCH", "/alertRules/x", VERSION, 405, "MethodNotAllowed"),
        ("POST", "/alertRules", VERSION, 405, "MethodNotAllowed"),
        ("GET", "/incidents", VERSION | {"$filter": "nonsense"}, 400, "InvalidFilter"),
        ("GET", "/incidents", VERSION | {"$orderby": "a b c"}, 400, "InvalidOrderBy"),
        ("GET", "/incidents", VERSION | {"$top": "none"}, 400, "InvalidTop"),
        ("GET", "/incidents", VERSION | {"$skipToken": "none"}, 400, "InvalidSkipToken"),
        ("GET", "/alertRules/a%2Fb", VERSION, 400, "InvalidUri"),
    ],
)
def test_refusals_in_the_envelope(
    owner: TestClient, sentinel: str, method: str, place: str, query: dict[str, str], status: int, code: str
) -> None:
    reply = owner.request(method, sentinel + place, params=query)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code), reply.text
    assert reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"{'kind': }", 400, "line 1, column 10"),
        (b"", 400, "must be a JSON object"),
        (b"[1]", 400, "must be a JSON object"),
    ],
)
def test_bodies_that_cannot_be_read(owner: TestClient, rule: str, content: bytes, status: int, said: str) -> None:
    reply = owner.put(rule, params=VERSION, content=content)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, "InvalidRequestContent")
    assert said in reply.json()["error"]["message"]


def test_a_body_that_is_too_large(owner: TestClient, rule: str) -> None:
    reply = owner.put(rule, params=VERSION, content=b" " * (9 * 1024 * 1024))
    assert reply.status_code == 413


def test_one_parameter_with_two_values(owner: TestClient, sentinel: str) -> None:
    reply = owner.get(f"{sentinel}/alertRules?api-version=2024-03-01&API-VERSION=2023-01-01")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidQueryParameter")


def test_links_lead_to_the_host_that_was_asked(owner: TestClient, sentinel: str) -> None:
    incident = {"properties": {"title": "x", "severity": "Low", "status": "New"}}
    names = [str(uuid.uuid4()) for _ in range(3)]
    for name in names:
        owner.put(f"{sentinel}/incidents/{name}", params=VERSION, json=incident)
    query = VERSION | {"$top": "2", "$orderby": "properties/incidentNumber desc"}
    page = owner.get(f"{sentinel}/incidents", params=query, headers={"Host": "management.azure.com"}).json()
    assert page["nextLink"].startswith(f"https://management.azure.com{sentinel}/incidents?")
    assert "%24skipToken" in page["nextLink"] or "$skipToken" in page["nextLink"]
    own = owner.get(f"{sentinel}/incidents", params=query).json()["nextLink"]
    following = owner.get(own).json()["value"]
    assert [each["name"] for each in (*page["value"], following[0])] == names[::-1]
    for name in names:
        owner.delete(f"{sentinel}/incidents/{name}", params=VERSION)


def test_without_a_token(anonymous: TestClient, sentinel: str) -> None:
    for place in ("/subscriptions", "/tenants", f"{sentinel}/alertRules", "/providers/Microsoft.Wishes/wishes"):
        reply = anonymous.get(place, params=VERSION)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "AuthenticationFailed")


def test_what_clients_list_first(owner: TestClient, estate: Estate) -> None:
    assert owner.get("/tenants", params=VERSION).json()["value"][0]["tenantId"] == estate.tenant_id
    assert owner.get("/subscriptions", params=VERSION).json()["value"][0]["subscriptionId"] == estate.subscription_id
    keys = owner.post(f"{estate.workspace_resource_id}/sharedKeys", params=VERSION).json()
    assert keys["primarySharedKey"] == estate.primary_shared_key
    assert owner.head(estate.workspace_resource_id, params=VERSION).status_code == 204
