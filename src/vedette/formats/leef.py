"""An event in the Log Event Extended Format taken apart, versions 1.0 and 2.0.

https://www.ibm.com/docs/dsm?topic=overview-leef-event-components
"""

import re
from dataclasses import dataclass

from vedette.formats.cef import parse_extension
from vedette.formats.event_marks import find_event

_MARK = "LEEF:"
_BEGIN = re.compile(r"(?:^|(?<=[\s:]))LEEF: ?(\d)(?:\.\d)?\|", re.ASCII)
_HEX = re.compile(r"(?:0?x)([0-9A-Fa-f]{1,4})", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.\-\[\] ]{1,128}", re.ASCII)
_ATTRIBUTES = 1000


@dataclass(frozen=True, slots=True)
class LeefEvent:
    """The header's fields, and the attributes in order."""

    vendor: str
    product: str
    version: str
    event_id: str
    attributes: dict[str, str]


def find_leef(text: str) -> int:
    """Where in the text an event begins; -1 where none does."""
    return find_event(text, _MARK, _BEGIN)


def parse_leef(text: str) -> LeefEvent | None:
    """The event that the text is, from its `LEEF:` on; None where it has no whole header."""
    match = _BEGIN.match(text)
    if match is None:
        return None
    parts = text[match.end() :].split("|", 4)
    if len(parts) < 4:
        return None
    vendor, product, version, event_id = (part.strip() for part in parts[:4])
    rest = parts[4] if len(parts) > 4 else ""
    delimiter = "\t"
    if match[1] == "2":
        named, bar, attributes = rest.partition("|")
        told = _delimiter(named)
        if bar and told is not None:
            delimiter, rest = told, attributes
    return LeefEvent(vendor, product, version, event_id, _attributes(rest, delimiter))


def _delimiter(text: str) -> str | None:
    """The character that the last field of the header gives: itself, or its number in hexadecimal; else the tab."""
    if not text:
        return "\t"
    if len(text) == 1:
        return text
    match = _HEX.fullmatch(text)
    return None if match is None else chr(int(match[1], 16))


def _attributes(text: str, delimiter: str) -> dict[str, str]:
    if delimiter == "\t" and delimiter not in text:
        return parse_extension(text)  # a relay has made blanks of the tabs: a value goes on until the next key
    pairs = (part.partition("=") for part in text.split(delimiter)[:_ATTRIBUTES])
    return {key.strip(): value.strip() for key, equals, value in pairs if equals and _KEY.fullmatch(key)}
