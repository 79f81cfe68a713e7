"""The HTTP action: what is sent, what comes back, what is tried again, and where it may not go."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.unit.automation.crash_child import SCHEMA, Child, child

from vedette.access.role_definitions import CONTRIBUTOR
from vedette.api.clock import move_by
from vedette.automation.workflows.effects import RunEffects
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.outcomes import Done
from vedette.automation.workflows.outgoing import headers_for_next
from vedette.automation.workflows.records import RUN, Record
from vedette.automation.workflows.run_facts import RunFacts
from vedette.core.clock import VirtualClock
from vedette.expressions.errors import ExpressionError
from vedette.sentinel.workflow_runs import content_of
from vedette.state.documents import Document

FACTS = RunFacts({}, {}, {}, False, {}, "", VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), lambda: "")


class Scripted(BaseHTTPRequestHandler):
    """Answers as the next entry of `script` says, and remembers what it was asked."""

    script: list[tuple[int, dict[str, str], bytes]] = []  # noqa: RUF012  (the tests fill it)
    seen: list[tuple[str, str, dict[str, str], bytes]] = []  # noqa: RUF012

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        Scripted.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        status, headers, body = Scripted.script.pop(0) if Scripted.script else (200, {}, b"")
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Child, str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    with child(tmp_path_factory.mktemp("http"), port) as made:
        yield made, f"http://127.0.0.1:{port}"
    server.shutdown()


def run(made: Child, name: str, actions: dict[str, Any], *, advance: timedelta | None = None) -> dict[str, Any]:
    """Run a workflow of these actions; gives the run's properties, with the actions' bodies."""
    Scripted.seen.clear()
    id = f"{made.services.estate.resource_group_id}/providers/Microsoft.Logic/workflows/{name}"
    definition = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": actions,
    }
    made.put(
        id, {"location": "local", "identity": {"type": "SystemAssigned"}, "properties": {"definition": definition}}
    )
    made.manage(made.owner, "POST", f"{id}/triggers/manual/run?api-version=2019-05-01", {})
    made.services.automation.run_due()
    if advance is not None:
        move_by(made.services, advance)
    (found,) = made.services.state.list(RUN, id)
    steps = {each: made.services.state.get(f"{found.id}/actions/{each}") for each in actions}
    return {**found.body["properties"], "actions": {name: each.body for name, each in steps.items() if each}}


def http(uri: str, **inputs: Any) -> dict[str, Any]:
    return {"Ask": {"type": "Http", "inputs": {"method": "POST", "uri": uri, **inputs}}}


def test_what_is_sent_and_what_comes_back(place: tuple[Child, str]) -> None:
    made, base = place
    Scripted.script[:] = [(201, {"Content-Type": "application/json", "X-Kind": "a"}, b'{"n": 1}')]
    basic = {"type": "Basic", "username": "ana", "password": "@{concat('se','cret')}"}
    done = run(
        made, "sends",
        http(f"{base}/x", queries={"a b": "ü"}, headers={"X-One": "1"}, body={"k": [1]}, authentication=basic),
    )  # fmt: skip
    ((method, path, headers, body),) = Scripted.seen
    assert (method, path, json.loads(body)) == ("POST", "/x?a%20b=%C3%BC", {"k": [1]})
    assert (headers["X-One"], headers["Authorization"]) == ("1", "Basic YW5hOnNlY3JldA==")
    assert done["status"] == "Succeeded"
    id = f"{made.services.estate.resource_group_id}/providers/Microsoft.Logic/workflows/sends"
    (kept,) = made.services.state.list(RUN, id)
    step = made.services.state.get(f"{kept.id}/actions/Ask")
    assert step is not None
    assert content_of(step, "ActionInputs")["authentication"] == {**basic, "password": "*sanitized*"}
    outputs = done["actions"]["Ask"]["kept"]["outputs"]
    assert (outputs["statusCode"], outputs["body"], outputs["headers"]["X-Kind"]) == (201, {"n": 1}, "a")


def test_a_failure_that_passes_is_tried_again(place: tuple[Child, str]) -> None:
    made, base = place
    Scripted.script[:] = [(503, {}, b"")] * 2 + [(200, {"Content-Type": "text/plain"}, b"fine")]
    policy = {"type": "fixed", "count": 3, "interval": "PT1M"}
    done = run(made, "retries", http(base, retryPolicy=policy), advance=timedelta(minutes=5))
    ask = done["actions"]["Ask"]
    assert (done["status"], ask["kept"]["outputs"]["body"]) == ("Succeeded", "fine")
    assert [each["code"] for each in ask["properties"]["retryHistory"]] == ["ServiceUnavailable"] * 2


def test_a_failure_that_stays(place: tuple[Child, str]) -> None:
    made, base = place
    Scripted.script[:] = [(503, {}, b"")] * 9
    policy = {"type": "exponential", "count": 2, "interval": "PT10S"}
    done = run(made, "fails", http(base, retryPolicy=policy), advance=timedelta(minutes=5))
    assert (done["status"], len(Scripted.seen)) == ("Failed", 3)
    Scripted.script[:] = [(404, {"Content-Type": "application/json"}, b'{"error": "none"}')]
    refused = run(made, "refused", http(base))
    ask = refused["actions"]["Ask"]
    assert (ask["properties"]["code"], ask["kept"]["outputs"]["statusCode"]) == ("NotFound", 404)
    assert len(Scripted.seen) == 1


def test_a_long_operation_is_asked_for_until_it_ends(place: tuple[Child, str]) -> None:
    made, base = place
    accepted = (202, {"Location": "/done", "Retry-After": "30"}, b"")
    Scripted.script[:] = [accepted, accepted, (200, {"Content-Type": "application/json"}, b'{"ok": true}')]
    done = run(made, "long", http(f"{base}/begin"), advance=timedelta(minutes=2))
    assert done["actions"]["Ask"]["kept"]["outputs"]["body"] == {"ok": True}
    assert [(method, path) for method, path, _, _ in Scripted.seen] == [
        ("POST", "/begin"),
        ("GET", "/done"),
        ("GET", "/done"),
    ]


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("https://example.com/", "EgressNotAllowed"),
        ("http://169.254.169.254/metadata", "EgressNotAllowed"),
        ("http://2130706433/", "EgressNotAllowed"),
        ("file:///etc/passwd", "EgressNotAllowed"),
        ("https://management.azure.com.example.com/", "EgressNotAllowed"),
    ],
)
def test_where_it_may_not_go(place: tuple[Child, str], uri: str, code: str) -> None:
    made, _ = place
    done = run(made, f"away-{abs(hash(uri)) % 10**8}", http(uri))
    assert done["actions"]["Ask"]["properties"]["error"]["code"] == code


@pytest.mark.parametrize(
    ("following", "kept"),
    [
        ("https://one.example/b", True),
        ("http://one.example/b", False),
        ("https://one.example:8443/b", False),
        ("https://two.example/b", False),
    ],
)
def test_what_shows_who_asks_goes_to_no_other_address(following: str, kept: bool) -> None:
    credentials = {"Authorization": "a", "X-Api-Key": "b", "Cookie": "c", "Ocp-Apim-Subscription-Key": "d"}
    sent = headers_for_next({**credentials, "Accept": "e"}, "https://one.example/a", following)
    assert sent == ({**credentials, "Accept": "e"} if kept else {"Accept": "e"})


def test_a_long_operation_elsewhere_is_asked_for_without_credentials(place: tuple[Child, str]) -> None:
    made, base = place
    other = base.replace("127.0.0.1", "localhost")
    Scripted.script[:] = [(202, {"Location": f"{other}/done", "Retry-After": "5"}, b"")]
    run(made, "away", http(base, headers={"X-Api-Key": "k", "X-One": "1"}), advance=timedelta(minutes=1))
    assert [headers.get("X-Api-Key") for _, _, headers, _ in Scripted.seen] == ["k", None]
    assert Scripted.seen[1][2]["X-One"] == "1"


def test_a_redirect_does_not_lead_elsewhere(place: tuple[Child, str]) -> None:
    made, base = place
    Scripted.script[:] = [(302, {"Location": "http://169.254.169.254/"}, b"")]
    done = run(made, "sent-on", {"Ask": {"type": "Http", "inputs": {"method": "GET", "uri": base}}})
    assert done["actions"]["Ask"]["properties"]["error"]["code"] == "EgressNotAllowed"


@pytest.mark.parametrize("headers", [{"A": "€"}, {"A": "b\x01"}, {"A\r\nB": "c"}, {"Ä": "b"}])
def test_a_header_that_cannot_be_sent(place: tuple[Child, str], headers: dict[str, str]) -> None:
    made, base = place
    done = run(made, f"header-{abs(hash(str(headers))) % 10**8}", http(base, headers=headers))
    assert "The header '" in done["actions"]["Ask"]["properties"]["error"]["message"]
    assert Scripted.seen == []


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"statusCode": 200, "headers": {"A": "€"}}, "The header 'A'"),
        ({"statusCode": 200, "headers": {"A": "b\n"}}, "The header 'A'"),
        ({"statusCode": 200, "body": {"$content": "%%", "$content-type": "text/plain"}}, "not valid base64"),
    ],
)
def test_an_answer_that_cannot_be_given(place: tuple[Child, str], inputs: dict[str, Any], told: str) -> None:
    made, _ = place
    record = Record("Answer", (), 1, "response", made.services.clock.now(), "", inputs=inputs)
    asked = Document("/r", RUN, "", "r", "", {"kept": {"isAsked": True}}, record.started, record.started)
    parts = made.services.automation.playbooks.parts
    effects = RunEffects(parts, asked, asked, asked, lambda **_now: None)
    with pytest.raises(ExpressionError, match=told):
        effects.carry_out(record, {}, Place(FACTS, ()))
    assert effects.response is None


def test_a_request_to_this_server_that_a_stop_interrupted_is_told(place: tuple[Child, str]) -> None:
    made, _ = place
    uri = f"https://management.azure.com{made.sentinel}/incidents?api-version=2024-03-01"
    inputs = {"uri": uri, "retryPolicy": {"type": "none"}}
    record = Record("Ask", (), 1, "http", made.services.clock.now(), "", inputs=inputs, state={"interrupted": True})
    asked = Document("/r", RUN, "", "r", "", {"kept": {}}, record.started, record.started)
    effects = RunEffects(made.services.automation.playbooks.parts, asked, asked, asked, lambda **_now: None)
    done = effects.carry_out(record, {}, Place(FACTS, ()))
    assert isinstance(done, Done)
    assert (done.status, done.code) == ("Failed", "ActionInterrupted")


def test_a_playbook_has_its_identity_s_rights_and_no_others(place: tuple[Child, str]) -> None:
    made, base = place
    uri = f"https://management.azure.com{made.sentinel}/incidents?api-version=2024-03-01"
    own = {"type": "ManagedServiceIdentity"}
    ask = {"Ask": {"type": "Http", "inputs": {"method": "GET", "uri": uri, "authentication": own}}}
    done = run(made, "stranger", ask)
    step = done["actions"]["Ask"]
    assert (step["properties"]["code"], step["kept"]["outputs"]["statusCode"]) == ("AuthorizationFailed", 403)
    without = run(made, "nobody", {"Ask": {"type": "Http", "inputs": {"method": "GET", "uri": uri}}})
    assert "ManagedServiceIdentity" in without["actions"]["Ask"]["properties"]["error"]["message"]
    elsewhere = run(
        made, "elsewhere", {"Ask": {"type": "Http", "inputs": {"method": "GET", "uri": base, "authentication": own}}}
    )
    assert "not supported for this host" in elsewhere["actions"]["Ask"]["properties"]["error"]["message"]


def test_what_is_secure_is_not_shown(place: tuple[Child, str]) -> None:
    made, _ = place
    hide = {"secureData": {"properties": ["outputs"]}}
    done = run(
        made,
        "secure",
        {
            "Hidden": {"type": "Compose", "inputs": {"a": "b"}, "runtimeConfiguration": hide},
            "Made_of_it": {"type": "Compose", "inputs": "@outputs('Hidden').a", "runAfter": {"Hidden": ["Succeeded"]}},
            "Plain": {"type": "Compose", "inputs": "c"},
        },
    )
    secret = {name: each["kept"]["secret"] for name, each in done["actions"].items()}
    assert secret == {"Hidden": ["outputs"], "Made_of_it": ["inputs", "outputs"], "Plain": []}
    place_of = done["workflow"]["id"].partition("/versions/")[0]
    listed = made.manage(made.owner, "GET", f"{place_of}/runs?api-version=2019-05-01").body["value"][0]["id"]
    steps = made.manage(made.owner, "GET", f"{listed}/actions?api-version=2019-05-01").body["value"]
    links = {each["name"]: sorted(name for name in each["properties"] if name.endswith("Link")) for each in steps}
    assert links == {"Hidden": ["inputsLink"], "Made_of_it": [], "Plain": ["inputsLink", "outputsLink"]}


def test_what_is_secure_stays_so_in_each_later_step(place: tuple[Child, str]) -> None:
    made, base = place
    hide = {"secureData": {"properties": ["outputs"]}}
    actions = {
        "Hidden": {"type": "Compose", "inputs": "a secret", "runtimeConfiguration": hide},
        **http(base, body="@outputs('Hidden')", retryPolicy={"type": "fixed", "count": 2, "interval": "PT1M"}),
    }
    actions["Ask"]["runAfter"] = {"Hidden": ["Succeeded"]}
    Scripted.script[:] = [(503, {}, b"")]
    waiting = run(made, "secure-waiting", actions)
    assert (waiting["status"], waiting["actions"]["Ask"]["kept"]["secret"]) == ("Running", ["inputs"])
    Scripted.script[:] = [(503, {}, b"")]
    done = run(made, "secure-twice", actions, advance=timedelta(minutes=2))
    assert (done["status"], done["actions"]["Ask"]["kept"]["secret"]) == ("Succeeded", ["inputs"])
    Scripted.script[:] = []


def test_who_stores_a_workflow_must_be_one_who_may_use_its_connection(place: tuple[Child, str]) -> None:
    made, _ = place
    group = made.services.estate.resource_group_id
    connection = f"{group}/providers/Microsoft.Web/connections/shared"
    subscription = made.services.estate.subscription_resource_id
    api = f"{subscription}/providers/Microsoft.Web/locations/local/managedApis/azuresentinel"
    made.put(connection, {"location": "local", "properties": {"api": {"id": api}}})
    made.put(f"{made.sentinel}/incidents/joined", {"properties": {"title": "J", "severity": "Low", "status": "New"}})
    author = made.services.directory.managed_identity(f"{group}/providers/Microsoft.Logic/workflows/an-author")
    definition = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": {
            "Read": {
                "type": "ApiConnection",
                "inputs": {
                    "host": {"connection": {"name": connection}},
                    "method": "post",
                    "path": "/Incidents",
                    "body": {"incidentArmId": f"{made.sentinel}/incidents/joined"},
                },
            }
        },
    }
    body = {"location": "local", "properties": {"definition": definition}}
    statuses: list[str] = []
    for number in range(2):
        id = f"{group}/providers/Microsoft.Logic/workflows/joins-{number}"
        made.services.roles.assign(author, CONTRIBUTOR, group if number else id)
        made.manage(author, "PUT", f"{id}?api-version=2019-05-01", body)
        made.manage(made.owner, "POST", f"{id}/triggers/manual/run?api-version=2019-05-01", {})
        made.services.automation.run_due()
        (found,) = made.services.state.list(RUN, id)
        statuses.append(found.body["properties"]["status"])
    assert statuses == ["Failed", "Succeeded"]
