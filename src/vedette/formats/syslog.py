"""A syslog message taken apart: RFC 5424, RFC 3164, and what devices send instead of either.

https://www.rfc-editor.org/rfc/rfc5424, https://www.rfc-editor.org/rfc/rfc3164
"""

import re
from dataclasses import dataclass
from datetime import datetime

from vedette.formats.event_times import find_time
from vedette.formats.rows import text_of, whole_number

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")

_USER_NOTICE = 13  # what RFC 3164 gives a message without a priority
_PRIORITY = re.compile(r"<(\d{1,3})>", re.ASCII)
_RFC5424 = re.compile(r"(\d{1,2}) (\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) (?=-|\[)", re.ASCII)
_VERSION = re.compile(r"1 (?=\d)", re.ASCII)
_CISCO_SEQUENCE = re.compile(r"\d{1,10}: ", re.ASCII)
_CISCO_HOST = re.compile(r"([A-Za-z][\w.-]{0,254}): (?=[*.]?[A-Z][a-z]{2} )", re.ASCII)
_UNSYNCHRONISED = re.compile(r"[*.](?=[A-Z][a-z]{2} )", re.ASCII)  # how Cisco marks a clock that it does not trust
_HOST = re.compile(r"([A-Za-z0-9_][\w.:-]{0,254}|\[[0-9A-Fa-f:.]{2,45}\])(?= |$)", re.ASCII)
_TAG = re.compile(r"([^\s:\[\]=<>\"']{1,128})(?:\[([^\]\s]{0,64})\])?(:?)(?= |$)", re.ASCII)
_TIGHT_TAG = re.compile(r"([^\s:\[\]=<>\"']{1,128})\[(\d{1,10})\]:", re.ASCII)
_SPACES = re.compile(r"[ \t]*", re.ASCII)
_ENDS = "\r\n\0"
_COMMON_ELEMENTS = ("timeQuality", "origin", "meta", "tzKnown")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """What the header says, and the text behind it; empty text and None for what it does not say."""

    facility: str
    severity: str
    time: datetime | None
    host: str
    process: str
    process_id: int | None
    text: str


def parse_syslog(data: bytes, received: datetime) -> SyslogMessage:
    """The message of these bytes; any bytes are one. `received` tells the year of a time that has none."""
    return parse_text(text_of(data), received)


def parse_text(line: str, received: datetime) -> SyslogMessage:
    """The message of this text, which may begin with a priority."""
    text = line.strip(_ENDS)
    priority, at = _priority(text)
    facility, severity = FACILITIES[priority >> 3], SEVERITIES[priority & 7]
    if match := _RFC5424.match(text, at):
        time, end = (None, match.end(2)) if match[2] == "-" else find_time(text, match.start(2), received)
        if end == match.end(2):
            return _rfc5424(text, match, facility, severity, time)
    if match := _VERSION.match(text, at):  # a version, and then an older header: some access points do that
        at = match.end()
    return _rfc3164(text, at, facility, severity, received)


def _priority(text: str) -> tuple[int, int]:
    match = _PRIORITY.match(text)
    if match is None:
        return _USER_NOTICE, 0
    value = int(match[1])
    return (value, match.end()) if value < 8 * len(FACILITIES) else (_USER_NOTICE, 0)


def _rfc5424(text: str, match: re.Match[str], facility: str, severity: str, time: datetime | None) -> SyslogMessage:
    elements, end = _structured_data(text, match.end())
    message = text[end:].lstrip(" ").removeprefix(_BYTE_ORDER_MARK)  # rsyslog's own template writes two blanks
    own = "".join(element for element in elements if not element[1:].startswith(_COMMON_ELEMENTS))
    if own:  # a vendor's own elements are the event itself, and have no column: they stand before the text, as sent
        id = _nil(match[6])
        message = " ".join(part for part in (id, own, message) if part)
    return SyslogMessage(
        facility, severity, time, _nil(match[3]), _nil(match[4]), whole_number(match[5]), message
    )  # fmt: skip


def _nil(text: str) -> str:
    return "" if text == "-" else text


def _structured_data(text: str, at: int) -> tuple[list[str], int]:
    """The elements `[id name="value" …]` that begin at a place, and where they end; brackets in values are escaped."""
    elements: list[str] = []
    if text.startswith("-", at):
        return elements, at + 1
    while text.startswith("[", at):
        end = _element_end(text, at)
        if end < 0:
            break
        elements.append(text[at:end])
        at = end
    return elements, at


_ELEMENT_MARK = re.compile(r'\\.|["\]]', re.DOTALL)


def _element_end(text: str, at: int) -> int:
    quoted = False
    for mark in _ELEMENT_MARK.finditer(text, at):
        if mark[0] == '"':
            quoted = not quoted
        elif mark[0] == "]" and not quoted:
            return mark.end()
    return -1


def _rfc3164(text: str, at: int, facility: str, severity: str, received: datetime) -> SyslogMessage:
    if match := _CISCO_SEQUENCE.match(text, at):
        at = match.end()
    host = ""
    if match := _CISCO_HOST.match(text, at):
        host, at = match[1], match.end()
    if match := _UNSYNCHRONISED.match(text, at):
        at = match.end()
    time, end = find_time(text, at, received)
    if end == at:  # without a time, the rest is the message, but for a tag that cannot be mistaken
        process, pid, start = _tight_tag(text, at)
        return SyslogMessage(facility, severity, None, host, process, pid, text[start:])
    at = _after_space(text, end + 1 if text.startswith(":", end) else end)
    if not host:
        host, at = _host(text, at)
    process, pid, at = _tag(text, at)
    return SyslogMessage(facility, severity, time, host, process, pid, text[at:])


def _host(text: str, at: int) -> tuple[str, int]:
    """The word of the host, unless that word is a tag, for some senders leave the host out."""
    match = _HOST.match(text, at)
    if match is None or match[1].endswith(":"):
        return "", at
    at = _after_space(text, match.end())
    if text.startswith(": ", at):  # ASA: `host : %ASA-6-…`
        at += 2
    return match[1].strip("[]"), at


def _tag(text: str, at: int) -> tuple[str, int | None, int]:
    """The tag `name[id]:`; a word with neither an id nor a colon is part of the message."""
    match = _TAG.match(text, at) or _TIGHT_TAG.match(text, at)
    if match is None or (match[2] is None and not match[3]):
        return "", None, at
    if match[1].startswith("%"):  # Cisco's mnemonic is what the message is known by: it stays in the text too
        return match[1], None, at
    return match[1], whole_number(match[2] or ""), _after_space(text, match.end())


def _tight_tag(text: str, at: int) -> tuple[str, int | None, int]:
    match = _TIGHT_TAG.match(text, at)
    if match is None:
        return "", None, at
    return match[1], whole_number(match[2]), _after_space(text, match.end())


def _after_space(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return at if match is None else match.end()
