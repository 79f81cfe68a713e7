"""Every answer carries ids, and only well-formed ones come back."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from vedette.api.request_ids import RequestIds


async def _told(request: Request) -> Response:
    return PlainTextResponse(request.state.request_id)


def client() -> TestClient:
    return TestClient(Starlette(routes=[Route("/", _told)], middleware=[Middleware(RequestIds, new_id=lambda: "id-1")]))


def test_a_request_is_named() -> None:
    answer = client().get("/")
    assert answer.text == answer.headers["x-ms-request-id"] == answer.headers["x-ms-correlation-request-id"] == "id-1"
    assert "x-ms-client-request-id" not in answer.headers


def test_the_callers_ids_come_back() -> None:
    headers = {"x-ms-client-request-id": "f7400056-e6b0", "x-ms-correlation-request-id": "c-1"}
    answer = client().get("/", headers=headers)
    assert {name: answer.headers[name] for name in headers} == headers


@pytest.mark.parametrize("value", ["", "a b", "x" * 129, "a\x7fb", "<script>"])
def test_what_is_not_an_id_does_not(value: str) -> None:
    assert "x-ms-client-request-id" not in client().get("/", headers={"x-ms-client-request-id": value}).headers
