"""Which column of CommonSecurityLog each key of CEF and each attribute of LEEF fills, and as what type.

https://learn.microsoft.com/azure/sentinel/cef-name-mapping
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from vedette.formats.event_times import read_time
from vedette.formats.rows import LONG_RANGE, Row, whole_number

TABLE: Final = "CommonSecurityLog"

_NUMBERED = {
    "c6a{}": ("DeviceCustomIPv6Address{}", 4),
    "cfp{}": ("DeviceCustomFloatingPoint{}", 4),
    "cn{}": ("DeviceCustomNumber{}", 3),
    "cs{}": ("DeviceCustomString{}", 6),
    "deviceCustomDate{}": ("DeviceCustomDate{}", 2),
    "flexDate{}": ("FlexDate{}", 1),
    "flexNumber{}": ("FlexNumber{}", 2),
    "flexString{}": ("FlexString{}", 2),
}
_CUSTOM = {
    key.format(number) + label: column.format(number) + label
    for key, (column, count) in _NUMBERED.items()
    for number in range(1, count + 1)
    for label in ("", "Label")
}
CEF_COLUMNS: Final[Mapping[str, str]] = _CUSTOM | {
    "act": "DeviceAction",
    "app": "ApplicationProtocol",
    "cat": "DeviceEventCategory",
    "cnt": "EventCount",
    "destinationDnsDomain": "DestinationDnsDomain",
    "destinationServiceName": "DestinationServiceName",
    "destinationTranslatedAddress": "DestinationTranslatedAddress",
    "destinationTranslatedPort": "DestinationTranslatedPort",
    "deviceDirection": "CommunicationDirection",
    "deviceDnsDomain": "DeviceDnsDomain",
    "deviceExternalId": "DeviceExternalID",
    "deviceFacility": "DeviceFacility",
    "deviceInboundInterface": "DeviceInboundInterface",
    "deviceNtDomain": "DeviceNtDomain",
    "deviceOutboundInterface": "DeviceOutboundInterface",
    "devicePayloadId": "DevicePayloadId",
    "deviceProcessName": "ProcessName",
    "deviceTranslatedAddress": "DeviceTranslatedAddress",
    "dhost": "DestinationHostName",
    "dmac": "DestinationMACAddress",
    "dntdom": "DestinationNTDomain",
    "dpid": "DestinationProcessId",
    "dpriv": "DestinationUserPrivileges",
    "dproc": "DestinationProcessName",
    "dpt": "DestinationPort",
    "dst": "DestinationIP",
    "dtz": "DeviceTimeZone",
    "duid": "DestinationUserID",
    "duser": "DestinationUserName",
    "dvc": "DeviceAddress",
    "dvchost": "DeviceName",
    "dvcmac": "DeviceMacAddress",
    "dvcpid": "ProcessID",
    "end": "EndTime",
    "externalId": "ExternalID",
    "fileCreateTime": "FileCreateTime",
    "fileHash": "FileHash",
    "fileId": "FileID",
    "fileModificationTime": "FileModificationTime",
    "filePath": "FilePath",
    "filePermission": "FilePermission",
    "fileType": "FileType",
    "fname": "FileName",
    "fsize": "FileSize",
    "in": "ReceivedBytes",
    "msg": "Message",
    "oldFileCreateTime": "OldFileCreateTime",
    "oldFileHash": "OldFileHash",
    "oldFileId": "OldFileID",
    "oldFileModificationTime": "OldFileModificationTime",
    "oldFileName": "OldFileName",
    "oldFilePath": "OldFilePath",
    "oldFilePermission": "OldFilePermission",
    "oldFileSize": "OldFileSize",
    "oldFileType": "OldFileType",
    "out": "SentBytes",
    "outcome": "EventOutcome",
    "proto": "Protocol",
    "reason": "Reason",
    "request": "RequestURL",
    "requestClientApplication": "RequestClientApplication",
    "requestContext": "RequestContext",
    "requestCookies": "RequestCookies",
    "requestMethod": "RequestMethod",
    "rt": "ReceiptTime",
    "shost": "SourceHostName",
    "smac": "SourceMACAddress",
    "sntdom": "SourceNTDomain",
    "sourceDnsDomain": "SourceDnsDomain",
    "sourceServiceName": "SourceServiceName",
    "sourceTranslatedAddress": "SourceTranslatedAddress",
    "sourceTranslatedPort": "SourceTranslatedPort",
    "spid": "SourceProcessId",
    "spriv": "SourceUserPrivileges",
    "sproc": "SourceProcessName",
    "spt": "SourcePort",
    "src": "SourceIP",
    "start": "StartTime",
    "suid": "SourceUserID",
    "suser": "SourceUserName",
    "type": "EventType",
}

LEEF_COLUMNS: Final[Mapping[str, str]] = {
    "action": "DeviceAction",
    "cat": "DeviceEventCategory",
    "devTime": "ReceiptTime",
    "domain": "SourceNTDomain",
    "dst": "DestinationIP",
    "dstBytes": "ReceivedBytes",
    "dstMAC": "DestinationMACAddress",
    "dstPort": "DestinationPort",
    "dstPostNAT": "DestinationTranslatedAddress",
    "dstPostNATPort": "DestinationTranslatedPort",
    "identHostName": "SourceHostName",
    "identSrc": "RemoteIP",
    "msg": "Message",
    "proto": "Protocol",
    "reason": "Reason",
    "resource": "DestinationHostName",
    "role": "SourceUserPrivileges",
    "sev": "LogSeverity",
    "src": "SourceIP",
    "srcBytes": "SentBytes",
    "srcMAC": "SourceMACAddress",
    "srcPort": "SourcePort",
    "srcPostNAT": "SourceTranslatedAddress",
    "srcPostNATPort": "SourceTranslatedPort",
    "url": "RequestURL",
    "usrName": "SourceUserName",
}
"""The attributes: https://www.ibm.com/docs/dsm?topic=overview-leef-event-attributes; the columns are our choice."""

_INTS = frozenset(
    {
        "DestinationPort", "DestinationProcessId", "DestinationTranslatedPort", "EventCount", "EventType", "ExternalID",
        "FileSize", "FlexNumber1", "FlexNumber2", "OldFileSize", "ProcessID", "SourcePort", "SourceProcessId",
        "SourceTranslatedPort", "DeviceCustomNumber1", "DeviceCustomNumber2", "DeviceCustomNumber3",
    }
)  # fmt: skip
_LONGS = frozenset({"ReceivedBytes", "SentBytes"})
_REALS = frozenset(f"DeviceCustomFloatingPoint{number}" for number in range(1, 5))
_TIMES = frozenset({"StartTime", "EndTime"})


def fill(row: Row, fields: Mapping[str, str], columns: Mapping[str, str], received: datetime) -> None:
    """Put each field into its column, and what has no column, or does not fit it, into AdditionalExtensions."""
    others: list[str] = []
    for name, value in fields.items():
        if not value:
            continue
        column = columns.get(name)
        if column is None or not _put(row, column, value, received):
            others.append(f"{name}={value}")
    if others:
        row["AdditionalExtensions"] = ";".join(others)


def _put(row: Row, column: str, value: str, received: datetime) -> bool:
    typed = _typed(column, value, received)
    if typed is not None:
        row[column] = typed
    if column.startswith("DeviceCustomNumber") and not column.endswith("Label"):
        return _put_twin(row, f"Field{column}", value)
    if column == "ExternalID":
        row["ExtID"] = value
        return True
    return typed is not None


def _put_twin(row: Row, column: str, value: str) -> bool:
    """The wider column that the table has for the same number."""
    number = whole_number(value, LONG_RANGE)
    if number is None:
        return False
    row[column] = number
    return True


def _typed(column: str, value: str, received: datetime) -> Any:
    if column in _INTS:
        return whole_number(value)
    if column in _LONGS:
        return whole_number(value, LONG_RANGE)
    if column in _REALS:
        return _real(value)
    if column in _TIMES:
        return read_time(value, received)
    return value


def _real(text: str) -> float | None:
    try:
        return float(text) if len(text) < 64 else None
    except ValueError:
        return None
