"""Windows events in the forms of Windows itself, winlogbeat and NXLog, and the rows of SecurityEvent and Event."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.formats.windows_event import WindowsEvent
from vedette.formats.windows_json import parse_windows_json
from vedette.formats.windows_rows import windows_row
from vedette.formats.windows_xml import parse_windows_xml
from vedette.logs.standard_names import with_standard_columns
from vedette.logs.tables import built_in
from vedette.logs.values import arrow_table

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)

LOGON = b"""<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
<Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"/>
<EventID>4625</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode>
<Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2026-11-26T14:30:01.1234567Z"/>
<EventRecordID>229977</EventRecordID><Correlation ActivityID="{a}"/><Execution ProcessID="516" ThreadID="3240"/>
<Channel>Security</Channel><Computer>dc01.contoso.example</Computer><Security/></System>
<EventData><Data Name="SubjectUserSid">S-1-5-18</Data><Data Name="SubjectUserName">DC01$</Data>
<Data Name="SubjectDomainName">CONTOSO</Data><Data Name="TargetUserName">ana &amp; co</Data>
<Data Name="TargetDomainName">CONTOSO</Data><Data Name="Status">0xc000006d</Data><Data Name="LogonType">3</Data>
<Data Name="KeyLength">0</Data><Data Name="IpAddress">198.51.100.23</Data><Data Name="IpPort">50211</Data>
<Data Name="ProcessName">C:\\Windows\\System32\\svchost.exe</Data></EventData></Event>"""


def stored(event: WindowsEvent) -> dict[str, Any]:
    """The event's row, which its table takes."""
    typed = windows_row(event)
    known = built_in(typed.table)
    assert known is not None
    arrow_table([typed.row], with_standard_columns(known.columns))
    return {"Type": typed.table} | typed.row


def test_a_failed_logon_as_windows_writes_it() -> None:
    (event,) = parse_windows_xml(b'<?xml version="1.0" encoding="utf-8"?>' + LOGON, NOW)
    assert stored(event) == {
        "Type": "SecurityEvent",
        "TimeGenerated": datetime(2026, 11, 26, 14, 30, 1, 123456, tzinfo=UTC),
        "SourceSystem": "OpsManager",
        "EventSourceName": "Microsoft-Windows-Security-Auditing",
        "Channel": "Security",
        "Computer": "dc01.contoso.example",
        "EventID": 4625,
        "Activity": "4625 - An account failed to log on.",
        "EventRecordId": "229977",
        "Correlation": "{a}",
        "Task": 12544,
        "Level": "16",
        "EventLevelName": "LogAlways",
        "Keywords": "0x8010000000000000",
        "Opcode": "0",
        "Version": 0,
        "SystemProcessId": 516,
        "SystemThreadId": 3240,
        "SubjectUserSid": "S-1-5-18",
        "SubjectUserName": "DC01$",
        "SubjectDomainName": "CONTOSO",
        "SubjectAccount": "CONTOSO\\DC01$",
        "TargetUserName": "ana & co",
        "TargetDomainName": "CONTOSO",
        "TargetAccount": "CONTOSO\\ana & co",
        "Account": "CONTOSO\\ana & co",
        "AccountType": "User",
        "Status": "0xc000006d",
        "LogonType": 3,
        "LogonTypeName": "3 - Network",
        "KeyLength": 0,
        "IpAddress": "198.51.100.23",
        "IpPort": "50211",
        "ProcessName": "C:\\Windows\\System32\\svchost.exe",
        "Process": "svchost.exe",
    }


def test_several_events_and_what_has_no_column() -> None:
    other = LOGON.replace(b"4625", b"4688").replace(b'Name="IpPort"', b'Name="SomethingNew"')
    first, second = parse_windows_xml(b"<Events>" + LOGON + b"</Events>\n" + other, NOW)
    assert (first.event_id, second.event_id) == (4625, 4688)
    row = stored(second)
    assert (row["Account"], row["AccountType"]) == ("CONTOSO\\DC01$", "Machine")
    assert '<Data Name="SomethingNew">50211</Data>' in row["EventData"]
    assert "ana &amp; co" in row["EventData"]


def test_other_channels_are_event_with_their_rendered_text() -> None:
    data = (
        LOGON.replace(b"<Channel>Security</Channel>", b"<Channel>System</Channel>")
        .replace(b"<Level>0</Level>", b"<Level>3</Level>")
        .replace(b"<Security/>", b'<Security UserID="S-1-5-18"/>')
        .replace(b"</Event>", b"<RenderingInfo Culture='en-US'><Message>It failed.</Message></RenderingInfo></Event>")
    )
    row = stored(parse_windows_xml(data, NOW)[0])
    assert row["Type"] == "Event"
    assert (row["EventLog"], row["Source"]) == ("System", "Microsoft-Windows-Security-Auditing")
    assert (row["EventLevel"], row["EventLevelName"], row["EventCategory"]) == (2, "Warning", 12544)
    assert (row["RenderedDescription"], row["UserName"]) == ("It failed.", "S-1-5-18")
    assert row["ParameterXml"].startswith("<Param>S-1-5-18</Param><Param>DC01$</Param>")
    assert row["EventData"].startswith(
        '<DataItem type="System.XmlData" time="2026-11-26T14:30:01.123456+00:00"><EventData'
    )


WINLOGBEAT = {
    "@timestamp": "2026-11-26T14:30:01.123Z",
    "message": "An account failed to log on.",
    "log": {"level": "information"},
    "event": {"code": "4625", "provider": "Microsoft-Windows-Security-Auditing"},
    "winlog": {
        "channel": "Security",
        "computer_name": "dc01.contoso.example",
        "event_id": "4625",
        "provider_name": "Microsoft-Windows-Security-Auditing",
        "keywords": ["Audit Failure"],
        "record_id": 229977,
        "task": "Logon",
        "process": {"pid": 516, "thread": {"id": 3240}},
        "event_data": {"TargetUserName": "ana", "TargetDomainName": "CONTOSO", "LogonType": "3", "IpPort": "50211"},
    },
}
NXLOG = {
    "EventTime": "2026-11-26T15:30:01.123456+01:00",
    "Hostname": "dc01.contoso.example",
    "Keywords": -9218868437227405312,
    "LevelValue": 0,
    "EventType": "AUDIT_FAILURE",
    "SeverityValue": 4,
    "Severity": "ERROR",
    "EventID": 4625,
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "TaskValue": 12544,
    "RecordNumber": 229977,
    "ExecutionProcessID": 516,
    "ExecutionThreadID": 3240,
    "Channel": "Security",
    "Message": "An account failed to log on.",
    "TargetUserName": "ana",
    "TargetDomainName": "CONTOSO",
    "LogonType": "3",
    "IpPort": "50211",
    "EventReceivedTime": "2026-11-26T15:30:02+01:00",
    "SourceModuleName": "in",
    "SourceModuleType": "im_msvistalog",
}
MIRRORED = {
    "Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
            "EventID": 4625,
            "Level": 0,
            "Keywords": "0x8010000000000000",
            "TimeCreated": {"#attributes": {"SystemTime": "2026-11-26T14:30:01.123456Z"}},
            "EventRecordID": 229977,
            "Execution": {"#attributes": {"ProcessID": 516, "ThreadID": 3240}},
            "Channel": "Security",
            "Computer": "dc01.contoso.example",
        },
        "EventData": {"TargetUserName": "ana", "TargetDomainName": "CONTOSO", "LogonType": 3, "IpPort": "50211"},
    }
}


@pytest.mark.parametrize("record", [WINLOGBEAT, NXLOG, MIRRORED], ids=["winlogbeat", "nxlog", "mirrored"])
def test_the_same_event_from_every_sender(record: dict[str, Any]) -> None:
    row = stored(parse_windows_json(record, NOW))
    assert row["TimeGenerated"].replace(microsecond=0) == datetime(2026, 11, 26, 14, 30, 1, tzinfo=UTC)
    assert {
        name: row.get(name)
        for name in (
            "Type",
            "EventID",
            "Computer",
            "Account",
            "LogonTypeName",
            "IpPort",
            "Level",
            "EventRecordId",
            "EventData",
            "SystemProcessId",
        )
    } == {
        "Type": "SecurityEvent",
        "EventID": 4625,
        "Computer": "dc01.contoso.example",
        "Account": "CONTOSO\\ana",
        "LogonTypeName": "3 - Network",
        "IpPort": "50211",
        "Level": "16",
        "EventRecordId": "229977",
        "EventData": None,
        "SystemProcessId": 516,
    }


def test_winlogbeat_with_the_xml_and_nxlog_with_its_own_severity() -> None:
    beat: dict[str, Any] = json.loads(json.dumps(WINLOGBEAT))
    beat["event"]["original"] = LOGON.decode().replace("Security</Channel>", "Application</Channel>")
    row = stored(parse_windows_json(beat, NOW))
    assert (row["Type"], row["RenderedDescription"]) == ("Event", "An account failed to log on.")
    assert "ana &amp; co" in row["EventData"]
    beat["event"]["original"] = "<Events/>"
    assert stored(parse_windows_json(beat, NOW))["Type"] == "SecurityEvent"
    nxlog = {**NXLOG, "Channel": "System", "Domain": "NT AUTHORITY", "AccountName": "SYSTEM"}
    del nxlog["LevelValue"]
    row = stored(parse_windows_json(nxlog, NOW))
    assert (row["EventLevelName"], row["UserName"]) == ("Error", "NT AUTHORITY\\SYSTEM")


@pytest.mark.parametrize(
    "data",
    [
        b"<Event><System><EventID>1</EventID></System></Event>",
        b"<Event><System><Channel>System</Channel></System></Event>",
        b"<Event>",
        b"<Other/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Event/>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Event/>',
        b"<Event>&undefined;</Event>",
        b"<Event>" * 100,
        b"not xml",
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_windows_xml(data, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "winlog",
        "Event",
        "System",
        "EventData",
        "EventID",
        "Channel",
        "channel",
        "event_id",
        "keywords",
        "#text",
        "#attributes",
        "event",
        "Data",
    ]
)


@given(
    st.dictionaries(
        FIELDS, st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON, max_size=3), max_size=6) | JSON, max_size=6
    )
)
def test_any_json_is_an_event_or_refused(record: dict[str, Any]) -> None:
    try:
        stored(parse_windows_json(record, NOW))
    except InvalidInput:
        return


@given(
    st.lists(
        st.sampled_from(
            [
                "<Event>",
                "</Event>",
                "<System>",
                "</System>",
                "<EventID>1</EventID>",
                "<Channel>S</Channel>",
                "<EventData>",
                "</EventData>",
                '<Data Name="LogonType">',
                "</Data>",
                "<",
                "&amp;",
                "99999999999",
            ]
        ),
        max_size=14,
    ).map("".join)
    | st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
)
def test_any_text_is_events_or_refused(text: str) -> None:
    try:
        events = parse_windows_xml(text.encode(), NOW)
    except InvalidInput:
        return
    for event in events:
        stored(event)
