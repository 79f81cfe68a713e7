"""Paths are made plain where that is safe, and refused where two readers could differ."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from vedette.api.paths import Paths, any_case, plain_path
from vedette.core.errors import InvalidInput


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/v1/workspaces/x/query", "/v1/workspaces/x/query"),
        ("//v1///workspaces/x/query/", "/v1/workspaces/x/query"),
        ("/subscriptions/S/resourceGroups/Rg", "/subscriptions/S/resourceGroups/Rg"),
        ("/a/b%20c", "/a/b%20c"),
        ("/a/...", "/a/..."),
        ("/a/naïve", "/a/naïve"),
    ],
)
def test_plain_paths(written: str, plain: str) -> None:
    assert plain_path(written, written.encode()) == plain


def test_a_scope_that_is_encoded_whole() -> None:
    raw = b"/%2Fsubscriptions%2Fs%2FresourceGroups%2Fg/providers/Microsoft.Authorization/locks/l"
    plain = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/locks/l"
    assert plain_path(f"/{plain}", raw) == plain


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/a/b", b"/a%2Fb"),
        ("/a/b", b"/a%2fb"),
        ("/subscriptions/s/b/c", b"/subscriptions/s%2Fb/c"),
        ("/x/subscriptions/s/b", b"/x/subscriptions%2Fs/b"),
        ("//subscriptions/s/providers/p", b"/%2Fsubscriptions%2Fs%2Fproviders%2Fp"),
        ("//subscriptions/../s/providers", b"/%2Fsubscriptions%2F..%2Fs/providers"),
        ("/a\\b", b"/a%5Cb"),
        ("/a/../b", b"/a/../b"),
        ("/a/./b", b"/a/%2e/b"),
        ("/a/..", b"/a/.."),
        ("/a\x00b", b"/a%00b"),
        ("/a\nb", b"/a%0Ab"),
    ],
)
def test_tricks_are_refused(path: str, raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_path(path, raw)
    assert refused.value.code == "InvalidUri"


def test_routes_match_in_any_case_and_parameters_keep_theirs() -> None:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(request.path_params["name"])

    app = Starlette(routes=any_case([Route("/V1/things/{name}", echo)]), middleware=[Middleware(Paths)])
    client = TestClient(app)
    assert client.get("/v1//THINGS/MixedCase/").text == "MixedCase"
