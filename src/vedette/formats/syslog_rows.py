"""The row that a line of syslog becomes: of Syslog, or of CommonSecurityLog where it carries CEF or LEEF."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vedette.formats.cef import CefEvent, find_cef, parse_cef
from vedette.formats.leef import LeefEvent, find_leef, parse_leef
from vedette.formats.rows import Row, TableRow, text_of
from vedette.formats.security_log_columns import CEF_COLUMNS, LEEF_COLUMNS, fill
from vedette.formats.security_log_columns import TABLE as COMMON_SECURITY_LOG
from vedette.formats.syslog import SyslogMessage, parse_text

SYSLOG: Final = "Syslog"


@dataclass(frozen=True, slots=True)
class Relay:
    """Who took the message in and from where: addresses and names, empty for what is not known."""

    address: str = ""
    collector: str = ""
    resource_id: str = ""


NOBODY: Final = Relay()


def syslog_row(data: bytes, received: datetime, relay: Relay = NOBODY) -> TableRow:
    """The row of these bytes, a message with whatever header it has; any bytes give one."""
    text = text_of(data).strip("\r\n\0")
    if (at := find_cef(text)) >= 0 and (cef := parse_cef(text[at:])) is not None:
        header = parse_text(text[:at], received)
        return TableRow(COMMON_SECURITY_LOG, _with_relay(_cef(cef, received), header, relay))
    if (at := find_leef(text)) >= 0 and (leef := parse_leef(text[at:])) is not None:
        header = parse_text(text[:at], received)
        return TableRow(COMMON_SECURITY_LOG, _with_relay(_leef(leef, received), header, relay))
    return TableRow(SYSLOG, _plain(parse_text(text, received), relay))


def _plain(message: SyslogMessage, relay: Relay) -> Row:
    host = message.host or relay.address
    row: Row = {
        "SourceSystem": "Linux",
        "Facility": message.facility,
        "SeverityLevel": message.severity,
        "HostName": host,
        "Computer": host,
        "HostIP": relay.address,
        "CollectorHostName": relay.collector,
        "ProcessName": message.process,
        "ProcessID": message.process_id,
        "EventTime": message.time,
        "SyslogMessage": message.text,
        "_ResourceId": relay.resource_id,
    }
    return {column: value for column, value in row.items() if value not in (None, "")}


def _cef(event: CefEvent, received: datetime) -> Row:
    header: Row = {
        "DeviceVendor": event.vendor,
        "DeviceProduct": event.product,
        "DeviceVersion": event.version,
        "DeviceEventClassID": event.class_id,
        "Activity": event.name,
        "LogSeverity": event.severity,
    }
    return _security_row(header, event.extension, CEF_COLUMNS, received)


def _leef(event: LeefEvent, received: datetime) -> Row:
    header: Row = {
        "DeviceVendor": event.vendor,
        "DeviceProduct": event.product,
        "DeviceVersion": event.version,
        "DeviceEventClassID": event.event_id,
        "Activity": event.event_id,
    }
    return _security_row(header, event.attributes, LEEF_COLUMNS, received)


def _security_row(header: Row, extension: Mapping[str, str], columns: Mapping[str, str], received: datetime) -> Row:
    row = {column: value for column, value in header.items() if value}
    fill(row, extension, columns, received)
    return row


def _with_relay(row: Row, header: SyslogMessage, relay: Relay) -> Row:
    more = {
        "SourceSystem": "OpsManager",
        "Computer": header.host or relay.address,
        "CollectorHostName": relay.collector,
        "_ResourceId": relay.resource_id,
    }
    return row | {column: value for column, value in more.items() if value}
