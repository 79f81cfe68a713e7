"""Who may hunt and promote, and what a stream tells while nothing arrives."""

import threading
from collections.abc import Callable
from datetime import timedelta

import anyio
import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.test_permissions import IDS

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api import livestream
from vedette.api.hunting import Hunter
from vedette.api.livestream import Streams
from vedette.api.query_scope import of_workspace
from vedette.api.services import Services
from vedette.core.errors import Forbidden, InvalidInput, TimedOut, VedetteError
from vedette.core.instants import arm_time
from vedette.detect.incidents import INCIDENT
from vedette.logs.query_record import SERVER
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.sentinel import hunting_queries as hunting_module
from vedette.sentinel.hunting_queries import HuntingQuery
from vedette.sentinel.relations import BOOKMARK
from vedette.state.store import StateStore

BASE = "https://127.0.0.1:8443"
As = Callable[[str], TestClient]


@pytest.fixture
def with_role(services: Services, anonymous: TestClient) -> As:
    """A client whose principal has this role in the subscription, or none at all."""

    def client(role: str) -> TestClient:
        principal = service_principal(services, f"hunter {role}")
        if role:
            services.roles.assign(principal, IDS[role], services.estate.subscription_resource_id)
        token = services.tokens.issue(principal, BASE, base=BASE).text
        return TestClient(anonymous.app, base_url=BASE, headers={"Authorization": f"Bearer {token}"})

    return client


@pytest.fixture
def hunting(services: Services) -> str:
    """The base of the routes; a hunting query is there."""
    place = services.estate.workspace_resource_id
    properties = {"category": "Hunting Queries", "displayName": "One", "query": "print Who = 'eve'"}
    with services.state.transaction() as transaction:
        transaction.put(
            id=f"{place}/savedSearches/one", type=SAVED_SEARCH, scope=place, name="one", body={"properties": properties}
        )
    return f"/vedette/workspaces/{services.estate.workspace_id}/hunting"


@pytest.mark.parametrize(
    ("role", "run", "promote"),
    [
        ("", 403, 403),
        ("Sentinel Reader", 200, 403),
        ("Sentinel Contributor", 200, 200),
    ],
)
def test_who_may_hunt_and_promote(with_role: As, hunting: str, role: str, run: int, promote: int) -> None:
    client = with_role(role)
    assert client.get(f"{hunting}/queries").status_code == run
    assert client.post(f"{hunting}/run", json={"queries": ["one"]}).status_code == run
    answer = client.post(f"{hunting}/bookmarks", json={"savedSearch": "One", "incident": {"title": "x"}})
    assert answer.status_code == promote, answer.text


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("run", {"queries": "one"}, "queries"),
        ("run", {"timespan": "P2000D"}, "400 days"),
        ("run", {"odd": 1}, "odd"),
        ("bookmarks", {}, "Name either a 'savedSearch' or a 'query'."),
        ("bookmarks", {"query": "print 1", "savedSearch": "one"}, "Name either"),
        ("bookmarks", {"query": "range n from 1 to 101 step 1"}, "gave 101 rows"),
        ("bookmarks", {"query": "range n from 1 to 21 step 1", "incident": {"title": "x"}}, "21 bookmarks"),
        ("bookmarks", {"query": "print 1", "incident": {"id": "nowhere"}}, "nowhere"),
        ("bookmarks", {"query": "print x ="}, "SYN"),
        ("bookmarks", {"query": "print 1 | take 0", "incident": {"title": "x"}}, "gave no rows"),
        ("run", {"queries": ["one", "two"]}, "'two'"),
    ],
)
def test_what_is_refused(owner: TestClient, hunting: str, path: str, body: dict[str, object], said: str) -> None:
    answer = owner.post(f"{hunting}/{path}", json=body)
    assert answer.status_code in (400, 404)
    assert said in answer.text


def test_only_an_incident_of_the_workspace_takes_bookmarks(services: Services, owner: TestClient, hunting: str) -> None:
    place = services.estate.workspace_resource_id
    elsewhere = f"{place}x/providers/{INCIDENT}/theirs"
    with services.state.transaction() as transaction:
        body = {"properties": {"title": "Theirs", "additionalData": {}}}
        transaction.put(id=elsewhere, type=INCIDENT, scope=f"{place}x", name="theirs", body=body)
    before = services.state.count(BOOKMARK)
    for id in (elsewhere, f"{place}/savedSearches/one", f"{place}/providers/{INCIDENT}/one/comments/one"):
        answer = owner.post(f"{hunting}/bookmarks", json={"query": "print 1", "incident": {"id": id}})
        assert (answer.status_code, "Theirs" in answer.text) == (400, False)
    assert services.state.count(BOOKMARK) == before
    with services.state.transaction() as transaction:
        transaction.delete(elsewhere)


def test_who_may_not_read_incidents_is_not_told_of_them(
    services: Services, owner: TestClient, hunting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = services.roles.check

    def narrowed(principal: Principal, action: str, scope: str, *, data: bool = False) -> None:
        if action == f"{INCIDENT}/read":
            raise Forbidden("AuthorizationFailed", f"The client may not do '{action}' at '{scope}'.")
        check(principal, action, scope, data=data)

    monkeypatch.setattr(services.roles, "check", narrowed)
    answer = owner.post(f"{hunting}/bookmarks", json={"query": "print 1", "incident": {"id": "nowhere"}})
    assert answer.status_code == 403


def test_bookmarks_of_another_incident_make_no_empty_one(services: Services, owner: TestClient, hunting: str) -> None:
    query, title = "range n from 1 to 2 step 1", {"title": "Both"}
    assert owner.post(f"{hunting}/bookmarks", json={"query": query, "incident": title}).status_code == 200
    before = services.state.count(INCIDENT)
    answer = owner.post(f"{hunting}/bookmarks", json={"query": query, "rows": [1], "incident": {"title": "One"}})
    assert (answer.status_code, services.state.count(INCIDENT)) == (409, before)
    again = owner.post(f"{hunting}/bookmarks", json={"query": query, "incident": title}).json()
    assert (again["incident"]["title"], again["incident"]["bookmarksCount"]) == ("Both", 2)


def test_names_are_looked_up_in_one_reading(
    services: Services, owner: TestClient, hunting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def listed(state: StateStore, workspace: Workspace) -> list[HuntingQuery]:
        read.append(threading.current_thread().name)
        return [HuntingQuery(f"/{name}", name, name.upper(), "print 1", "", (), ()) for name in "abc"]

    monkeypatch.setattr(hunting_module, "hunting_queries", listed)
    answer = owner.post(f"{hunting}/run", json={"queries": ["c", "B", "/a"], "compare": False})
    assert sorted(each["name"] for each in answer.json()["value"]) == ["a", "b", "c"]
    assert [name.startswith("AnyIO worker") for name in read] == [True]


@pytest.fixture
def hunter(services: Services) -> Hunter:
    """The first principal in its workspace."""
    workspace = services.workspaces.by_id(services.estate.workspace_id)
    assert workspace is not None
    estate = services.estate
    principal = Principal(estate.client_object_id, estate.client_id, "vedette", estate.tenant_id)
    return Hunter(principal, workspace, of_workspace(services, principal, workspace).scope, SERVER)


def test_a_stream_says_at_once_from_where_on(
    services: Services, owner: TestClient, hunting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(livestream, "LONGEST", 0.1)
    since = arm_time(services.clock.now() - timedelta(minutes=5))
    answer = owner.get(f"{hunting}/live", params={"query": "Heartbeat", "since": since, "interval": "1"})
    assert answer.text.startswith(f"id: {since}\nretry: 2000\n\n")


@pytest.mark.parametrize(("error", "retry"), [(TimedOut("x", "late"), b"true"), (InvalidInput("x", "gone"), b"false")])
def test_a_stream_that_fails_says_whether_to_come_back(
    services: Services, hunter: Hunter, monkeypatch: pytest.MonkeyPatch, error: VedetteError, retry: bytes
) -> None:
    def fail(*_sent: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(services.logs, "query", fail)

    async def events() -> list[bytes]:
        asked = livestream.Asked("Heartbeat", services.clock.now() - timedelta(minutes=1), 0.2)
        return [event async for event in Streams(services).events(hunter, asked)]

    (last,) = anyio.run(events)
    assert b"event: end" in last
    assert b'"retry":' + retry in last


def test_a_stream_tells_how_far_it_is_and_when_it_ends(
    services: Services, hunter: Hunter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(livestream, "_HEARTBEAT", 0.0)
    monkeypatch.setattr(livestream, "LONGEST", 0.5)

    async def events() -> list[bytes]:
        asked = livestream.Asked("Heartbeat", services.clock.now(), 0.2)
        return [event async for event in Streams(services).events(hunter, asked)]

    *heartbeats, last = anyio.run(events)
    assert heartbeats
    assert all(each.startswith(b"id: 20") and each.endswith(b"Z\n\n") for each in heartbeats)
    assert b"event: end" in last
    assert b"StreamEnded" in last
