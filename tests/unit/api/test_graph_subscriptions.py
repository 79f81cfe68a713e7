"""Change notifications: a subscriber is asked first, then told of what changes, until it takes it."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.unit.api import found_alerts
from tests.unit.api.test_graph import client

from vedette.access.addresses import Addresses
from vedette.api.graph_subscriptions import reach_of
from vedette.api.services import Services
from vedette.core.instants import arm_time
from vedette.core.settings import EgressSettings, Settings
from vedette.graph_security.collections import Tenant
from vedette.graph_security.delivery import Delivery
from vedette.graph_security.notices import NOTICE
from vedette.server.composition import compose


class Receiver(ThreadingHTTPServer):
    """A subscriber; `answers` is the status that it has for what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told: list[dict[str, Any]] = []
        self.answers = 202
        self.refused = 0
        self.echoes = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def changes(self) -> list[tuple[str, str]]:
        return [(each["changeType"], each["resourceData"]["id"]) for each in self.told if "changeType" in each]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = parse_qs(urlsplit(self.path).query).get("validationToken")
        is_refused = not token and self.path.startswith("/dead")
        self.server.refused += is_refused
        self.send_response(200 if token else 503 if is_refused else self.server.answers)
        self.end_headers()
        if token:
            self.wfile.write(token[0].encode() if self.server.echoes else b"something else")
        elif self.server.answers < 300 and not is_refused:
            self.server.told += json.loads(body)["value"]

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def services(tmp_path: Path, own_addresses: Addresses, receiver: Receiver) -> Iterator[Services]:
    egress = EgressSettings((f"127.0.0.1:{receiver.server_port}",), private_addresses=True)
    with compose(Settings(tmp_path, virtual_clock=True, query_rate=0, egress=egress), own_addresses) as composed:
        yield composed


@pytest.fixture
def owner(services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    return signed_in(services)


@pytest.fixture
def sentinel(services: Services) -> str:
    return f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"


@pytest.fixture
def deliver(services: Services) -> Callable[[], int]:
    """Sends what is due in the test's own thread, and says how much was taken."""
    return delivery(services).send_due


def delivery(services: Services) -> Delivery:
    settings, estate = services.settings.egress, services.estate
    reach = lambda subscription: reach_of(services, subscription)  # noqa: E731
    return Delivery(services.state, settings, services.clock, services.new_id, estate.tenant_id, reach)


def subscribe(caller: TestClient, services: Services, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    answer = caller.post("/v1.0/subscriptions", json=wanted(services, receiver, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def wanted(services: Services, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    body = {
        "changeType": "created,updated",
        "notificationUrl": f"{receiver.url}/notes?for=us",
        "lifecycleNotificationUrl": f"{receiver.url}/life",
        "resource": "security/alerts_v2",
        "expirationDateTime": arm_time(services.clock.now() + timedelta(days=2)),
        "clientState": "our secret",
    }
    return body | changes


def test_a_subscriber_is_told_of_what_changes(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, deliver: Callable[[], int]
) -> None:
    made = subscribe(owner, services, receiver)
    assert made["clientState"] == "our secret"
    assert owner.get(f"/v1.0/subscriptions/{made['id']}").json()["clientState"] is None
    found_alerts.raise_alerts(services, owner, sentinel, "web01")
    deliver()
    (note,) = receiver.told
    alert = owner.get("/v1.0/security/alerts_v2").json()["value"][0]
    assert (note["subscriptionId"], note["clientState"], note["changeType"]) == (made["id"], "our secret", "created")
    assert note["tenantId"] == services.estate.tenant_id
    assert note["resourceData"] == {
        "@odata.type": "#microsoft.graph.security.alert",
        "@odata.id": f"security/alerts_v2/{alert['id']}",
        "id": alert["id"],
    }
    assert owner.get(f"/v1.0/{note['resource']}").status_code == 200
    owner.patch(f"/v1.0/security/alerts_v2/{alert['id']}", json={"assignedTo": "ana"})
    assert deliver() == 1
    assert receiver.changes()[1:] == [("updated", alert["id"])]
    assert owner.delete(f"/v1.0/subscriptions/{made['id']}").status_code == 204
    owner.patch(f"/v1.0/security/alerts_v2/{alert['id']}", json={"assignedTo": "bo"})
    assert deliver() == 0


def test_incidents_and_conditions(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, deliver: Callable[[], int]
) -> None:
    subscribe(
        owner, services, receiver, resource="/security/incidents?$filter=severity eq 'high'", changeType="created"
    )
    subscribe(owner, services, receiver, resource="security/incidents/2", changeType="updated,deleted")
    subscribe(owner, services, receiver, resource="security/alerts?$filter=status eq 'resolved'", changeType="updated")
    found_alerts.raise_alerts(services, owner, sentinel)
    deliver()
    assert receiver.changes() == [("created", "1")]
    assert (
        owner.delete(f"{sentinel}/incidents/{name_of(owner, sentinel, 2)}", params=found_alerts.VERSION).status_code
        == 200
    )
    deliver()
    assert receiver.changes()[1:] == [("deleted", "2")]
    alert = owner.get("/v1.0/security/alerts").json()["value"][0]
    for status in ("inProgress", "resolved"):
        body = {"status": status, "vendorInformation": alert["vendorInformation"]}
        owner.patch(f"/v1.0/security/alerts/{alert['id']}", json=body)
        deliver()
    assert receiver.changes()[2:] == [("updated", alert["id"])]


def name_of(owner: TestClient, sentinel: str, number: int) -> str:
    query = found_alerts.VERSION | {"$filter": f"properties/incidentNumber eq {number}"}
    return owner.get(f"{sentinel}/incidents", params=query).json()["value"][0]["name"]


def test_what_is_not_taken_is_sent_again(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, deliver: Callable[[], int]
) -> None:
    subscribe(owner, services, receiver)
    receiver.answers = 503
    found_alerts.raise_alerts(services, owner, sentinel, "web01")
    assert (deliver(), deliver()) == (0, 0)
    receiver.answers = 202
    assert deliver() == 0  # it is not due yet
    found_alerts.step(services, 1)
    services.periodic.run_due(services.clock.now())  # which sends in a thread of the server's own
    wait_for(lambda: len(receiver.told) == 1)
    receiver.answers = 500
    owner.patch(f"/v1.0/{receiver.told[0]['resource']}", json={"status": "resolved"})
    for _ in range(30):
        services.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
        deliver()
    receiver.answers = 202
    services.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    deliver()
    assert [each.get("lifecycleEvent") for each in receiver.told] == [None, "missed"]


def test_a_dead_subscriber_keeps_nobody_from_being_told(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notices for each, sent one at a time."""
    monkeypatch.setattr("vedette.graph_security.delivery._AT_ONCE", 1)
    dead = subscribe(owner, services, receiver, notificationUrl=f"{receiver.url}/dead")
    alive = subscribe(owner, services, receiver)
    found_alerts.raise_alerts(services, owner, sentinel, "web01", "db01")
    sender = delivery(services)
    assert [sender.send_due() for _ in range(4)] == [1, 1, 0, 0]
    assert [each["subscriptionId"] for each in receiver.told] == [alive["id"]] * 2
    assert receiver.refused == 1  # what else there is for it waits too
    services.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]
    sender.send_due()
    services.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]
    sender.send_due()
    assert receiver.refused == 2  # longer each time
    services.clock.advance(timedelta(hours=4))  # type: ignore[attr-defined]
    sender.send_due()
    sender.send_due()
    assert [each.get("lifecycleEvent") for each in receiver.told[2:]] == []
    services.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    sender.send_due()
    told = receiver.told[-1]
    assert (told["subscriptionId"], told["lifecycleEvent"]) == (dead["id"], "missed")


@pytest.mark.parametrize("change", ["created", "deleted"])
def test_nobody_is_told_of_a_workspace_that_is_not_reached(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, change: str
) -> None:
    subscribe(owner, services, receiver, resource="security/incidents", changeType="created,deleted")
    found_alerts.raise_alerts(services, owner, sentinel, "web01")
    if change == "deleted":
        assert delivery(services).send_due() == 1
        name = name_of(owner, sentinel, 1)
        owner.delete(f"{sentinel}/incidents/{name}", params=found_alerts.VERSION)
    assert len(services.state.list(NOTICE)) == 1
    settings, estate = services.settings.egress, services.estate
    none = Tenant(services.state, estate.tenant_id, estate.workspace_id, {})
    sender = Delivery(services.state, settings, services.clock, services.new_id, estate.tenant_id, lambda _: none)
    assert sender.send_due() == 0
    assert services.state.list(NOTICE) == []


def test_who_is_disabled_is_told_nothing_more(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, deliver: Callable[[], int]
) -> None:
    reader = client(owner, services, "reader", "SecurityAlert.Read.All")
    subscribe(reader, services, receiver)
    principal = services.directory.service_principal("reader-app")
    assert principal is not None
    disabled = owner.patch(f"/v1.0/servicePrincipals/{principal.object_id}", json={"accountEnabled": False})
    assert disabled.status_code == 204, disabled.text
    found_alerts.raise_alerts(services, owner, sentinel, "web01")
    deliver()
    deliver()
    assert [each.get("lifecycleEvent") for each in receiver.told] == ["subscriptionRemoved"]


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        threading.Event().wait(0.05)
    pytest.fail("it did not come about")


def test_the_life_of_a_subscription(
    services: Services, owner: TestClient, receiver: Receiver, deliver: Callable[[], int]
) -> None:
    soon = arm_time(services.clock.now() + timedelta(minutes=1))
    made = subscribe(owner, services, receiver, expirationDateTime=soon)
    assert made["expirationDateTime"] == arm_time(services.clock.now() + timedelta(minutes=45))
    services.clock.advance(timedelta(minutes=40))  # type: ignore[attr-defined]
    deliver()
    assert [each["lifecycleEvent"] for each in receiver.told] == ["reauthorizationRequired"]
    later = arm_time(services.clock.now() + timedelta(days=1))
    path = f"/v1.0/subscriptions/{made['id']}"
    renewed = owner.patch(path, json={"expirationDateTime": later})
    assert (renewed.status_code, renewed.json()["expirationDateTime"]) == (200, later)
    assert owner.post(f"{path}/reauthorize").status_code == 204
    services.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    deliver()
    assert receiver.told[-1]["lifecycleEvent"] == "subscriptionRemoved"
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": "me/messages"},
        {"resource": "security/alerts?$filter=severity eq"},
        {"resource": "security/alerts?$top=5"},
        {"changeType": "moved"},
        {"changeType": ""},
        {"notificationUrl": "ftp://x"},
        {"notificationUrl": "https://elsewhere.example.org/"},
        {"notificationUrl": "https://[bad"},
        {"notificationUrl": "http://127.0.0.1/\x01"},
        {"notificationUrl": f"https://{'a' * 64}.example.org/"},
        {"expirationDateTime": "2020-01-01T00:00:00Z"},
        {"expirationDateTime": "2999-01-01T00:00:00Z"},
        {"expirationDateTime": None},
        {"clientState": "x" * 129},
        {"includeResourceData": True},
    ],
)
def test_what_is_refused(services: Services, owner: TestClient, receiver: Receiver, changes: dict[str, Any]) -> None:
    answer = owner.post("/v1.0/subscriptions", json=wanted(services, receiver, **changes))
    assert answer.status_code == 400, answer.text
    assert owner.get("/v1.0/subscriptions").json()["value"] == []


def test_a_subscriber_must_answer_with_the_token(services: Services, owner: TestClient, receiver: Receiver) -> None:
    receiver.echoes = False
    refused = owner.post("/v1.0/subscriptions", json=wanted(services, receiver))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ValidationError")


def test_a_subscription_is_its_makers(
    services: Services, owner: TestClient, receiver: Receiver, sentinel: str, deliver: Callable[[], int]
) -> None:
    reader = client(owner, services, "reader", "SecurityAlert.Read.All")
    other = client(owner, services, "other", "SecurityIncident.Read.All")
    assert other.post("/v1.0/subscriptions", json=wanted(services, receiver)).status_code == 403
    made = subscribe(reader, services, receiver)
    assert other.get(f"/v1.0/subscriptions/{made['id']}").status_code == 404
    assert other.delete(f"/v1.0/subscriptions/{made['id']}").status_code == 404
    reader_id = services.directory.service_principal("reader-app")
    assert reader_id is not None
    given = owner.get(f"/v1.0/servicePrincipals/{reader_id.object_id}/appRoleAssignments").json()["value"][0]
    taken = owner.delete(f"/v1.0/servicePrincipals/{reader_id.object_id}/appRoleAssignments/{given['id']}")
    assert taken.status_code == 204
    found_alerts.raise_alerts(services, owner, sentinel, "web01")
    deliver()
    deliver()
    assert [each.get("lifecycleEvent") for each in receiver.told] == ["subscriptionRemoved"]
    assert reader.get(f"/v1.0/subscriptions/{made['id']}").status_code == 404


def test_ids_of_a_request_are_told_as_graph_has_them(owner: TestClient) -> None:
    answer = owner.get("/v1.0/subscriptions", headers={"client-request-id": "mine"})
    assert (answer.headers["client-request-id"], bool(answer.headers["request-id"])) == ("mine", True)


def test_what_was_noted_is_sent_after_a_restart(
    tmp_path: Path, own_addresses: Addresses, receiver: Receiver, signed_in: Callable[[Services], TestClient]
) -> None:
    egress = EgressSettings((f"127.0.0.1:{receiver.server_port}",), private_addresses=True)
    settings = Settings(tmp_path, virtual_clock=True, query_rate=0, egress=egress)
    with compose(settings, own_addresses) as services:
        caller = signed_in(services)
        subscribe(caller, services, receiver, resource="security/incidents", changeType="created")
        sentinel = f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
        found_alerts.raise_alerts(services, caller, sentinel, "web01")
        assert receiver.told == []
    with compose(settings, own_addresses) as services:
        services.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
        assert delivery(services).send_due() == 1
        assert receiver.changes() == [("created", "1")]
        assert delivery(services).send_due() == 0
