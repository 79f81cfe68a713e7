"""Resource logs as rows: of a resource-specific table, or of AzureDiagnostics, which all resources share.

A record has the common schema of resource logs, its own properties below `properties`.
https://learn.microsoft.com/azure/azure-monitor/essentials/resource-logs-schema
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson
import pyarrow as pa

from vedette.kql.types import ScalarType
from vedette.logs.custom_log import RESERVED, generated_at, type_rows
from vedette.logs.standard_columns import WRITTEN_BY_US
from vedette.logs.stream_records import stream_table
from vedette.logs.values import arrow_table

Record = Mapping[str, Any]

_TIMES: Final = ("time", "timestamp", "timegenerated")
_ENVELOPE: Final = frozenset({*_TIMES, "resourceid", "category", "properties"})
_REST: Final = ("Properties", "AdditionalFields")
"""Columns that take the properties that no other one has."""

_SHARED: Final[Mapping[str, str]] = {
    "operationname": "OperationName",
    "operationversion": "OperationVersion",
    "resulttype": "ResultType",
    "resultsignature": "ResultSignature",
    "resultdescription": "ResultDescription",
    "durationms": "DurationMs",
    "calleripaddress": "CallerIPAddress",
    "correlationid": "CorrelationId",
    "level": "Level",
}
"""Columns of AzureDiagnostics that have the names of the common schema."""

_SOURCE: Final = "Azure"
_DEEPEST: Final = 32


@dataclass(frozen=True, slots=True)
class RowsOfTable:
    """Rows as Arrow, and the types of columns that the table may lack."""

    rows: pa.Table
    columns: Mapping[str, ScalarType]


def value_of(record: Record, name: str) -> Any:
    """A record's value under a name in any letter case; None where there is none."""
    found = record.get(name)
    if found is not None:
        return found
    folded = name.lower()
    return next((value for key, value in record.items() if key.lower() == folded), None)


def specific_rows(
    records: Sequence[Record], resource_id: str, columns: Mapping[str, ScalarType], now: datetime
) -> RowsOfTable:
    """The rows of a resource-specific table with these columns. A field or property goes into the column of its name in
    any letter case; what has none, into the dynamic column for the rest where there is one. A value that does not fit
    is null."""
    names = {name.lower(): name for name in columns if name not in WRITTEN_BY_US}
    rest = next((name for name in _REST if columns.get(name) is ScalarType.dynamic), "")
    rows = [_specific(each, names, rest) for each in records]
    for record, row in zip(records, rows, strict=True):
        row |= {"TimeGenerated": _time(record, now), "SourceSystem": _SOURCE, "_ResourceId": resource_id.lower()}
        if "category" in names and value_of(record, "category") is not None:
            row[names["category"]] = value_of(record, "category")
    used = dict.fromkeys(name for row in rows for name in row)
    return RowsOfTable(stream_table(rows, {name: columns[name] for name in used if name in columns}), {})


def shared_rows(
    records: Sequence[Record], resource_id: str, category: str, columns: Mapping[str, ScalarType], now: datetime
) -> RowsOfTable:
    """The rows of AzureDiagnostics, which has these columns now: the common fields under their own names, every other
    property under its path, with a suffix that says its type."""
    typed = type_rows([dict(_flat(each)) for each in records], columns)
    standing = _standing(resource_id) | {"Category": category, "SourceSystem": _SOURCE}
    rows: list[dict[str, Any]] = []
    for record, row in zip(records, typed.rows, strict=True):
        rows.append(row | standing | _common(record) | {"TimeGenerated": _time(record, now)})
    every = {**columns, **typed.columns}
    missing = {name: ScalarType.string for row in rows for name in row if name not in every}
    return RowsOfTable(arrow_table(rows, {**every, **missing}), {**typed.columns, **missing})


def _specific(record: Record, names: Mapping[str, str], rest: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    left: dict[str, Any] = {}
    fields = {key: value for key, value in record.items() if key.lower() not in _ENVELOPE}
    for name, value in {**_properties(record), **fields}.items():
        column = names.get(name.lower())
        if column is None:
            left[name] = value
        else:
            row[column] = value
    if rest and left:
        held = row.get(rest)
        row[rest] = (
            {**left, **cast("dict[str, Any]", held)} if isinstance(held, dict) else left if held is None else held
        )
    return row


def _flat(record: Record) -> Iterator[tuple[str, Any]]:
    """What is not of the common schema: the properties, and other fields, each under its path."""
    for name, value in _properties(record).items():
        yield from _flattened(name, value, 1)
    for name, value in record.items():
        if name.lower() not in _ENVELOPE and name.lower() not in _SHARED:
            yield from _flattened(name, value, 1)


def _flattened(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, each in cast("dict[str, Any]", value).items():
            yield from _flattened(f"{name}_{key}", each, depth + 1)
    elif name in RESERVED:
        yield f"{name}_", value
    elif name:
        yield name, value


def _properties(record: Record) -> dict[str, Any]:
    """The record's own properties, which some services write as text."""
    found = value_of(record, "properties")
    if isinstance(found, str) and found.lstrip().startswith("{"):
        try:
            found = orjson.loads(found)
        except orjson.JSONDecodeError:
            return {"properties": found}
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    return {} if found is None else {"properties": found}


def _common(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in record.items():
        column = _SHARED.get(name.lower())
        if column is None or value is None:
            continue
        if column == "DurationMs":
            row |= _duration(value)
        else:
            row[column] = value if isinstance(value, str) else orjson.dumps(value).decode()
    return row


def _duration(value: Any) -> dict[str, Any]:
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return {}
    return {"DurationMs": number} if abs(number) < 2**63 else {}


def _standing(resource_id: str) -> dict[str, Any]:
    """What the id of a resource says, in capitals as the table has it."""
    parts = resource_id.strip("/").upper().split("/")
    pairs = dict(zip(parts[::2], parts[1::2], strict=False))
    types = parts[parts.index("PROVIDERS") + 2 :: 2] if "PROVIDERS" in parts else []
    return {
        "ResourceId": resource_id.upper(),
        "SubscriptionId": pairs.get("SUBSCRIPTIONS", "").lower(),
        "ResourceGroup": pairs.get("RESOURCEGROUPS", ""),
        "ResourceProvider": pairs.get("PROVIDERS", ""),
        "ResourceType": "/".join(types),
        "Resource": parts[-1],
        "_ResourceId": resource_id.lower(),
    }


def _time(record: Record, now: datetime) -> datetime:
    """When it happened, if that is believable."""
    name = next((key for key in record if key.lower() in _TIMES), None)
    return generated_at(record, name, now)
