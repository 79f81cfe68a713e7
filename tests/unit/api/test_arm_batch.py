from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.conftest import BASE

from vedette.access.role_definitions import READER
from vedette.api.app import make_app
from vedette.api.services import Services

VERSION = {"api-version": "2020-06-01"}
Batch = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def batch(owner: TestClient) -> Batch:
    def send(*requests: dict[str, Any], client: TestClient | None = None) -> list[dict[str, Any]]:
        reply = (client or owner).post("/batch", params=VERSION, json={"requests": list(requests)})
        assert reply.status_code == 200, reply.text
        return reply.json()["responses"]

    return send


def rule_of(services: Services) -> str:
    return f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/alertRules/batched"


def body() -> dict[str, Any]:
    return {
        "kind": "Scheduled",
        "properties": {
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
        },
    }


def test_each_request_has_its_own_answer(batch: Batch, services: Services) -> None:
    rule = rule_of(services)
    made, read, missing, subscriptions = batch(
        {"httpMethod": "PUT", "name": "a", "relativeUrl": f"{rule}?api-version=2024-03-01", "content": body()},
        {
            "httpMethod": "GET",
            "name": "b",
            "url": f"https://management.azure.com/{rule.replace(' ', '%20')}?api-version=2024-03-01",
            "requestHeaderDetails": {"commandName": "Portal.Read", "x-ms-client-request-id": "mine"},
        },
        {"httpMethod": "GET", "name": "c", "url": f"{rule}x?api-version=2024-03-01"},
        {"url": "/subscriptions?api-version=2022-12-01"},
    )
    assert (made["name"], made["httpStatusCode"], made["content"]["name"]) == ("a", 201, "batched")
    assert (read["httpStatusCode"], read["content"]) == (200, made["content"])
    assert read["headers"]["x-ms-client-request-id"] == "mine"
    assert made["headers"]["x-ms-request-id"] != read["headers"]["x-ms-request-id"]
    assert (missing["httpStatusCode"], missing["content"]["error"]["code"]) == (404, "ResourceNotFound")
    assert subscriptions["httpStatusCode"] == 200
    assert "name" not in subscriptions


def test_each_request_is_authorized_by_itself(batch: Batch, services: Services, anonymous: TestClient) -> None:
    principal = service_principal(services, "batch-reader")
    services.roles.assign(principal, READER, services.estate.workspace_resource_id)
    token = services.tokens.issue(principal, BASE, base=BASE).text
    reader = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    rule = rule_of(services)
    refused, listed = batch(
        {
            "httpMethod": "PUT",
            "url": f"{rule}?api-version=2024-03-01",
            "content": body(),
            "requestHeaderDetails": {"Authorization": "Bearer other"},
        },
        {"httpMethod": "GET", "url": f"{rule.rpartition('/')[0]}?api-version=2024-03-01"},
        client=reader,
    )
    assert (refused["httpStatusCode"], refused["content"]["error"]["code"]) == (403, "AuthorizationFailed")
    assert listed["httpStatusCode"] == 200
    assert anonymous.post("/batch", params=VERSION, json={"requests": []}).status_code == 401


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, "requests"),
        ({"requests": []}, "requests"),
        ({"requests": [{"url": "/subscriptions"}] * 21}, "at most 20"),
        ({"requests": ["x"]}, "requests[0]"),
        ({"requests": [{"url": "/subscriptions", "httpMethod": "TRACE"}]}, "requests[0].httpMethod"),
        ({"requests": [{"httpMethod": "GET"}]}, "requests[0].url"),
        ({"requests": [{"url": "/batch?api-version=2020-06-01", "httpMethod": "POST"}]}, "requests[0].url"),
        ({"requests": [{"url": "/v1/workspaces/x/query"}]}, "requests[0].url"),
        ({"requests": [{"url": "/common/oauth2/token"}]}, "requests[0].url"),
        ({"requests": [{"url": "/subscriptions", "requestHeaderDetails": {"a": "b\r\nc"}}]}, "requestHeaderDetails"),
        ({"requests": [{"url": "/subscriptions", "requestHeaderDetails": 1}]}, "requestHeaderDetails"),
    ],
)
def test_what_is_no_batch(owner: TestClient, sent: dict[str, Any], named: str) -> None:
    reply = owner.post("/batch", params=VERSION, json=sent)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidBatchRequest")
    assert named in reply.json()["error"]["message"]


def test_a_hidden_slash_in_a_batch(batch: Batch, services: Services) -> None:
    (refused,) = batch({"url": f"/subscriptions/{services.estate.subscription_id}%2f..%2fx?api-version=2022-12-01"})
    assert (refused["httpStatusCode"], refused["content"]["error"]["code"]) == (400, "InvalidUri")
