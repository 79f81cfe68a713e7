"""What a hunter found, as the bodies of bookmarks: the row, when it happened, and the entities in its columns.

https://learn.microsoft.com/azure/sentinel/bookmarks
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.entity_types import ENTITY_TYPES, MAPPABLE
from vedette.detect.results import Results, text_of
from vedette.detect.rule import PLACEHOLDER
from vedette.kql.types import ScalarType

EntityColumns = tuple[str, tuple[tuple[str, str], ...]]
"""An entity type, and identifiers with the columns that hold them."""

_LONGEST_NAME = 256
_NUMBERED = re.compile(r"([A-Za-z]+)_(\d+)_([A-Za-z]+)")
_CUSTOM = {
    "account": ("Account", "FullName"),
    "host": ("Host", "FullName"),
    "ip": ("IP", "Address"),
    "url": ("URL", "Url"),
    "filehash": ("FileHash", "Value"),
    "file": ("File", "Name"),
    "process": ("Process", "CommandLine"),
    "malware": ("Malware", "Name"),
    "dns": ("DNS", "DomainName"),
    "domain": ("DNS", "DomainName"),
    "resource": ("AzureResource", "ResourceId"),
    "app": ("CloudApplication", "Name"),
    "cloudapp": ("CloudApplication", "Name"),
}
_CUSTOM_SUFFIX = "customentity"
_TIMES = ("TimeGenerated", "timestamp", "Timestamp", "StartTime", "StartTimeUtc")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of every row that is promoted; `name` may have `{{columns}}` in it."""

    query: str
    start: datetime
    end: datetime
    name: str
    notes: str = ""
    labels: Sequence[str] = ()
    tactics: Sequence[str] = ()
    techniques: Sequence[str] = ()
    mappings: Sequence[EntityColumns] = ()


def bookmark_bodies(finding: Finding, results: Results) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the ARM body of a bookmark for each row; the same row of the same query has the same name."""
    mappings = finding.mappings or mappings_by_columns(results.columns)
    for row in results.rows:
        texts = {name: text_of(value, type) for (name, type), value in zip(results.columns.items(), row, strict=True)}
        told = orjson.dumps(_row(results, row)).decode()
        name = derived_id("promoted", finding.query, told)
        properties: dict[str, Any] = {
            "displayName": _named(finding.name, texts, name),
            "query": finding.query,
            "queryResult": told,
            "queryStartTime": arm_time(finding.start),
            "queryEndTime": arm_time(finding.end),
            "eventTime": arm_time(_event_time(results, row) or finding.end),
            "labels": list(finding.labels),
            "entityMappings": list(_entities(mappings, texts)),
        }
        optional = {"notes": finding.notes, "tactics": list(finding.tactics), "techniques": list(finding.techniques)}
        yield name, {"properties": properties | {key: value for key, value in optional.items() if value}}


def mappings_by_columns(columns: Mapping[str, ScalarType]) -> list[EntityColumns]:
    """The entities that a hunting query's own columns name: `Account_0_Name`, `Host_1_HostName`, `IPCustomEntity`."""
    numbered: dict[tuple[str, str], list[tuple[str, str]]] = {}
    found: list[EntityColumns] = []
    for column in columns:
        match = _NUMBERED.fullmatch(column)
        kind = None if match is None else _kind(match[1])
        identifier = None if match is None or kind is None else _identifier(kind, match[3])
        if match is not None and kind is not None and identifier is not None:
            numbered.setdefault((kind, match[2]), []).append((identifier, column))
        custom = _CUSTOM.get(column.lower().removesuffix(_CUSTOM_SUFFIX)) if _is_custom(column) else None
        if custom is not None:
            found.append((custom[0], ((custom[1], column),)))
    return found + [(kind, tuple(fields)) for (kind, _number), fields in numbered.items()]


def _is_custom(column: str) -> bool:
    return column.lower().endswith(_CUSTOM_SUFFIX)


def _kind(text: str) -> str | None:
    return next((name for name in MAPPABLE if name.lower() == text.lower()), None)


def _identifier(kind: str, text: str) -> str | None:
    return next((name for name in ENTITY_TYPES[kind].identifiers if name.lower() == text.lower()), None)


def _entities(mappings: Sequence[EntityColumns], texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for kind, fields in mappings:
        told = [
            {"identifier": identifier, "value": texts[column]} for identifier, column in fields if texts.get(column)
        ]
        if told:
            yield {"entityType": kind, "fieldMappings": told}


def _named(form: str, texts: Mapping[str, str], name: str) -> str:
    if PLACEHOLDER.search(form):
        return PLACEHOLDER.sub(lambda match: texts.get(match[1], ""), form).strip()[:_LONGEST_NAME] or name
    return f"{form[: _LONGEST_NAME - 11]} - {name[:8]}"


def _row(results: Results, row: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value
        if type is ScalarType.dynamic or (isinstance(value, bool | int) and type is not ScalarType.timespan)
        else text_of(value, type)
        for (name, type), value in zip(results.columns.items(), row, strict=True)
        if value is not None and value != ""
    }


def _event_time(results: Results, row: Sequence[Any]) -> datetime | None:
    for name in _TIMES:
        place = results.place(name)
        if place is not None and isinstance(row[place], datetime):
            instant: datetime = row[place]
            return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return None
