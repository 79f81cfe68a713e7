"""Real events of appliances and Windows services: in as their senders send them, back by query, counted and typed."""

import csv
import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from tests.clients.command import vedette
from tests.clients.conftest import running
from tests.clients.sdk import Ready, bearer, rows, web

from vedette.formats.security_log_columns import CEF_COLUMNS

Record = dict[str, Any]

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
SAMPLES = CORPUS / "samples"
SECONDS = 30.0

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the corpus is not at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with running(tmp_path_factory.mktemp("samples"), "--syslog", "127.0.0.1:0") as ready:
        yield ready


def exported(name: str) -> list[Record]:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8-sig"))


def lines_of(name: str) -> list[bytes]:
    return [line for line in (SAMPLES / name).read_bytes().splitlines() if line.strip()]


def send(ready: Ready, messages: Iterable[bytes]) -> None:
    """Over TCP: with its length where a message begins with a priority, else ended by a newline."""
    with socket.create_connection(("127.0.0.1", int(ready["syslog"].rpartition(":")[2]))) as sender:
        sender.sendall(b"".join(map(framed, messages)))


def framed(message: bytes) -> bytes:
    return b"%d %b" % (len(message), message) if message.startswith(b"<") else message + b"\n"


def until(ready: Ready, table: str, count: int) -> None:
    deadline = time.monotonic() + SECONDS
    while rows(ready, f"{table} | count") != [[count]] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert rows(ready, f"{table} | count") == [[count]]


def records(ready: Ready, query: str, columns: list[str]) -> list[Record]:
    return [dict(zip(columns, row, strict=True)) for row in rows(ready, f"{query} | project {', '.join(columns)}")]


def counted(found: Iterable[Record]) -> Counter[str]:
    return Counter(json.dumps(each, default=str, sort_keys=True) for each in found)


def pairs(line: bytes) -> dict[str, str]:
    """The keys and values of a CEF line, read in another way than the server does."""
    text = line.decode().rpartition("|")[2] if b"CEF:" in line else line.decode()
    found = re.findall(r"(?:^|\s)([\w.]+)=(.*?)(?=\s+[\w.]+=|$)", text)
    return {key: value.strip() for key, value in found}


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("CEF/barracudaWAFCEF.txt", "DeviceVendor == 'BarracudaNetworks'"),
        ("CEF/fortiwebwafsamplelog.txt", "Computer == 'syslog.fortiweb-cloud.com'"),
    ],
)
def test_lines_of_cef(listening: Ready, tmp_path: Path, name: str, where: str) -> None:
    """As the device sends them, and the same file by the command line."""
    lines = lines_of(name)
    send(listening, lines)
    until(listening, f"CommonSecurityLog | where {where}", len(lines))
    told = vedette(listening, tmp_path, "ingest", "CommonSecurityLog", SAMPLES / name)
    assert told.stdout == f"{len(lines)} rows stored in CommonSecurityLog.\n", told.stderr
    columns = {
        "src": "SourceIP",
        "dpt": "DestinationPort",
        "spt": "SourcePort",
        "in": "ReceivedBytes",
        "rt": "ReceiptTime",
        "request": "RequestURL",
        "cs1": "DeviceCustomString1",
        "cs2Label": "DeviceCustomString2Label",
        "act": "DeviceAction",
        "cn1": "FieldDeviceCustomNumber1",
        "app": "ApplicationProtocol",
        "outcome": "EventOutcome",
    }
    found = records(listening, f"CommonSecurityLog | where {where}", list(columns.values()))
    sent = [{column: cell(column, pairs(line).get(key, "")) for key, column in columns.items()} for line in lines]
    assert counted(found) == counted(sent * 2)


def cell(column: str, text: str) -> Any:
    if column in ("DestinationPort", "SourcePort", "ReceivedBytes", "FieldDeviceCustomNumber1"):
        return int(text) if text.isdecimal() else None
    return text


def cef(record: Record) -> bytes:
    """The event that made this row of CommonSecurityLog, as far as the row says."""
    header = [
        str(record.get(name, ""))
        for name in ("DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Activity", "LogSeverity")
    ]
    extension = " ".join(
        f"{key}={escaped(str(record[column]))}" for key, column in CEF_COLUMNS.items() if said(record.get(column))
    )
    bars = "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in header)
    return f"<14>Nov 26 10:00:00 sample CEF:0|{bars}|{extension}".encode()


def said(value: Any) -> bool:
    return value not in (None, "", "null")


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "\\r").replace("\n", "\\n")


def ossec(record: Record) -> Record:
    """The parser's names for columns, undone."""
    named = {
        "EventVendor": "DeviceVendor",
        "EventProduct": "DeviceProduct",
        "EventProductVersion": "DeviceVersion",
        "RuleName": "Activity",
        "RuleNumber": "DeviceEventClassID",
        "EventSeverity": "LogSeverity",
        "EventMessage": "Message",
        "SrcIpAddr": "SourceIP",
        "SrcUserName": "SourceUserName",
        "DvcHostname": "DeviceName",
        "SrcHostname": "SourceHostName",
    }
    return {named.get(name, name): value for name, value in record.items()}


def sample(name: str) -> list[Record]:
    if name.endswith(".csv"):
        with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    return [ossec(record) for record in exported(name)] if "OSSEC" in name else exported(name)


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("CEF/ThycoticSourceData.json", "Thycotic Software"),
        ("CEF/illusive.csv", "illusive"),
        ("CEF/SymantecDLP.json", "Symantec"),
        ("CEF/OSSECEvents.json", "OSSEC"),
    ],
)
def test_exports_of_common_security_log(listening: Ready, name: str, vendor: str) -> None:
    events = sample(name)
    send(listening, map(cef, events))
    until(listening, f"CommonSecurityLog | where DeviceVendor startswith '{vendor}'", len(events))
    header = ["DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Activity", "LogSeverity"]
    columns = header + [column for column in CEF_COLUMNS.values() if any(said(event.get(column)) for event in events)]
    found = records(listening, f"CommonSecurityLog | where DeviceVendor startswith '{vendor}'", columns)
    as_text = [{name: "" if value is None else str(value).strip() for name, value in row.items()} for row in found]
    sent = [{name: str(event[name]).strip() if said(event.get(name)) else "" for name in columns} for event in events]
    assert counted(as_text) == counted(sent)


@pytest.mark.parametrize(
    "name",
    ["Syslog/CiscoMeraki.json", "Syslog/JuniperSRX.json", "Syslog/SymantecProxySG.json", "Syslog/McAfee_ePO.json"],
)
def test_exports_of_syslog(listening: Ready, name: str) -> None:
    """Relayed, as a collector relays them; a parser's output without the message is sent as its own JSON."""
    process = Path(name).stem
    texts = [event.get("SyslogMessage") or json.dumps(event) for event in exported(name)]
    header = f"<134>1 2026-11-26T10:00:00Z relay {process} 77 - - "
    send(listening, [(header + text).encode() for text in texts])
    query = f"Syslog | where ProcessName == '{process}'"
    until(listening, query, len(texts))
    assert Counter(text for (text,) in rows(listening, f"{query} | project SyslogMessage")) == Counter(
        text.strip(" \r\n\0") for text in texts
    )
    told = rows(listening, f"{query} | distinct Facility, SeverityLevel, ProcessID, HostName, EventTime, SourceSystem")
    assert told == [["local0", "info", 77, "relay", datetime(2026, 11, 26, 10, tzinfo=UTC), "Linux"]]


def test_messages_of_meraki_and_juniper_as_the_devices_send_them(listening: Ready) -> None:
    messages = [
        event["SyslogMessage"].encode()
        for name in ("Syslog/CiscoMeraki.json", "Syslog/JuniperSRX.json")
        for event in exported(name)
        if event["SyslogMessage"].startswith("<")
    ]
    assert messages
    before = rows(
        listening, "Syslog | where isempty(ProcessName) or ProcessName !in ('CiscoMeraki', 'JuniperSRX') | count"
    )[0][0]
    send(listening, messages)
    until(listening, "Syslog | where ProcessName !in ('CiscoMeraki', 'JuniperSRX')", before + len(messages))


def test_lines_of_syslog(listening: Ready) -> None:
    lines = lines_of("Syslog/barracudasamplelogs.txt")
    send(listening, lines)
    query = "Syslog | where Computer == 'Barracuda'"
    until(listening, query, len(lines))
    assert Counter(text for (text,) in rows(listening, f"{query} | project SyslogMessage")) == Counter(
        line.decode().split(" ", 4)[4].strip() if line.decode()[4] != " " else line.decode().split(" ", 5)[5].strip()
        for line in lines
    )
    assert rows(listening, f"{query} | where isnull(EventTime) | count") == [[0]]


def windows_xml(event: Record) -> str:
    """The event that made this row of Event, rendered."""
    data = re.search(r"<EventData.*</EventData>|<EventData[^>]*/>", event["EventData"], re.DOTALL)
    time = datetime.strptime(event["TimeGenerated [UTC]"], "%m/%d/%Y, %I:%M:%S.%f %p").isoformat()
    level = {1: 2, 2: 3}.get(event["EventLevel"], event["EventLevel"])  # the column goes by the event types of old
    return (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
        f"<Provider Name={quoteattr(event['Source'])}/>"
        f"<EventID>{event['EventID']}</EventID><Level>{level}</Level><Task>{event['EventCategory']}</Task>"
        f'<TimeCreated SystemTime="{time}Z"/><Channel>{event["EventLog"]}</Channel>'
        f"<Computer>{event['Computer']}</Computer>"
        f"</System>{data[0] if data else ''}<RenderingInfo><Message>{escape(event['RenderedDescription'])}</Message>"
        "</RenderingInfo></Event>"
    )


def test_events_of_a_directory_service(listening: Ready) -> None:
    events = exported("Event/SemperisDirectoryServicesProtector.json")
    path = f"/vedette/workspaces/{listening['workspace_id']}/windowsEvents"
    with web(listening) as client:
        body = "".join(map(windows_xml, events)).encode()
        assert client.post(path, content=body, headers=bearer(listening)).status_code == 204
    columns = ["Source", "EventLog", "Computer", "EventID", "EventLevel", "EventLevelName", "EventCategory"]
    found = records(listening, "Event", columns)
    assert counted(found) == counted({name: event[name] for name in columns} for event in events)
    texts = Counter(text for (text,) in rows(listening, "Event | project RenderedDescription"))
    assert texts == Counter(event["RenderedDescription"].strip() for event in events)
    parameters = Counter(without_times(text) for (text,) in rows(listening, "Event | project ParameterXml"))
    assert parameters == Counter(without_times(event["ParameterXml"]) for event in events)


def without_times(text: str) -> str:
    """The parameters' values. The agent that made the export wrote times in a form of its own, and some in CDATA."""
    plain = unescape(text.replace("<![CDATA[", "").replace("]]>", ""))
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "time", plain)
