"""The whole life of a request: ids, casing, slashes, tricks, envelopes."""

import pytest
from starlette.testclient import TestClient

from vedette.api.services import Services


def test_every_answer_has_ids(anonymous: TestClient, owner: TestClient) -> None:
    for answer in (anonymous.get("/nothing"), owner.get("/vedette/status"), anonymous.get("/a/%2e%2e/b")):
        assert answer.headers["x-ms-request-id"]
        assert answer.headers["x-ms-correlation-request-id"]


@pytest.mark.parametrize("path", ["/VEDETTE/Status", "//vedette//status", "/vedette/status/", "/vedette/status/?x=1"])
def test_paths_as_clients_write_them(owner: TestClient, path: str) -> None:
    assert owner.get(f"https://127.0.0.1:8443{path}", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("path", ["/subscriptions/a%2Fb", "/subscriptions/%2e%2e/x", "/subscriptions/a%5Cb", "/a%00b"])
def test_tricks_with_paths_are_refused_before_anything_is_looked_up(owner: TestClient, path: str) -> None:
    answer = owner.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidUri"


def test_the_query_api_has_its_envelope(anonymous: TestClient, services: Services) -> None:
    answer = anonymous.post(f"/v1/workspaces/{services.estate.workspace_id}/query", json={"query": "print 1"})
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "code": "AuthenticationFailed",
            "message": "Authentication failed. The 'Authorization' header is missing.",
        }
    }


def test_the_collector_has_its_own(anonymous: TestClient) -> None:
    answer = anonymous.post("/api/logs?api-version=2016-04-01", content=b"[]")
    assert answer.status_code == 403
    assert set(answer.json()) == {"Error", "Message"}


def test_a_method_that_a_route_does_not_take(owner: TestClient) -> None:
    answer = owner.delete("/vedette/status")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "MethodNotAllowed"
    assert "GET" in answer.headers["allow"]
