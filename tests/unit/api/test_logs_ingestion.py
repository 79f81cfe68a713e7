"""The Logs Ingestion API over the composed application: what is stored, and every refusal."""

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.access.role_definitions import MONITORING_METRICS_PUBLISHER, OWNER
from vedette.api import logs_ingestion
from vedette.api.services import Services
from vedette.core.clock import VirtualClock

BASE = "https://127.0.0.1:8443"
STREAM = "Custom-Text"
COLUMNS = {"TimeGenerated": "datetime", "Computer": "string", "ProcessID": "int", "SyslogMessage": "string"}


def make_rule(client: TestClient, services: Services, name: str, **flow: Any) -> dict[str, Any]:
    """Make a rule that takes STREAM into Syslog, its flow changed by `flow`; gives the document."""
    estate = services.estate
    declared = [{"name": column, "type": type} for column, type in COLUMNS.items()]
    properties = {
        "streamDeclarations": {STREAM: {"columns": declared}},
        "destinations": {"logAnalytics": [{"workspaceResourceId": estate.workspace_resource_id, "name": "ws"}]},
        "dataFlows": [{"streams": [STREAM], "destinations": ["ws"], "outputStream": "Microsoft-Syslog"} | flow],
    }
    path = (
        f"{estate.workspace_resource_id.partition('/providers/')[0]}/providers/Microsoft.Insights"
        f"/dataCollectionRules/{name}?api-version=2023-03-11"
    )
    answer = client.put(path, json={"location": "eastus", "kind": "Direct", "properties": properties})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


@pytest.fixture(scope="module")
def rule_id(owner: TestClient, services: Services) -> str:
    return make_rule(owner, services, "unit")["properties"]["immutableId"]


def send(
    client: TestClient,
    rule_id: str,
    content: Any,
    *,
    stream: str = STREAM,
    query: str = "api-version=2023-01-01",
    **headers: str,
) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/dataCollectionRules/{rule_id}/streams/{stream}?{query}", content=body, headers=sent)


def messages(services: Services, computer: str) -> list[Any]:
    text = f"Syslog | where Computer == '{computer}' | sort by ProcessID asc | project ProcessID, SyslogMessage"
    return [tuple(row) for row in services.logs.query(services.estate.workspace_id, text).rows()]


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code, which the header and the body have."""
    told = answer.json()["error"]
    assert set(told) >= {"code", "message"}
    assert answer.headers["x-ms-error-code"] == told["code"]
    return answer.status_code, told["code"]


def record(computer: str, **values: Any) -> dict[str, Any]:
    return {"Computer": computer, **values}


@pytest.mark.parametrize("version", ["2023-01-01", "2021-11-01-preview"])
def test_records_are_stored_when_the_answer_comes(
    owner: TestClient, services: Services, rule_id: str, version: str
) -> None:
    sent = [record(version, ProcessID=1, SyslogMessage="a", Other=1), record(version, ProcessID="x", SyslogMessage=2)]
    answer = send(owner, rule_id, sent, query=f"api-version={version}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert messages(services, version) == [(None, "2"), (1, "a")]


def test_an_empty_array_stores_nothing(owner: TestClient, rule_id: str) -> None:
    assert send(owner, rule_id, []).status_code == 204


def test_what_a_transformation_filters_out_is_not_stored(owner: TestClient, services: Services) -> None:
    rule = make_rule(owner, services, "filter", transformKql="source | where ProcessID > 1")
    sent = [record("filtered", ProcessID=number) for number in (1, 2, 3)]
    assert send(owner, rule["properties"]["immutableId"], sent).status_code == 204
    assert [number for number, _ in messages(services, "filtered")] == [2, 3]


def test_a_changed_rule_is_followed_at_once(owner: TestClient, services: Services) -> None:
    first = make_rule(owner, services, "changed", transformKql="source | extend SyslogMessage = 'one'")
    id = first["properties"]["immutableId"]
    assert send(owner, id, [record("changed", ProcessID=1)]).status_code == 204
    again = make_rule(owner, services, "changed", transformKql="source | extend SyslogMessage = 'two'")
    assert again["properties"]["immutableId"] == id
    assert send(owner, id, [record("changed", ProcessID=2)]).status_code == 204
    assert messages(services, "changed") == [(1, "one"), (2, "two")]
    assert owner.delete(f"{first['id']}?api-version=2023-03-11").status_code == 200
    assert code(send(owner, id, [record("changed")])) == (404, "NotFound")


def test_times_that_are_not_believed_are_those_of_arrival(virtual_services: Services, signed_in: Any) -> None:
    client = signed_in(virtual_services)
    id = make_rule(client, virtual_services, "times")["properties"]["immutableId"]
    now = virtual_services.clock.now()
    offsets = {1: -timedelta(days=3), 2: -timedelta(hours=47), 3: timedelta(hours=23), 4: timedelta(days=2)}
    sent = [
        record("times", ProcessID=number, TimeGenerated=(now + offset).isoformat())
        for number, offset in offsets.items()
    ]
    assert send(client, id, [*sent, record("times", ProcessID=5)]).status_code == 204
    text = "Syslog | where Computer == 'times' | sort by ProcessID asc | project TimeGenerated"
    found = virtual_services.logs.query(virtual_services.estate.workspace_id, text, now=now).rows()
    expected = [now, now + offsets[2], now + offsets[3], now, now]
    assert [time for (time,) in found] == expected


def test_a_name_without_the_role_may_not_send(anonymous: TestClient, services: Services, rule_id: str) -> None:
    stranger = service_principal(services, "owner")
    services.roles.assign(stranger, OWNER, services.estate.subscription_resource_id)
    token = services.tokens.issue(stranger, BASE, base=BASE).text
    sent = {"Authorization": f"Bearer {token}"}
    assert code(send(anonymous, rule_id, [record("no")], **sent)) == (403, "OperationFailed")
    found = services.collection.rule(rule_id)
    services.roles.assign(stranger, MONITORING_METRICS_PUBLISHER, found.resource_id)
    assert send(anonymous, rule_id, [], **sent).status_code == 204


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"query": ""}, 400, "MissingApiVersionParameter"),
    ({"query": "api-version=2020-01-01"}, 400, "InvalidApiVersion"),
    ({"stream": "Custom-Other"}, 404, "NotFound"),
    ({"stream": "custom-text"}, 404, "NotFound"),
    ({"Content_Type": "text/plain"}, 400, "InvalidContentType"),
    ({"Content_Encoding": "br"}, 400, "UnsupportedContentEncoding"),
    ({"Content_Encoding": "gzip"}, 400, "InvalidContentEncoding"),
]


@pytest.mark.parametrize(("changes", "status", "name"), REFUSED)
def test_requests_that_are_refused(
    owner: TestClient, rule_id: str, changes: dict[str, Any], status: int, name: str
) -> None:
    assert code(send(owner, rule_id, [record("refused")], **changes)) == (status, name)


@pytest.mark.parametrize("id", ["dcr-0", "..", "%2e%2e", "dcr-'", "dcr-" + "a" * 3000])
def test_an_unknown_rule_is_not_found(owner: TestClient, id: str) -> None:
    assert send(owner, id, [record("x")]).status_code in (400, 404)


WRONG_BODIES: list[bytes] = [
    b"",
    b"{}",
    b'"text"',
    b"null",
    b'[{"Computer": "x"}, 1]',
    b'[{"Computer": "x"}',
    b'[{"Computer": NaN}]',
    b'[{"Computer": "x"},]',
    b'[{"Computer": "\xff"}]',
    b'[{"Computer": "\\ud800"}]',
    b"[" * 2000 + b"]" * 2000,
    b'[{"SyslogMessage": ' + b"[" * 900 + b"]" * 900 + b"}]",
    '[{"Computer": "x"}]'.encode("utf-16"),
]


@pytest.mark.parametrize("body", WRONG_BODIES)
def test_bodies_that_are_no_records_are_refused_whole(owner: TestClient, rule_id: str, body: bytes) -> None:
    assert code(send(owner, rule_id, body)) == (400, "InvalidPayload")


def test_odd_and_allowed_bodies(owner: TestClient, services: Services, rule_id: str) -> None:
    bodies = [
        b'\xef\xbb\xbf[{"Computer": "odd", "ProcessID": 1, "SyslogMessage": "BOM"}]',
        b'[{"Computer": "x", "Computer": "odd", "ProcessID": 2, "SyslogMessage": "twice"}]\r\n',
        b'[{"Computer": "odd", "ProcessID": 3, "SyslogMessage": "a\\u0000b"}]',
        b'[{"Computer": "odd", "ProcessID": 4, "SyslogMessage": 123456789012345678901234567890}]',
        b'[{"Computer": "odd", "ProcessID": 99999999999, "SyslogMessage": "\\ud83d\\ude00"}]',
    ]
    for body in bodies:
        assert send(owner, rule_id, body).status_code == 204, body
    found = messages(services, "odd")
    assert found[0] == (None, "\N{GRINNING FACE}")
    assert [text for _, text in found[1:4]] == ["BOM", "twice", "a\0b"]


def test_a_million_keys_take_their_time_and_no_more(owner: TestClient, rule_id: str) -> None:
    body = b'[{"Computer": "keys", ' + b",".join(b'"%x":1' % number for number in range(90_000)) + b"}]"
    assert send(owner, rule_id, body).status_code == 204


@pytest.mark.parametrize("packed", [False, True])
def test_a_megabyte_is_taken_and_more_is_413(owner: TestClient, rule_id: str, packed: bool) -> None:
    def sent(size: int) -> httpx.Response:
        body = b'[{"Other": "' + b"x" * (size - 15) + b'"}]'
        assert len(body) == size
        headers = {"Content_Encoding": "gzip"} if packed else {}
        return send(owner, rule_id, gzip.compress(body) if packed else body, **headers)

    assert sent(1024 * 1024).status_code == 204
    assert code(sent(1024 * 1024 + 100)) == (413, "ContentLengthLimitExceeded")
    assert code(sent(20 * 1024 * 1024)) == (413, "ContentLengthLimitExceeded")


def test_the_commas_between_records_do_not_count(owner: TestClient, rule_id: str) -> None:
    """SDKs fill a call to a megabyte by what the records take."""
    one = {"Other": 1}
    count = 1024 * 1024 // len(json.dumps(one))
    assert len(json.dumps([one] * count)) > 1024 * 1024
    assert send(owner, rule_id, [one] * count).status_code == 204


def test_bombs_are_refused(owner: TestClient, rule_id: str) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(64)) + packer.flush()
    assert code(send(owner, rule_id, bomb, Content_Encoding="gzip")) == (413, "ContentLengthLimitExceeded")


def test_a_body_of_unknown_length(owner: TestClient, services: Services, rule_id: str) -> None:
    pieces = [b'[{"Computer": "chunked", ', b'"ProcessID": 1}]']
    answer = owner.post(
        f"/dataCollectionRules/{rule_id}/streams/{STREAM}?api-version=2023-01-01",
        content=iter(pieces),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 204
    assert messages(services, "chunked") == [(1, "")]


def test_calls_and_bytes_of_a_minute_are_limited(
    virtual_services: Services, signed_in: Callable[[Services], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_ingestion, "REQUESTS_PER_MINUTE", 6)
    monkeypatch.setattr(logs_ingestion, "BYTES_PER_MINUTE", 1000)
    clock = VirtualClock(datetime.now(UTC))  # the machine's: limits are of real time, as the waiting is
    services = replace(virtual_services, wall_clock=clock)
    client = signed_in(services)
    rules = [make_rule(client, services, name)["properties"]["immutableId"] for name in ("limited", "of-its-own")]
    assert [send(client, rules[0], []).status_code for _ in range(7)] == [204] * 6 + [429]
    refused = send(client, rules[0], [])
    assert code(refused) == (429, "TooManyRequests")
    assert refused.headers["retry-after"] == "10"
    assert send(client, rules[1], []).status_code == 204
    clock.advance(timedelta(seconds=60))
    assert send(client, rules[0], [record("x" * 900)]).status_code == 204
    assert code(send(client, rules[0], [record("x" * 400)])) == (429, "TooManyRequests")


def test_a_stream_may_go_to_two_tables(owner: TestClient, services: Services) -> None:
    estate = services.estate
    rule = make_rule(owner, services, "two")
    flows = rule["properties"]["dataFlows"]
    transform = "source | project TimeGenerated, Computer, RenderedDescription = SyslogMessage"
    flows.append(flows[0] | {"outputStream": "Microsoft-Event", "transformKql": transform})
    answer = owner.put(
        f"{rule['id']}?api-version=2023-03-11",
        json={"location": "eastus", "kind": "Direct", "properties": rule["properties"]},
    )
    assert answer.status_code == 200, answer.text
    sent = [record("both", ProcessID=7, SyslogMessage="text")]
    for _ in range(2):
        answer = send(owner, rule["properties"]["immutableId"], sent, x_ms_client_request_id="one and the same")
        assert answer.status_code == 204
    assert messages(services, "both") == [(7, "text")]
    event = services.logs.query(estate.workspace_id, "Event | where Computer == 'both' | project RenderedDescription")
    assert [tuple(row) for row in event.rows()] == [("text",)]


def test_a_stream_of_azures_has_the_columns_of_the_table(owner: TestClient, services: Services) -> None:
    rule = make_rule(owner, services, "azures", streams=["Microsoft-Syslog"])
    sent = [record("azures", ProcessID=1, _ResourceId="/subscriptions/sub/x", TenantId="mine", Facility="auth")]
    assert send(owner, rule["properties"]["immutableId"], sent, stream="Microsoft-Syslog").status_code == 204
    text = "Syslog | where Computer == 'azures' | project Facility, _SubscriptionId, TenantId"
    (row,) = services.logs.query(services.estate.workspace_id, text).rows()
    assert tuple(row) == ("auth", "sub", services.estate.workspace_id)
