"""What the log says of requests, and what it must not say."""

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from vedette.api.app import make_app
from vedette.api.services import Services


def test_a_request_that_fails_has_a_line_with_what_is_needed_to_find_it(owner: TestClient, services: Services) -> None:
    with capture_logs() as lines:
        answer = owner.get("/no/such/path?secret=hunter2")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["log_level"] == "info"
    assert line["request_id"] == answer.headers["x-ms-request-id"]
    assert (line["method"], line["path"], line["plane"], line["status"]) == ("GET", "/no/such/path", "arm", 404)
    assert line["principal"] == services.estate.client_object_id
    assert line["milliseconds"] > 0
    assert line["code"]
    assert "hunter2" not in str(line)


def test_a_request_that_succeeds_is_told_at_debug(owner: TestClient) -> None:
    with capture_logs() as lines:
        owner.get("/vedette/status")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["log_level"], line["status"], line["plane"]) == ("debug", 200, "vedette")
    assert "code" not in line


def test_a_handler_that_breaks_is_told_as_a_warning(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(type(services.tokens), "jwks", broken)
    client = TestClient(make_app(services), base_url="https://127.0.0.1:8443", raise_server_exceptions=False)
    with capture_logs() as lines:
        answer = client.get(f"/{services.estate.tenant_id}/discovery/v2.0/keys")
    assert answer.status_code == 500
    requests = [line for line in lines if line["event"] == "request"]
    assert requests[0]["log_level"] == "warning"
    assert requests[0]["code"] == "InternalServerError"
