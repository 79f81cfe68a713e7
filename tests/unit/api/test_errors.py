"""Each class has its status, each API its envelope, and an accident shows nothing of itself."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from vedette.access.addresses import make_addresses
from vedette.api.errors import Errors
from vedette.api.request_ids import RequestIds
from vedette.arm.statuses import STATUS
from vedette.core.errors import (
    InvalidInput,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VedetteError,
)
from vedette.kql.diagnostics import Diagnostic, KqlError, Span

ARM, QUERY, COLLECTOR, LOGIN = "/subscriptions/s", "/v1/workspaces/w/query", "/api/logs", "/t/oauth2/token"
ADDRESSES = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)


def client(error: Exception) -> TestClient:
    async def fail(_request: Request) -> Response:
        raise error

    async def leave_to_errors(_request: Request, raised: Exception) -> Response:
        raise raised

    app = Starlette(
        routes=[Route("/{path:path}", fail, methods=["GET"])],
        middleware=[
            Middleware(RequestIds, new_id=lambda: "request-1"),
            Middleware(Errors, addresses=ADDRESSES, tenant_id="tenant"),
        ],
        exception_handlers={HTTPException: leave_to_errors},
    )
    return TestClient(app, base_url="https://127.0.0.1:8443")


def test_every_class_has_a_status() -> None:
    of_core = {kind for kind in VedetteError.__subclasses__() if kind.__module__ == VedetteError.__module__}
    assert of_core == set(STATUS)


@pytest.mark.parametrize(("kind", "status"), STATUS.items(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_statuses(kind: type[VedetteError], status: int) -> None:
    answer = client(kind("SomeCode", "Some sentence.")).get(ARM)
    assert answer.status_code == status
    assert answer.json() == {"error": {"code": "SomeCode", "message": "Some sentence."}}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-ms-request-id"] == "request-1"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ARM, {"error": {"code": "Code", "message": "Sentence."}}),
        (QUERY, {"error": {"code": "Code", "message": "Sentence."}}),
        (COLLECTOR, {"Error": "Code", "Message": "Sentence."}),
        (LOGIN, {"error": "invalid_request", "error_description": "Sentence."}),
    ],
)
def test_envelopes(path: str, body: dict[str, Any]) -> None:
    assert client(NotFound("Code", "Sentence.")).get(path).json() == body


def test_details_travel_in_the_envelope() -> None:
    error = InvalidInput("Code", "Sentence.", target="x", details=[{"code": "Inner"}], innererror={"a": 1}, secret="no")
    assert client(error).get(ARM).json()["error"] == {
        "code": "Code",
        "message": "Sentence.",
        "target": "x",
        "details": [{"code": "Inner"}],
        "innererror": {"a": 1},
    }


def test_too_large_is_404_for_the_collector_only() -> None:
    assert client(TooLarge("RequestTooLarge", "Too large.")).get(COLLECTOR).status_code == 404
    assert client(HTTPException(413)).get(COLLECTOR).status_code == 404
    assert client(TooLarge("RequestTooLarge", "Too large.")).get(ARM).status_code == 413


def test_a_401_says_where_to_log_in() -> None:
    answer = client(Unauthenticated("Code", 'Say "please"\r\nX-Evil: 1 é')).get(ARM)
    assert answer.headers["www-authenticate"] == (
        'Bearer authorization_uri="https://127.0.0.1:8443/tenant", error="invalid_token", '
        "error_description=\"Say 'please'''X-Evil: 1 '\""
    )


def test_a_401_names_the_host_that_was_asked() -> None:
    answer = client(Unauthenticated("Code", "No.")).get(ARM, headers={"host": "management.azure.com"})
    assert 'authorization_uri="https://management.azure.com/tenant"' in answer.headers["www-authenticate"]


def test_unavailable_says_when_to_try_again() -> None:
    assert client(Unavailable("Code", "Later.")).get(ARM).headers["retry-after"] == "5"


def test_a_query_that_does_not_compile_says_where() -> None:
    text = "T\n| whre x"
    error = KqlError(
        text, [Diagnostic("SYN0002", "The operator 'whre' is unknown.", Span(4, 8), "Did you mean 'where'?")]
    )
    answer = client(error).get(QUERY)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadArgumentError"
    assert answer.json()["error"]["innererror"]["code"] == "SyntaxError"
    assert answer.json()["error"]["innererror"]["innererror"] == {
        "code": "SYN0002",
        "message": "The operator 'whre' is unknown. Did you mean 'where'?",
        "line": 2,
        "pos": 2,
        "token": "whre",
    }


def test_a_query_without_meaning_is_a_semantic_error() -> None:
    error = KqlError("T", [Diagnostic("SEM0100", "There is no table 'T'.", Span(0, 1))])
    assert client(error).get(QUERY).json()["error"]["innererror"]["code"] == "SemanticError"


@pytest.mark.parametrize("path", [ARM, QUERY, COLLECTOR, LOGIN])
def test_an_accident_shows_nothing_of_itself(path: str) -> None:
    with capture_logs() as logged:
        answer = client(RuntimeError("password=hunter2")).get(path)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "request-1" in answer.text
    (entry,) = logged
    assert (entry["request_id"], entry["path"], entry["log_level"]) == ("request-1", path, "error")


def test_a_method_that_is_not_taken() -> None:
    answer = client(RuntimeError()).delete(ARM)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["error"]["code"] == "MethodNotAllowed"


def test_an_accident_in_the_middle_of_an_answer_breaks_it_off() -> None:
    async def stream(_request: Request) -> Response:
        async def chunks() -> Any:
            yield b"half"
            raise RuntimeError("broken")

        return StreamingResponse(chunks())

    app = Starlette(
        routes=[Route("/", stream)], middleware=[Middleware(Errors, addresses=ADDRESSES, tenant_id="tenant")]
    )
    with pytest.raises(RuntimeError, match="broken"):
        TestClient(app).get("/")
