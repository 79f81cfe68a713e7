"""An event in the Common Event Format taken apart: the seven fields of its header and its extension.

ArcSight Common Event Format, revision 25; and the liberties that products take with it.
"""

import re
from dataclasses import dataclass

from vedette.formats.event_marks import find_event

_MARK = "CEF:"
_BEGIN = re.compile(r"(?:^|(?<=[\s:\"]))CEF: ?(\d{1,2}(?:\.\d{1,2})?)\|", re.ASCII)
_FIELD = re.compile(r"((?:[^|\\]++|\\.)*+)\|", re.DOTALL)
_KEY = re.compile(r"[A-Za-z0-9_][\w.\-\[\]]{0,127}", re.ASCII)
_ESCAPE = re.compile(r"\\([\\=|nr])")
_ESCAPED = {"n": "\n", "r": "\r"}
_EXTENSIONS = 1000


@dataclass(frozen=True, slots=True)
class CefEvent:
    """The header's fields, and the extension's keys and values in order; of a key that comes twice, the last value."""

    vendor: str
    product: str
    version: str
    class_id: str
    name: str
    severity: str
    extension: dict[str, str]


def find_cef(text: str) -> int:
    """Where in the text an event begins; -1 where none does."""
    return find_event(text, _MARK, _BEGIN)


def parse_cef(text: str) -> CefEvent | None:
    """The event that the text is, from its `CEF:` on; None where it has no whole header."""
    match = _BEGIN.match(text)
    if match is None:
        return None
    at, fields = match.end(), list[str]()
    while len(fields) < 6:
        field = _FIELD.match(text, at)
        if field is None:
            break
        fields.append(_plain(field[1]))
        at = field.end()
    if len(fields) == 5:  # without an extension some leave out the last bar
        fields.append(_plain(text[at:]))
        at = len(text)
    if len(fields) < 6:
        return None
    return CefEvent(*(field.strip() for field in fields), extension=parse_extension(text[at:]))


def parse_extension(text: str) -> dict[str, str]:
    """The `key=value` pairs. A value goes on until the next key, so it may hold blanks and equals signs."""
    extension: dict[str, str] = {}
    name, begin, at = "", 0, 0
    for part in text.split("=")[:-1]:
        word = part.rsplit(None, 1)[-1] if part and not part[-1].isspace() else ""
        start = at + len(part) - len(word)
        if word and _KEY.fullmatch(word) and (word != part or at == 0) and len(extension) < _EXTENSIONS:
            if name:
                extension[name] = _plain(text[begin:start].rstrip())
            name, begin = word, at + len(part) + 1
        at += len(part) + 1
    if name:
        extension[name] = _plain(text[begin:].rstrip())
    return extension


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text
