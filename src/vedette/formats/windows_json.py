"""Reads Windows events from JSON: of winlogbeat, of NXLog, and the form that mirrors Windows' XML.

https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog
https://docs.nxlog.co/refman/current/im/msvistalog.html
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from vedette.core.errors import InvalidInput
from vedette.formats.event_times import read_time
from vedette.formats.windows_event import (
    AUDIT_FAILURE,
    AUDIT_SUCCESS,
    LEVEL_NAMES,
    Data,
    WindowsEvent,
    number,
    small,
    unsigned,
)
from vedette.formats.windows_xml import parse_windows_xml

_LEVELS = {name.lower(): level for level, name in LEVEL_NAMES.items()} | {"info": 4}
_AUDIT = {"audit success": AUDIT_SUCCESS, "audit failure": AUDIT_FAILURE}
_RESERVED = 0x8000_0000_0000_0000  # Windows sets it in the keywords of every channel of its own
_NXLOG_NAMES = """
    EventTime EventReceivedTime Hostname Keywords LevelValue EventType SeverityValue Severity EventID SourceName
    ProviderGuid Version TaskValue Task OpcodeValue Opcode RecordNumber RecordID ActivityID RelatedActivityID
    ExecutionProcessID ExecutionThreadID ProcessID ThreadID Channel Domain AccountName AccountType UserID Message
    Category SourceModuleName SourceModuleType EventData Flags EventGeneratedTime MessageSourceAddress
"""
_NXLOG_SYSTEM = frozenset(_NXLOG_NAMES.split())


def parse_windows_json(record: Any, received: datetime) -> WindowsEvent:
    """The event of a JSON object, by the form that it has. Raises InvalidInput (InvalidDataFormat)."""
    match record:
        case {"winlog": {**winlog}}:
            return _winlogbeat(record, winlog, received)
        case {"Event": {"System": {**_system}} as event}:
            return _mirrored(event, received)
        case {"System": {**_system}}:
            return _mirrored(record, received)
        case {"EventID": _}:
            return _nxlog(record, received)
        case _:
            raise InvalidInput(
                "InvalidDataFormat",
                "A record is no Windows event that is known here: winlogbeat's has 'winlog', NXLog's 'EventID', others "
                "'System'.",
            )


def _winlogbeat(record: Mapping[str, Any], winlog: Mapping[str, Any], received: datetime) -> WindowsEvent:
    message, user = _text(record.get("message")), _dict(winlog.get("user"))
    original = _text(_dict(record.get("event")).get("original"))
    # With include_xml, it sends what Windows wrote too.
    events = parse_windows_xml(original.encode(), received) if original.startswith("<Event") else []
    if events:
        return replace(events[0], message=message or events[0].message, user_name=_account(user))
    process, keywords = _dict(winlog.get("process")), winlog.get("keywords")
    names = keywords if isinstance(keywords, list) else []
    return _made(
        received,
        provider=_text(winlog.get("provider_name")),
        event_id=winlog.get("event_id", _dict(record.get("event")).get("code")),
        channel=_text(winlog.get("channel")),
        computer=_text(winlog.get("computer_name")),
        time=_text(record.get("@timestamp")),
        data=_pairs(_dict(winlog.get("event_data")) | _dict(winlog.get("user_data"))),
        message=message,
        version=winlog.get("version"),
        level=_LEVELS.get(_text(_dict(record.get("log")).get("level")).lower()),
        task=winlog.get("task"),
        opcode=winlog.get("opcode"),
        keywords=sum(_AUDIT.get(_text(name).lower(), 0) for name in names) | _RESERVED if names else None,
        record_id=_text(winlog.get("record_id")),
        activity_id=_text(winlog.get("activity_id")),
        process_id=process.get("pid"),
        thread_id=_dict(process.get("thread")).get("id"),
        user_id=_text(user.get("identifier")),
        user_name=_account(user),
    )


def _nxlog(record: Mapping[str, Any], received: datetime) -> WindowsEvent:
    data = _dict(record.get("EventData")) or {
        name: value for name, value in record.items() if name not in _NXLOG_SYSTEM
    }
    return _made(
        received,
        provider=_text(record.get("SourceName")),
        event_id=record["EventID"],
        channel=_text(record.get("Channel")),
        computer=_text(record.get("Hostname")),
        time=_text(record.get("EventTime")),
        data=_pairs(data),
        message=_text(record.get("Message")),
        version=record.get("Version"),
        level=_nxlog_level(record),
        task=record.get("TaskValue", record.get("Task")),
        opcode=record.get("OpcodeValue"),
        keywords=record.get("Keywords"),
        record_id=_text(record.get("RecordNumber", record.get("RecordID"))),
        activity_id=_text(record.get("ActivityID")),
        process_id=record.get("ExecutionProcessID", record.get("ProcessID")),
        thread_id=record.get("ExecutionThreadID", record.get("ThreadID")),
        user_id=_text(record.get("UserID")),
        user_name=_account({"domain": record.get("Domain"), "name": record.get("AccountName")}),
    )


def _nxlog_level(record: Mapping[str, Any]) -> Any:
    """LevelValue where it is told; else what NXLog's severity of 1 to 5 means, which runs the other way."""
    if "LevelValue" in record:
        return record["LevelValue"]
    return {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}.get(number(record.get("SeverityValue")) or 0)


def _mirrored(event: Mapping[str, Any], received: datetime) -> WindowsEvent:
    """`{"System": {…}, "EventData": {…}}`; attributes are under `#attributes`, or beside the element's value."""
    system = _dict(event["System"])
    execution, provider = _attributes(system.get("Execution")), _attributes(system.get("Provider"))
    return _made(
        received,
        provider=_text(provider.get("EventSourceName")) or _text(provider.get("Name")),
        event_id=_value(system.get("EventID")),
        channel=_text(system.get("Channel")),
        computer=_text(system.get("Computer")),
        time=_text(_attributes(system.get("TimeCreated")).get("SystemTime")),
        data=_mirrored_data(_dict(event.get("EventData")) or _dict(event.get("UserData"))),
        message=_text(_dict(event.get("RenderingInfo")).get("Message")),
        version=system.get("Version"),
        level=system.get("Level"),
        task=system.get("Task"),
        opcode=system.get("Opcode"),
        keywords=system.get("Keywords"),
        record_id=_text(_value(system.get("EventRecordID"))),
        activity_id=_text(_attributes(system.get("Correlation")).get("ActivityID")),
        process_id=execution.get("ProcessID"),
        thread_id=execution.get("ThreadID"),
        user_id=_text(_attributes(system.get("Security")).get("UserID")),
    )


def _mirrored_data(data: Mapping[str, Any]) -> Data:
    nameless = data.get("Data")
    texts = nameless.get("#text") if isinstance(nameless, dict) else nameless
    if isinstance(texts, list):
        return tuple(("", _text(each)) for each in texts)
    return _pairs({name: value for name, value in data.items() if name != "#attributes"})


def _made(received: datetime, *, event_id: Any, time: str, **fields: Any) -> WindowsEvent:
    known = small(number(event_id))
    if known is None or not fields["channel"]:
        raise InvalidInput("InvalidDataFormat", "A Windows event has no event id or no channel.")
    for name in ("version", "level", "task", "opcode", "process_id", "thread_id"):
        fields[name] = small(number(fields[name]))
    fields["keywords"] = unsigned(number(fields["keywords"]))
    return WindowsEvent(event_id=known, time=read_time(time, received), **fields)


def _pairs(data: Mapping[str, Any]) -> Data:
    return tuple((str(name), _text(value)) for name, value in data.items())


def _account(user: Mapping[str, Any]) -> str:
    domain, name = _text(user.get("domain")), _text(user.get("name"))
    return f"{domain}\\{name}" if domain and name else name


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _attributes(value: Any) -> dict[str, Any]:
    given = _dict(value)
    inner = given.get("#attributes")
    return inner if isinstance(inner, dict) else given


def _value(value: Any) -> Any:
    """The value of an element that may have attributes: `{"#text": 1, "#attributes": …}` or `{"Value": 1}`."""
    given = _dict(value)
    return given.get("#text", given.get("Value")) if given else value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()
