"""Exported incidents as a file: JSON, JSON lines, or CSV and Parquet with a row an incident."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from vedette.cli.incident_export import Incident
from vedette.cli.writing import writing
from vedette.core.errors import InvalidInput

Rows = Iterator[Incident]

_ROWS_AT_A_TIME = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_TEXTS = {
    "IncidentName": ("name",),
    "Title": ("properties", "title"),
    "Description": ("properties", "description"),
    "Severity": ("properties", "severity"),
    "Status": ("properties", "status"),
    "Classification": ("properties", "classification"),
    "ClassificationReason": ("properties", "classificationReason"),
    "ClassificationComment": ("properties", "classificationComment"),
    "OwnerAssignedTo": ("properties", "owner", "assignedTo"),
    "OwnerEmail": ("properties", "owner", "email"),
    "OwnerUserPrincipalName": ("properties", "owner", "userPrincipalName"),
    "OwnerObjectId": ("properties", "owner", "objectId"),
    "CreatedTimeUtc": ("properties", "createdTimeUtc"),
    "LastModifiedTimeUtc": ("properties", "lastModifiedTimeUtc"),
    "FirstActivityTimeUtc": ("properties", "firstActivityTimeUtc"),
    "LastActivityTimeUtc": ("properties", "lastActivityTimeUtc"),
    "ProviderName": ("properties", "providerName"),
    "ProviderIncidentId": ("properties", "providerIncidentId"),
    "IncidentUrl": ("properties", "incidentUrl"),
    "Id": ("id",),
}
_NUMBERS = {
    "IncidentNumber": ("properties", "incidentNumber"),
    "AlertsCount": ("properties", "additionalData", "alertsCount"),
    "BookmarksCount": ("properties", "additionalData", "bookmarksCount"),
    "CommentsCount": ("properties", "additionalData", "commentsCount"),
}
_JSON = {
    "Labels": ("properties", "labels"),
    "Tactics": ("properties", "additionalData", "tactics"),
    "Techniques": ("properties", "additionalData", "techniques"),
    "AlertProductNames": ("properties", "additionalData", "alertProductNames"),
    "RelatedAnalyticRuleIds": ("properties", "relatedAnalyticRuleIds"),
    "Comments": ("comments",),
    "Alerts": ("alerts",),
    "Bookmarks": ("bookmarks",),
    "Entities": ("entities",),
    "Tasks": ("tasks",),
}
COLUMNS = ("IncidentNumber", *_TEXTS, *(name for name in _NUMBERS if name != "IncidentNumber"), *_JSON)
"""The columns of CSV and Parquet; lists are JSON texts."""


def format_of(path: Path) -> Callable[[BinaryIO, Rows], None]:
    """What writes a file of that name. Raises InvalidInput for a name that ends in no known format."""
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        raise InvalidInput("UnknownFormat", f"'{path}' does not end in a format for incidents: {', '.join(FORMATS)}.")
    return known


def write_incidents(path: Path, incidents: Rows) -> None:
    """Write the file, whole or not at all. Raises InvalidInput."""
    write, beside = format_of(path), path.with_name(f".{path.name}.new")
    with writing(path):
        try:
            with beside.open("wb") as file:
                write(file, incidents)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def row_of(incident: Incident) -> dict[str, Any]:
    """An incident as one row; what is not there is None, a list is its JSON text."""
    row = {name: _at(incident, path) for name, path in {**_TEXTS, **_NUMBERS, **_JSON}.items()}
    return {name: _json(row[name]) if name in _JSON else row[name] for name in COLUMNS}


def _lines(file: BinaryIO, incidents: Rows) -> None:
    for incident in incidents:
        file.write(orjson.dumps(incident, option=orjson.OPT_APPEND_NEWLINE))


def _array(file: BinaryIO, incidents: Rows) -> None:
    file.write(b"[")
    for number, incident in enumerate(incidents):
        file.write(b",\n" if number else b"\n")
        file.write(orjson.dumps(incident))
    file.write(b"\n]\n")


def _csv(file: BinaryIO, incidents: Rows) -> None:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it: attackers write titles too."""
    from io import TextIOWrapper

    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for incident in incidents:
        row = row_of(incident)
        writer.writerow({name: f"'{cell}" if _is_formula(cell) else cell for name, cell in row.items()})
    text.flush()
    text.detach()


def _parquet(file: BinaryIO, incidents: Rows) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    fields = [pa.field(name, pa.int64() if name in _NUMBERS else pa.string()) for name in COLUMNS]
    schema = pa.schema(fields)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := [row_of(each) for each in islice(incidents, _ROWS_AT_A_TIME)]:
            writer.write_table(pa.Table.from_pylist(some, schema))


FORMATS: Mapping[str, Callable[[BinaryIO, Rows], None]] = {
    ".jsonl": _lines,
    ".ndjson": _lines,
    ".json": _array,
    ".csv": _csv,
    ".parquet": _parquet,
}


def _is_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith(_FORMULA)


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
