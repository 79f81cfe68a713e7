"""Results in the second version of Kusto's REST API: an array of frames, written as they come.

https://learn.microsoft.com/kusto/api/rest/response-v2
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from vedette.api.kusto_errors import limits_exceeded
from vedette.api.kusto_v1 import Told, consumption, visualization
from vedette.api.query_answer import TOO_LARGE, TOO_LARGE_NUMBER, Answer, limit_sentence
from vedette.api.query_json import encode_result
from vedette.kql.literals import format_datetime
from vedette.kql.types import ScalarType
from vedette.logs.several_results import NamedResult

_PROPERTIES: Final = (("TableId", ScalarType.int), ("Key", ScalarType.string), ("Value", ScalarType.dynamic))
_COMPLETION: Final = (
    ("Timestamp", ScalarType.datetime),
    ("ClientRequestId", ScalarType.string),
    ("ActivityId", ScalarType.guid),
    ("SubActivityId", ScalarType.guid),
    ("ParentActivityId", ScalarType.guid),
    ("Level", ScalarType.int),
    ("LevelName", ScalarType.string),
    ("StatusCode", ScalarType.int),
    ("StatusCodeName", ScalarType.string),
    ("EventType", ScalarType.int),
    ("EventTypeName", ScalarType.string),
    ("Payload", ScalarType.string),
)


@dataclass(frozen=True, slots=True)
class Framing:
    """How the client wants the frames: the result in fragments, progressively, and whether what is missing in it is
    told only at the end."""

    fragmented: bool = False
    progressive: bool = False
    errors_at_end: bool = False


def frames_of(answer: Answer, told: Told, framing: Framing) -> Iterator[bytes]:
    """The JSON body, a frame a line, the result's rows batch by batch."""
    in_parts = framing.fragmented or framing.progressive
    header = {"FrameType": "DataSetHeader", "IsProgressive": framing.progressive, "Version": "v2.0"}
    placement = "EndOfDataset" if framing.errors_at_end else "InData"
    yield b"[" + orjson.dumps(header | {"IsFragmented": in_parts, "ErrorReportingPlacement": placement})
    drawn = orjson.dumps(visualization(answer)).decode()
    yield _frame(_table(0, "QueryProperties", "@ExtendedProperties", _PROPERTIES, [[1, "Visualization", drawn]]))
    error = limits_exceeded(limit_sentence(answer.limits)) if answer.truncated else None
    for id, each in enumerate(answer.results, start=1):
        told_in_rows = error if each.result.truncated and not framing.errors_at_end else None
        yield from (_fragments if in_parts else _whole)(id, each, told_in_rows, framing)
    last, name = len(answer.results) + 1, "QueryCompletionInformation"
    yield _frame(_table(last, name, name, _COMPLETION, list(_completion(answer, told))))
    completion: dict[str, Any] = {"FrameType": "DataSetCompletion", "HasErrors": error is not None, "Cancelled": False}
    yield _frame(completion if error is None else completion | {"OneApiErrors": [error]}) + b"\n]"


def _whole(id: int, shown: NamedResult, error: dict[str, Any] | None, _framing: Framing) -> Iterator[bytes]:
    result = shown.result
    head = orjson.dumps({"FrameType": "DataTable"} | _primary(id, shown))
    yield b"\n," + head[:-1] + b',"Rows":['
    yield from encode_result(result.batches, result.columns, nested=True)
    comma = b"," if result.statistics.rows else b""
    yield (b"" if error is None else comma + orjson.dumps({"OneApiErrors": [error]})) + b"]}"


def _fragments(id: int, shown: NamedResult, error: dict[str, Any] | None, framing: Framing) -> Iterator[bytes]:
    result = shown.result
    yield _frame({"FrameType": "TableHeader"} | _primary(id, shown))
    fragment = orjson.dumps({"FrameType": "TableFragment", "TableFragmentType": "DataAppend", "TableId": id})[:-1]
    for rows in encode_result(result.batches, result.columns, nested=True):
        yield b"\n," + fragment + b',"Rows":[' + rows.removeprefix(b",") + b"]}"
    if framing.progressive:
        yield _frame({"FrameType": "TableProgress", "TableId": id, "TableProgress": 100.0})
    completion: dict[str, Any] = {"FrameType": "TableCompletion", "TableId": id, "RowCount": result.statistics.rows}
    yield _frame(completion if error is None else completion | {"OneApiErrors": [error]})


def _primary(id: int, shown: NamedResult) -> dict[str, Any]:
    described = [_column(column.name, column.type) for column in shown.result.columns]
    return {"TableId": id, "TableKind": "PrimaryResult", "TableName": shown.name, "Columns": described}


def _completion(answer: Answer, told: Told) -> Iterator[list[Any]]:
    ids = (format_datetime(told.at), told.client_request_id, told.request_id, told.request_id, told.request_id)
    if answer.truncated:
        text = orjson.dumps({"Count": 1, "Text": limit_sentence(answer.limits)}).decode()
        name = f"Query result set too large ({TOO_LARGE}). ({TOO_LARGE_NUMBER})"
        yield [*ids, 2, "Error", TOO_LARGE_NUMBER, name, 1, "QueryLimitsExceeded", text]
    else:
        done = orjson.dumps({"Count": 1, "Text": "Query completed successfully"}).decode()
        yield [*ids, 4, "Info", 0, "S_OK (0)", 4, "QueryInfo", done]
    yield [*ids, 6, "Stats", 0, "S_OK (0)", 0, "QueryResourceConsumption", consumption(answer)]


def _table(
    id: int, kind: str, name: str, columns: Sequence[tuple[str, ScalarType]], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    frame = {"FrameType": "DataTable", "TableId": id, "TableKind": kind, "TableName": name}
    return frame | {"Columns": [_column(*column) for column in columns], "Rows": rows}


def _frame(frame: dict[str, Any]) -> bytes:
    return b"\n," + orjson.dumps(frame)


def _column(name: str, type: ScalarType) -> dict[str, str]:
    return {"ColumnName": name, "ColumnType": type.value}
