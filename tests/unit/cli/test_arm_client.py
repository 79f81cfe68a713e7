from collections.abc import Callable, Iterator

import httpx
import pytest

from vedette.cli import arm_client
from vedette.cli.arm_client import Application, ArmClient
from vedette.cli.client import Refused
from vedette.core.errors import InvalidInput, Unavailable

Answer = Callable[[httpx.Request], httpx.Response]
APPLICATION = Application("https://arm.example/token", "c", "s", "x/.default")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], ArmClient]]:
    """A client of an endpoint that answers as it is told; tokens are t0, t1, … and nothing is really waited for."""
    monkeypatch.setattr(arm_client.time, "sleep", lambda _seconds: None)
    opened: list[httpx.Client] = []

    def made(answer: Answer) -> ArmClient:
        tokens = iter(f"t{number}" for number in range(100))

        def respond(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/token":
                return httpx.Response(200, json={"access_token": next(tokens), "expires_in": 3600})
            return answer(request)

        http = httpx.Client(transport=httpx.MockTransport(respond))
        opened.append(http)
        return ArmClient(http, "https://arm.example", APPLICATION)

    yield made
    for each in opened:
        each.close()


def test_only_links_to_the_same_place_are_followed(client: Callable[[Answer], ArmClient]) -> None:
    page = {"value": [{"name": "1"}], "nextLink": "https://elsewhere.example/steal"}
    pages = client(lambda _request: httpx.Response(200, json=page)).pages("/x", {"$top": "1"})
    assert next(pages) == [{"name": "1"}]
    with pytest.raises(Unavailable, match=r"'elsewhere\.example'"):
        next(pages)


@pytest.mark.parametrize("link", [None, ""])
def test_a_list_ends_where_there_is_no_link(client: Callable[[Answer], ArmClient], link: str | None) -> None:
    asked = client(lambda _request: httpx.Response(200, json={"value": [], "nextLink": link}))
    assert list(asked.pages("/x", {})) == [[]]


def test_what_passes_by_itself_is_tried_again(client: Callable[[Answer], ArmClient]) -> None:
    answers = iter(
        [httpx.Response(429, headers={"Retry-After": "1"}), httpx.Response(503), httpx.Response(200, json={"a": 1})]
    )
    assert client(lambda _request: next(answers)).ask("GET", "/x") == {"a": 1}
    with pytest.raises(Refused, match=r"arm\.example answered 503"):
        client(lambda _request: httpx.Response(503)).ask("GET", "/x")


def test_a_token_that_is_refused_is_replaced_once(client: Callable[[Answer], ArmClient]) -> None:
    def only_the_second(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["Authorization"] == "Bearer t1" else 401, json={})

    assert client(only_the_second).ask("GET", "/x") == {}
    refusal = {"error": {"code": "Denied", "message": "No."}}
    with pytest.raises(Refused, match="No") as refused:
        client(lambda _request: httpx.Response(401, json=refusal)).ask("GET", "/x")
    assert refused.value.status == 401


def test_what_is_wrong_is_not_tried_again(client: Callable[[Answer], ArmClient]) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "The filter is wrong."}})

    with pytest.raises(Refused, match="The filter is wrong"):
        client(answer).ask("GET", "/x")
    assert asked == ["/x"]


def test_the_credentials_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "AUTHORITY_HOST"):
        monkeypatch.delenv(f"AZURE_{name}", raising=False)
    monkeypatch.setenv("AZURE_TENANT_ID", "t")
    with pytest.raises(InvalidInput, match="set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"):
        Application.of_environment("https://arm.example")
    monkeypatch.setenv("AZURE_CLIENT_ID", "c")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hush")
    made = Application.of_environment("https://arm.example")
    assert made.token_url == "https://login.microsoftonline.com/t/oauth2/v2.0/token"
    assert "hush" not in repr(made)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.example")
    assert Application.of_environment("https://arm.example").token_url == "https://login.example/t/oauth2/v2.0/token"
