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
_PRIMARY: Final = {"TableId": 1, "TableKind": "PrimaryResult", "TableName": "PrimaryResult"}


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
    error = limits_exceeded(limit_sentence(answer.limits)) if answer.result.truncated else None
    told_in_rows = None if framing.errors_at_end else error
    yield from (_fragments if in_parts else _whole)(answer, told_in_rows, framing)
    yield _frame(
        _table(
            2, "QueryCompletionInformation", "QueryCompletionInformation", _COMPLETION, list(_completion(answer, told))
        )
    )
    completion: dict[str, Any] = {"FrameType": "DataSetCompletion", "HasErrors": error is not None, "Cancelled": False}
    yield _frame(completion if error is None else completion | {"OneApiErrors": [error]}) + b"\n]"


def _whole(answer: Answer, error: dict[str, Any] | None, _framing: Framing) -> Iterator[bytes]:
    columns = answer.result.columns
    described = [_column(column.name, column.type) for column in columns]
    head = orjson.dumps({"FrameType": "DataTable"} | _PRIMARY | {"Columns": described})
    yield b"\n," + head[:-1] + b',"Rows":['
    yield from encode_result(answer.result.batches, columns, nested=True)
    comma = b"," if answer.result.statistics.rows else b""
    yield (b"" if error is None else comma + orjson.dumps({"OneApiErrors": [error]})) + b"]}"


def _fragments(answer: Answer, error: dict[str, Any] | None, framing: Framing) -> Iterator[bytes]:
    columns = answer.result.columns
    described = [_column(column.name, column.type) for column in columns]
    yield _frame({"FrameType": "TableHeader"} | _PRIMARY | {"Columns": described})
    for rows in encode_result(answer.result.batches, columns, nested=True):
        fragment = b'\n,{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":1,"Rows":['
        yield fragment + rows.removeprefix(b",") + b"]}"
    if framing.progressive:
        yield _frame({"FrameType": "TableProgress", "TableId": 1, "TableProgress": 100.0})
    completion: dict[str, Any] = {
        "FrameType": "TableCompletion",
        "TableId": 1,
        "RowCount": answer.result.statistics.rows,
    }
    yield _frame(completion if error is None else completion | {"OneApiErrors": [error]})


def _completion(answer: Answer, told: Told) -> Iterator[list[Any]]:
    ids = (format_datetime(told.at), told.client_request_id, told.request_id, told.request_id, told.request_id)
    if answer.result.truncated:
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
