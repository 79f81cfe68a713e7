"""Files of indicators as STIX objects: CSV with Sentinel's columns, and JSON with an array or a bundle of objects.

https://learn.microsoft.com/azure/sentinel/indicators-bulk-file-import#understand-the-import-templates
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID, uuid5

from vedette.arm.json_reader import read_json
from vedette.core.errors import InvalidInput

LARGEST: Final = 50 * 1024 * 1024
"""Bytes of a file. Sentinel takes as many of CSV, and more of JSON."""

MOST: Final = 50_000
"""Records of a file."""

_VALUES: Final = 40  # of a record of JSON, on average

_IDS: Final = UUID(
    "8a4f7b0e-6d5c-4a5e-8a53-1c3f8f0f9d11"
)  # of indicators that a row of CSV is, made of what they look for
_MARKINGS: Final = {  # https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_yd3ar14ekwrs
    "white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "clear": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
_PATHS: Final = {
    "ipv4-addr": "ipv4-addr:value",
    "ipv6-addr": "ipv6-addr:value",
    "domain-name": "domain-name:value",
    "url": "url:value",
    "email-addr": "email-addr:value",
    "user-account": "user-account:user_id",
    "windows-registry-key": "windows-registry-key:key",
}
_HASHES: Final = {"md5": "MD5", "sha1": "'SHA-1'", "sha256": "'SHA-256'", "sha512": "'SHA-512'"}


@dataclass(frozen=True, slots=True)
class Records:
    """The objects of a file, made as they are read, and how many there are; what is no object is among them, for the
    check of objects to say."""

    count: int
    read: Callable[[], Iterator[Any]]

    def __iter__(self) -> Iterator[Any]:
        return self.read()


def csv_objects(content: bytes) -> Records:
    """The rows as indicators. Raises InvalidInput (InvalidFile)."""
    try:
        text = content.decode("utf-8-sig")
        names = [name.strip().lower() for name in next(_lines(text), [])]
        if "validfrom" not in names:
            raise InvalidInput("InvalidFile", "The first line must name the columns, 'validFrom' among them.")
        count = sum(1 for _ in islice(_lines(text), MOST + 2)) - 1
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("InvalidFile", f"The file is no CSV in UTF-8: {error}.") from error
    _check_count(count)
    return Records(
        count, lambda: (_indicator(dict(zip(names, row, strict=False))) for row in islice(_lines(text), 1, None))
    )


def _lines(text: str) -> Iterator[list[str]]:
    """The lines that hold something, the names of the columns first."""
    return filter(None, csv.reader(io.StringIO(text, newline=""), strict=True))


def _check_count(count: int) -> None:
    if count > MOST:
        raise InvalidInput("InvalidFile", f"The file has more than {MOST} records: send it in several imports.")


def json_objects(content: bytes) -> Records:
    """The objects of an array, of a bundle, or the one there is. Raises InvalidInput (InvalidFile)."""
    if content.count(b",") > MOST * _VALUES:  # what is read takes many times its size
        _check_count(MOST + 1)
    try:
        value = read_json(content, largest=LARGEST)
    except InvalidInput as error:
        raise InvalidInput("InvalidFile", f"The file is no JSON: {error.message}") from error
    objects = _listed_objects(value)
    _check_count(len(objects))
    return Records(len(objects), lambda: map(_lenient, objects))


def _listed_objects(value: Any) -> list[Any]:
    if isinstance(value, list):
        return cast("list[Any]", value)
    if not isinstance(value, dict):
        raise InvalidInput("InvalidFile", "The file is neither an array of STIX objects nor a bundle.")
    held = cast("dict[str, Any]", value)
    objects = next((held[name] for name in ("objects", "stixobjects", "indicators", "value") if name in held), None)
    return cast("list[Any]", objects) if isinstance(objects, list) else [held]


def _lenient(value: Any) -> Any:
    """The template has the confidence as a text, and texts that are empty."""
    if not isinstance(value, dict):
        return value
    sent = {name: each for name, each in cast("dict[str, Any]", value).items() if each != ""}
    confidence = sent.get("confidence")
    if isinstance(confidence, str) and confidence.isascii() and confidence.isdecimal():
        sent["confidence"] = int(confidence[:4])
    return sent


def _indicator(row: Mapping[str, Any]) -> dict[str, Any]:
    """The object of a row. It is one by what it looks for, and made when it says that it is valid from."""
    told = {name: str(value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
    pattern = " OR ".join(_comparisons(told))
    since = told.get("validfrom", "")
    marking = _MARKINGS.get(told.get("tlplevel", "").lower())
    values: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid5(_IDS, pattern)}",
        "created": since,
        "modified": since,
        "valid_from": since,
        "valid_until": told.get("validuntil"),
        "name": told.get("name"),
        "description": told.get("description"),
        "pattern": f"[{pattern}]" if pattern else "",
        "pattern_type": "stix",
        "confidence": _number(told.get("confidence", "")),
        "indicator_types": _listed(told.get("threattypes", "")),
        "labels": _listed(told.get("tags", "")),
        "object_marking_refs": [marking] if marking else [],
        "revoked": _truth(told.get("revoked", "")),
        "x_severity": _number(told.get("severity", "")),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _comparisons(told: Mapping[str, str]) -> Iterator[str]:
    kind, value = told.get("observabletype", "").lower(), told.get("observablevalue", "")
    if value:
        path = _PATHS.get(kind) or (f"file:hashes.{_HASHES[_plain(kind)]}" if _plain(kind) in _HASHES else "")
        yield f"{path or kind or 'unknown'} = {_quoted(value)}"
    for name, each in told.items():
        hash = _HASHES.get(_plain(name))
        if hash and each:
            yield f"file:hashes.{hash} = {_quoted(each)}"
    if told.get("filename"):
        yield f"file:name = {_quoted(told['filename'])}"


def _plain(name: str) -> str:
    return "".join(each for each in name.lower().removeprefix("file").removeprefix("hash") if each.isalnum())


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None


def _truth(text: str) -> Any:
    return {"true": True, "false": False, "": None}.get(text.lower(), text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
