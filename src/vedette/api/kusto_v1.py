"""Results in the first version of Kusto's REST API: one object of tables, the last of which is their contents.

https://learn.microsoft.com/kusto/api/rest/response
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from vedette.api.query_answer import TOO_LARGE, TOO_LARGE_NUMBER, Answer, limit_sentence, statistics
from vedette.api.query_json import encode_result
from vedette.kql.literals import format_datetime
from vedette.kql.types import ScalarType

DATA_TYPES: Final[Mapping[ScalarType, str]] = {
    ScalarType.bool: "SByte",
    ScalarType.datetime: "DateTime",
    ScalarType.decimal: "SqlDecimal",
    ScalarType.dynamic: "Object",
    ScalarType.guid: "Guid",
    ScalarType.int: "Int32",
    ScalarType.long: "Int64",
    ScalarType.real: "Double",
    ScalarType.string: "String",
    ScalarType.timespan: "TimeSpan",
}

_EXTENDED: Final = (("Value", ScalarType.string),)
_STATUS: Final = (
    ("Timestamp", ScalarType.datetime),
    ("Severity", ScalarType.int),
    ("SeverityName", ScalarType.string),
    ("StatusCode", ScalarType.int),
    ("StatusDescription", ScalarType.string),
    ("Count", ScalarType.int),
    ("RequestId", ScalarType.guid),
    ("ActivityId", ScalarType.guid),
    ("SubActivityId", ScalarType.guid),
    ("ClientActivityId", ScalarType.string),
)
_CONTENTS: Final = (
    ("Ordinal", ScalarType.long),
    ("Kind", ScalarType.string),
    ("Name", ScalarType.string),
    ("Id", ScalarType.string),
    ("PrettyName", ScalarType.string),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a result says of its request: our id, the caller's own, and when it was answered."""

    request_id: str
    client_request_id: str
    at: datetime


def tables_of(answer: Answer, told: Told, *, nested: bool) -> Iterator[bytes]:
    """The JSON body of a query's results, batch by batch; dynamics are JSON where `nested`, else strings of it."""
    lead = b'{"Tables":['
    for number, each in enumerate(answer.results):
        columns = each.result.columns
        described = [_column(column.name, column.type) for column in columns]
        head = orjson.dumps({"TableName": f"Table_{number}", "Columns": described})
        yield lead + head[:-1] + b',"Rows":['
        yield from encode_result(each.result.batches, columns, nested=nested)
        if each.result.truncated:
            yield (b"," if each.result.statistics.rows else b"") + orjson.dumps(
                {"Exceptions": [limit_sentence(answer.limits)]}
            )
        lead = b"]},"
    count = len(answer.results)
    others = (
        table(f"Table_{count}", _EXTENDED, [[orjson.dumps(visualization(answer)).decode()]]),
        table(f"Table_{count + 1}", _STATUS, list(_status(answer, told))),
        table(f"Table_{count + 2}", _CONTENTS, _contents(answer, told.request_id)),
    )
    yield b"]}," + orjson.dumps(others)[1:-1] + b"]}"


def one_table(columns: Sequence[tuple[str, ScalarType]], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The body of a management command's answer."""
    return {"Tables": [table("Table_0", columns, rows)]}


def table(name: str, columns: Sequence[tuple[str, ScalarType]], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table whose cells are JSON values already."""
    return {"TableName": name, "Columns": [_column(*column) for column in columns], "Rows": rows}


def visualization(answer: Answer) -> dict[str, Any]:
    """How the query wants to be drawn, under the names that Kusto's clients read."""
    drawn: Mapping[str, Any] = answer.result.render or {}
    by_name = {name.lower(): value for name, value in drawn.items()}
    names = ("Visualization", "Title", "XColumn", "Series", "YColumns", "XTitle", "YTitle", "XAxis", "YAxis", "Legend")
    told = {name: by_name.get(name.lower()) for name in (*names, "YSplit", "Kind", "Anomalycolumns")}
    return told | {"Accumulate": bool(by_name.get("accumulate")), "IsQuerySorted": False}


def consumption(answer: Answer) -> str:
    """What the query cost, as JSON text under Kusto's names."""
    measured = statistics(answer)
    sizes = [
        {"table_row_count": each["tableRowCount"], "table_size": each["tableSize"]}
        for each in measured["datasetStatistics"]
    ]
    return orjson.dumps({"ExecutionTime": measured["executionTime"], "dataset_statistics": sizes}).decode()


def _status(answer: Answer, told: Told) -> Iterator[list[Any]]:
    at = format_datetime(told.at)
    ids = (told.request_id, told.request_id, told.request_id, told.client_request_id)
    if answer.truncated:
        yield [at, 2, "Error", TOO_LARGE_NUMBER, f"Query result set too large ({TOO_LARGE}).", 1, *ids]
    else:
        yield [at, 4, "Info", 0, "Query completed successfully", 1, *ids]
    yield [at, 6, "Stats", 0, consumption(answer), 1, *ids]


def _contents(answer: Answer, id: str) -> list[list[Any]]:
    named = [("QueryResult", each.name) for each in answer.results]
    named += [("QueryProperties", "@ExtendedProperties"), ("QueryStatus", "QueryStatus")]
    return [[number, kind, name, id, ""] for number, (kind, name) in enumerate(named)]


def _column(name: str, type: ScalarType) -> dict[str, str]:
    return {"ColumnName": name, "DataType": DATA_TYPES[type], "ColumnType": type.value}
