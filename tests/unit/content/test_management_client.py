from collections.abc import Callable, Iterator

import httpx
import pytest

from vedette.content import management_client
from vedette.content.credentials import Application
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.core.errors import TimedOut, Unavailable

Answer = Callable[[httpx.Request], httpx.Response]
APPLICATION = Application("https://arm.example/token", "c", "s")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], ManagementClient]]:
    """A client of an endpoint that answers as it is told; tokens are t0, t1, … and nothing is really waited for."""
    monkeypatch.setattr(management_client.time, "sleep", lambda _seconds: None)
    opened: list[httpx.Client] = []

    def made(answer: Answer) -> ManagementClient:
        tokens = iter(f"t{number}" for number in range(100))

        def respond(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/token":
                return httpx.Response(200, json={"access_token": next(tokens), "expires_in": 3600})
            return answer(request)

        http = httpx.Client(transport=httpx.MockTransport(respond))
        opened.append(http)
        return ManagementClient(http, "https://arm.example", APPLICATION)

    yield made
    for each in opened:
        each.close()


def test_only_links_to_the_same_place_are_followed(client: Callable[[Answer], ManagementClient]) -> None:
    page = {"value": [{"name": "1"}], "nextLink": "https://elsewhere.example/steal"}
    pages = client(lambda _request: httpx.Response(200, json=page)).pages("/x", {"$top": "1"})
    assert next(pages) == [{"name": "1"}]
    with pytest.raises(Unavailable, match=r"'elsewhere\.example'"):
        next(pages)


@pytest.mark.parametrize("link", [None, ""])
def test_a_list_ends_where_there_is_no_link(client: Callable[[Answer], ManagementClient], link: str | None) -> None:
    asked = client(lambda _request: httpx.Response(200, json={"value": [], "nextLink": link}))
    assert list(asked.pages("/x", {})) == [[]]


def test_what_passes_by_itself_is_tried_again(client: Callable[[Answer], ManagementClient]) -> None:
    answers = iter(
        [httpx.Response(429, headers={"Retry-After": "1"}), httpx.Response(503), httpx.Response(200, json={"a": 1})]
    )
    assert client(lambda _request: next(answers)).ask("GET", "/x") == {"a": 1}
    with pytest.raises(Refused, match=r"arm\.example answered 503"):
        client(lambda _request: httpx.Response(503)).ask("GET", "/x")


def test_a_token_that_is_refused_is_replaced_once(client: Callable[[Answer], ManagementClient]) -> None:
    def only_the_second(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["Authorization"] == "Bearer t1" else 401, json={})

    assert client(only_the_second).ask("GET", "/x") == {}
    refusal = {"error": {"code": "Denied", "message": "No."}}
    with pytest.raises(Refused, match="No") as refused:
        client(lambda _request: httpx.Response(401, json=refusal)).ask("GET", "/x")
    assert refused.value.status == 401


def test_what_is_wrong_is_not_tried_again(client: Callable[[Answer], ManagementClient]) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "The filter is wrong."}})

    with pytest.raises(Refused, match="The filter is wrong"):
        client(answer).ask("GET", "/x")
    assert asked == ["/x"]


def test_a_conflict_with_what_is_going_on_passes_and_one_with_what_is_there_does_not(
    client: Callable[[Answer], ManagementClient],
) -> None:
    def conflict(message: str) -> httpx.Response:
        return httpx.Response(409, json={"error": {"code": "Conflict", "message": message}})

    answers = iter([conflict("Another operation is in progress."), httpx.Response(201, json={"name": "r"})])
    assert client(lambda _request: next(answers)).send("PUT", "/x", body={}).status == 201
    asked: list[str] = []

    def stale(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return conflict("Newer instance of rule 'r' exists. Etag does not match. Data was not saved.")

    with pytest.raises(Refused, match="Etag"):
        client(stale).send("PUT", "/x", body={})
    assert asked == ["PUT"]


def test_conflicts_are_not_tried_for_ever(client: Callable[[Answer], ManagementClient]) -> None:
    asked: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(409, json={"error": {"code": "Conflict", "message": "It is busy."}})

    with pytest.raises(Refused, match="busy"):
        client(busy).send("PUT", "/x", body={})
    assert len(asked) == 4


def test_a_list_whose_page_fails_is_no_list(client: Callable[[Answer], ManagementClient]) -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        if "skip" in str(request.url):
            return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "No such page."}})
        return httpx.Response(200, json={"value": [1], "nextLink": "https://arm.example/x?skip=1"})

    with pytest.raises(Refused, match="No such page"):
        client(pages).all("/x", {})
    endless = {"value": [1], "nextLink": "https://arm.example/x"}
    with pytest.raises(Unavailable, match="again and again"):
        client(lambda _request: httpx.Response(200, json=endless)).all("/x", {})


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
def test_what_a_request_began_is_waited_for(client: Callable[[Answer], ManagementClient], header: str) -> None:
    turns = iter([202, 202, 200])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(202, headers={header: "https://arm.example/operation"})
        status = next(turns)
        told = "InProgress" if status == 202 else "Succeeded"
        return httpx.Response(200 if header != "Location" else status, json={"status": told})

    asked = client(answer)
    assert asked.finish(asked.send("PUT", "/x", body={}), "/x") == {"status": "Succeeded"}


def test_an_operation_that_fails_says_why(client: Callable[[Answer], ManagementClient]) -> None:
    failed = {"status": "Failed", "error": {"code": "Bad", "message": "It did not work."}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(201, headers={"Azure-AsyncOperation": "https://arm.example/o"}, json={})
        return httpx.Response(200, json=failed)

    asked = client(answer)
    with pytest.raises(Refused, match="It did not work"):
        asked.finish(asked.send("PUT", "/x", body={}), "/x")


def test_an_operation_has_an_hour(
    client: Callable[[Answer], ManagementClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(management_client.time, "monotonic", lambda: now.append(now[-1] + 600) or now[-1])

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(202, headers={"Location": "https://arm.example/o"})

    asked = client(answer)
    with pytest.raises(TimedOut, match="an hour"):
        asked.finish(asked.send("PUT", "/x", body={}), "/x")


def test_what_cannot_be_reached_is_said_even_where_the_error_says_nothing(
    client: Callable[[Answer], ManagementClient],
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("")

    with pytest.raises(Unavailable, match=r"^https://arm\.example cannot be reached: ConnectTimeout\.$"):
        client(answer).ask("GET", "/x")
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        pytest.raises(Unavailable, match=r"^arm\.example cannot be reached: ConnectTimeout\.$"),
    ):
        APPLICATION.token(http, "https://arm.example/.default")
