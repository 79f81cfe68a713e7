"""Senders that speak HTTP of their own: Windows agents, Elasticsearch's bulk, OpenTelemetry, rows into any table."""

import base64
import gzip
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from tests.clients.sdk import Ready, bearer, rows, web

XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="{provider}"/>'
    "<EventID>{id}</EventID><Level>4</Level><TimeCreated SystemTime='2026-11-26T14:30:01Z'/>"
    "<Channel>{channel}</Channel><Computer>{computer}</Computer></System>"
    "<EventData><Data Name='TargetUserName'>ana</Data></EventData></Event>"
)


def base(ready: Ready) -> str:
    return f"/vedette/workspaces/{ready['workspace_id']}"


def key(ready: Ready, scheme: str, which: str = "primary_shared_key") -> dict[str, str]:
    told = base64.b64encode(f"{ready['workspace_id']}:{ready[which]}".encode()).decode()
    return {"Authorization": f"{scheme} {told}"}


CREDENTIALS: dict[str, Callable[[Ready], dict[str, str]]] = {
    "bearer": bearer,
    "basic": lambda ready: key(ready, "Basic"),
    "the second key": lambda ready: key(ready, "basic", "secondary_shared_key"),
    "ApiKey": lambda ready: key(ready, "ApiKey"),
}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_windows_events_as_xml_and_as_json_lines(server: Ready, name: str) -> None:
    computer = f"xml-{name.replace(' ', '-')}"
    xml = "".join(
        XML.format(provider="Example", id=4624 if channel == "Security" else 7045, channel=channel, computer=computer)
        for channel in ("Security", "System")
    )
    nxlog = {
        "EventID": 1000,
        "Channel": "Application",
        "Hostname": computer,
        "SourceName": "App",
        "Message": "It fell.",
    }
    with web(server) as client:
        for body in (xml.encode(), b"\n".join([json.dumps(nxlog).encode()] * 2)):
            answer = client.post(f"{base(server)}/windowsEvents", content=body, headers=CREDENTIALS[name](server))
            assert (answer.status_code, answer.content) == (204, b""), answer.text
    query = f"union SecurityEvent, Event | where Computer == '{computer}' | summarize count() by Type, EventID"
    assert sorted(rows(server, query)) == [["Event", 1000, 2], ["Event", 7045, 1], ["SecurityEvent", 4624, 1]]


def test_keys_open_these_paths_alone_and_only_the_right_ones(server: Ready) -> None:
    wrong = [
        {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}
        for text in (f"{server['workspace_id']}:wrong", f"{uuid.uuid4()}:{server['primary_shared_key']}", "x", ":")
    ]
    with web(server) as client:
        for headers in [*wrong, {"Authorization": "Basic ???"}, {}]:
            assert client.post(f"{base(server)}/windowsEvents", content=b"[]", headers=headers).status_code == 401
            assert client.get(f"{base(server)}/elasticsearch", headers=headers).status_code == 401
        for path in ("/vedette/status", f"/v1/workspaces/{server['workspace_id']}/query?query=print+1", "/v1/logs"):
            assert client.request("GET", path, headers=key(server, "Basic")).status_code == 401, path


def test_a_bad_event_stores_nothing_of_its_request(server: Ready) -> None:
    body = XML.format(provider="P", id=1, channel="System", computer="half") + "<Event/>"
    with web(server) as client:
        answer = client.post(f"{base(server)}/windowsEvents", content=body.encode(), headers=key(server, "Basic"))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidDataFormat"
    assert rows(server, "Event | where Computer == 'half' | count") == [[0]]


def test_what_winlogbeat_asks_and_sends(server: Ready) -> None:
    """In the order of its start: the version, the licence, then bulk requests, compressed."""
    event = {
        "@timestamp": "2026-11-26T14:30:01.123Z",
        "message": "An account was successfully logged on.",
        "log": {"level": "information"},
        "winlog": {
            "channel": "Security",
            "computer_name": "beat01",
            "event_id": "4624",
            "provider_name": "Microsoft-Windows-Security-Auditing",
            "keywords": ["Audit Success"],
            "event_data": {"TargetUserName": "ana", "TargetDomainName": "CONTOSO", "LogonType": "2"},
        },
    }
    action = {"create": {"_index": "winlogbeat-8.19.0"}}
    lines = [action, event, action, {"no": "event"}, action, event]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    with web(server) as client:
        client.headers.update(key(server, "ApiKey"))
        greeting = client.get(f"{base(server)}/elasticsearch/")
        assert greeting.headers["x-elastic-product"] == "Elasticsearch"
        assert greeting.json()["version"]["number"].startswith("8.")
        assert client.get(f"{base(server)}/elasticsearch/_license").json()["license"]["status"] == "active"
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
        path = f"{base(server)}/elasticsearch/_bulk"
        answer = client.post(path, content=gzip.compress(body), headers=headers)
        assert answer.status_code == 200
        told = answer.json()
        assert told["errors"] is True
        assert [item["create"]["status"] for item in told["items"]] == [201, 400, 201]
        for bad in (b'{"delete": {}}\n{}\n', b'{"create": {}}\n', b"[]\n[]\n"):
            assert client.post(path, content=bad).status_code == 400
    query = "SecurityEvent | where Computer == 'beat01' | project Account, LogonTypeName, Level, Activity"
    assert (
        rows(server, query)
        == [["CONTOSO\\ana", "2 - Interactive", "8", "4624 - An account was successfully logged on."]] * 2
    )


def test_rows_into_any_table_typed_by_its_schema_and_stored_once(server: Ready) -> None:
    table, sent = (
        f"{base(server)}/tables/CommonSecurityLog/rows",
        [
            {
                "DeviceVendor": "Rows",
                "SourcePort": "443",
                "SentBytes": 5_000_000_000,
                "StartTime": "2026-11-26T14:30:01Z",
            },
            {"DeviceVendor": "Rows", "TimeGenerated": "2026-11-26T14:00:00Z", "Message": 7},
        ],
    )
    lines = "\n".join(json.dumps(row) for row in sent)
    headers = bearer(server) | {"x-ms-client-request-id": str(uuid.uuid4())}
    with web(server) as client:
        for _ in range(3):
            assert client.post(table, content=lines.encode(), headers=headers).status_code == 204
        unknown = client.post(table, json=[{"Nope": 1}], headers=bearer(server))
        assert unknown.status_code == 400
        assert "'Nope'" in unknown.json()["error"]["message"]
        assert (
            client.post(f"{base(server)}/tables/Nowhere_CL/rows", json=[{}], headers=bearer(server)).status_code == 404
        )
        assert client.post(table, content=b'{"a": 1}\n[1]', headers=bearer(server)).status_code == 400
        assert client.post(table, content=b"[]", headers=bearer(server)).status_code == 204
    query = (
        "CommonSecurityLog | where DeviceVendor == 'Rows' | order by SourcePort desc "
        "| project SourcePort, SentBytes, Message"
    )
    assert rows(server, query) == [[443, 5_000_000_000, ""], [None, None, "7"]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_opentelemetry_exporter(server: Ready) -> None:
    session = requests.Session()
    session.trust_env = False
    exporter = OTLPLogExporter(
        endpoint=f"{server['https']}/v1/logs", certificate_file=server["ca"], headers=bearer(server), session=session
    )
    resource = Resource.create({"service.name": "shop", "service.namespace": "eu", "service.version": "1.2"})
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = logging.getLogger("otel-test")
    logger.propagate = False
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.error("payment failed for %s", "ana", extra={"order": 17, "items": ["a", "b"]})
    provider.shutdown()
    ((*told, attributes, resources),) = rows(
        server,
        "OTelLogs | where ServiceName == 'shop' | project Body, SeverityText, SeverityNumber, SeverityLevel, RoleName, "
        "ServiceVersion, ScopeName, Attributes, ResourceAttributes",
    )
    assert told == ["payment failed for ana", "ERROR", SeverityNumber.ERROR.value, 3, "eu.shop", "1.2", "otel-test"]
    assert json.loads(attributes)["order"] == 17
    assert json.loads(attributes)["items"] == ["a", "b"]
    assert json.loads(resources)["service.namespace"] == "eu"


def test_otlp_as_json_and_what_it_answers_to_errors(server: Ready) -> None:
    record = {
        "timeUnixNano": "1764167401123456789",
        "severityNumber": 9,
        "body": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}},
        "traceId": "5B8EFFF798038103D269B633813FC60C",
        "spanId": "eee19b7ec3c1b174",
        "attributes": [{"key": "client.address", "value": {"stringValue": "198.51.100.7"}}],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "json"}}]}
    told: dict[str, Any] = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record]}]}]}
    with web(server) as client:
        answer = client.post("/v1/logs", json=told, headers=bearer(server))
        assert (answer.status_code, answer.json()) == (200, {})
        bad = client.post(
            "/v1/logs", content=b"\xff\xff", headers=bearer(server) | {"Content-Type": "application/x-protobuf"}
        )
        assert bad.status_code == 400
        assert bad.headers["content-type"] == "application/x-protobuf"
        assert bad.content.startswith(b"\x08\x03\x12")
        assert client.post("/v1/logs", content=b"x", headers=bearer(server)).status_code == 400
        elsewhere = client.post("/v1/logs", json=told, headers=bearer(server) | {"x-vedette-workspace": "none"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, 5)
        assert client.post("/v1/logs", json=told).status_code == 401
    query = (
        "OTelLogs | where ServiceName == 'json' | project Body, TraceId, SpanId, ClientIP, SeverityLevel, TimeGenerated"
    )
    ((body, trace, span, address, level, when),) = rows(server, query)
    assert (json.loads(body), trace, span) == ({"a": 1}, "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
    assert (address, level, when.isoformat()) == ("198.51.100.7", 1, "2025-11-26T14:30:01.123456+00:00")
