"""What an apply does about conflicts, lost answers and what is changed meanwhile, against an endpoint of its own."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from vedette.content import management_client
from vedette.content.applying import Applied, Status, apply_plan
from vedette.content.credentials import Application
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.management_client import ManagementClient
from vedette.content.planning import Plan, make_plan
from vedette.content.workspace import Workspace

WORKSPACE = Workspace("https://arm.example", "s", "g", "w")
Judge = Callable[[httpx.Request, dict[str, Any]], httpx.Response | None]


class Endpoint:
    """A management API as far as it is needed: resources by path, with etags that a PUT has to name."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.puts = 0
        self.judge: Judge = lambda _request, _body: None

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        if request.method == "PUT":
            return self._put(request, path, orjson.loads(request.content))
        if request.method == "DELETE":
            return httpx.Response(200 if self.resources.pop(path, None) else 204)
        if path in self.resources:
            return httpx.Response(200, json=self.resources[path])
        below = [each for at, each in self.resources.items() if at.rpartition("/")[0] == path]
        is_list = path.endswith(("alertRules", "savedSearches", "actions"))
        return httpx.Response(200, json={"value": below}) if is_list else httpx.Response(404, json={})

    def _put(self, request: httpx.Request, path: str, body: dict[str, Any]) -> httpx.Response:
        self.puts += "alertRules" in path
        judged = self.judge(request, body)
        if judged is not None:
            return judged
        known = self.resources.get(path)
        if known is not None and body.get("etag", known["etag"]) != known["etag"]:
            return httpx.Response(409, json={"error": {"code": "Conflict", "message": "Etag does not match."}})
        return httpx.Response(200, json=self.keep(path, body))

    def keep(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        number = int(self.resources.get(path, {}).get("etag", 0)) + 1
        self.resources[path] = {**body, "name": path.rpartition("/")[2], "id": path, "etag": str(number)}
        return self.resources[path]


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def client(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> ManagementClient:
    monkeypatch.setattr(management_client.time, "sleep", lambda _seconds: None)
    http = httpx.Client(transport=httpx.MockTransport(endpoint.answer))
    return ManagementClient(http, "https://arm.example", Application("https://arm.example/token", "c", "s"))


def rule(name: str, severity: str = "Low") -> Item:
    return Item(ALERT_RULE, name, {"kind": "Scheduled", "properties": {"displayName": name, "severity": severity}})


def plan(client: ManagementClient, *items: Item, prune: bool = False) -> Plan:
    return make_plan(client, WORKSPACE, items, set="default", prune=prune)


def done(client: ManagementClient, *items: Item) -> Applied:
    return apply_plan(client, plan(client, *items), at_once=1)


def test_a_request_whose_answer_was_lost_has_happened_once(client: ManagementClient, endpoint: Endpoint) -> None:
    done(client, rule("a"))
    lost = iter([True])

    def lose(request: httpx.Request, body: dict[str, Any]) -> httpx.Response | None:
        if "alertRules" in request.url.path and next(lost, False):
            endpoint.keep(request.url.path, body)
            raise httpx.ReadError("cut off")
        return None

    endpoint.judge = lose
    applied = done(client, rule("a", "High"))
    assert applied.count(Status.DONE) == 1
    assert endpoint.resources[WORKSPACE.path(ALERT_RULE, "a")]["properties"]["severity"] == "High"


def test_what_somebody_changed_meanwhile_is_left_as_it_is(client: ManagementClient, endpoint: Endpoint) -> None:
    done(client, rule("a"))
    made = plan(client, rule("a", "High"))
    path = WORKSPACE.path(ALERT_RULE, "a")
    endpoint.keep(path, {**rule("a", "Medium").body})
    applied = apply_plan(client, made)
    assert [each.error.code for each in applied.failed if each.error] == ["ChangedMeanwhile"]
    assert endpoint.resources[path]["properties"]["severity"] == "Medium"


def test_an_etag_that_changed_for_nothing_is_no_conflict(client: ManagementClient, endpoint: Endpoint) -> None:
    done(client, rule("a"))
    made = plan(client, rule("a", "High"))
    endpoint.keep(WORKSPACE.path(ALERT_RULE, "a"), {**rule("a").body})
    assert apply_plan(client, made).count(Status.DONE) == 1


def test_the_first_refusal_ends_it_and_the_next_apply_goes_on(client: ManagementClient, endpoint: Endpoint) -> None:
    def refuse(request: httpx.Request, _body: dict[str, Any]) -> httpx.Response | None:
        wrong = request.url.path.endswith("/b")
        return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "No."}}) if wrong else None

    endpoint.judge = refuse
    applied = done(client, rule("a"), rule("b"), rule("c"))
    statuses = [each.status for each in applied.outcomes]
    assert statuses == [Status.DONE, Status.FAILED, Status.SKIPPED]
    endpoint.judge = lambda _request, _body: None
    before = endpoint.puts
    assert done(client, rule("a"), rule("b"), rule("c")).count(Status.DONE) == 2
    assert endpoint.puts == before + 2
    assert not plan(client, rule("a"), rule("b"), rule("c")).changed
    assert endpoint.puts == before + 2


def test_defaults_that_a_service_adds_are_no_difference_for_ever(client: ManagementClient, endpoint: Endpoint) -> None:
    def add(request: httpx.Request, body: dict[str, Any]) -> httpx.Response | None:
        if "alertRules" not in request.url.path:
            return None
        told = {**body, "properties": {**body["properties"], "newProperty": {"x": 1}}}
        return httpx.Response(200, json=endpoint.keep(request.url.path, told))

    endpoint.judge = add
    done(client, rule("a"))
    assert not plan(client, rule("a")).changed
    changed = plan(client, rule("a", "High")).changed[0]
    assert changed.differences[0].place == "properties.severity"


def test_what_was_only_begun_is_known_as_managed(client: ManagementClient, endpoint: Endpoint) -> None:
    """A process that is killed after it made a rule: the record was written before."""

    def killed(request: httpx.Request, body: dict[str, Any]) -> httpx.Response | None:
        if "alertRules" in request.url.path:
            endpoint.keep(request.url.path, body)
            raise KeyboardInterrupt
        return None

    endpoint.judge = killed
    assert isinstance(done(client, rule("a")).broken, KeyboardInterrupt)
    endpoint.judge = lambda _request, _body: None
    assert [each.action.value for each in plan(client, prune=True).changed] == ["delete"]
