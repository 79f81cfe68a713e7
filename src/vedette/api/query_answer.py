"""The answer of the query API, written piece by piece so that no large result is ever one string.

https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from vedette.api.preferences import Preferences
from vedette.api.query_json import encode_result
from vedette.engine.limits import Limits
from vedette.logs.result import QueryResult, QueryStatistics

TOO_LARGE: Final = "E_QUERY_RESULT_SET_TOO_LARGE"
TOO_LARGE_NUMBER: Final = 0x80DA0003 - 2**32


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, the limits that it was computed within, and what the caller wants to know of it; `members` are further
    members of the answer."""

    result: QueryResult
    limits: Limits
    preferences: Preferences
    members: Mapping[str, Any] = field(default_factory=dict[str, Any])


def pieces(answer: Answer) -> Iterator[bytes]:
    """The JSON body: the table batch by batch, then statistics and render if asked for, then what is missing in it."""
    columns = answer.result.columns
    described = [{"name": column.name, "type": column.type.value} for column in columns]
    yield b'{"tables":[{"name":"PrimaryResult","columns":' + orjson.dumps(described) + b',"rows":['
    yield from encode_result(answer.result.batches, columns)
    yield b"]}]" + _members(answer) + b"}"


def limit_sentence(limits: Limits) -> str:
    """That rows are missing, in words that clients know."""
    return (
        f"The result of this query exceeds the limit of {limits.rows} records or {limits.bytes} bytes, so not all "
        f"records were returned ({TOO_LARGE}). Filter or summarize to get fewer."
    )


def statistics(measured: QueryStatistics) -> dict[str, Any]:
    """What was measured, under the service's names; what it would say besides is not known here."""
    return {
        "executionTime": measured.compile_seconds + measured.run_seconds,
        "datasetStatistics": [{"tableRowCount": measured.rows, "tableSize": measured.bytes}],
    }


def _members(answer: Answer) -> bytes:
    """What follows the tables, each with a comma before it."""
    members: dict[str, Any] = dict(answer.members)
    if answer.preferences.statistics:
        members["statistics"] = {"query": statistics(answer.result.statistics)}
    if answer.preferences.render:
        members["render"] = answer.result.render or {}
    if answer.result.truncated:
        members["error"] = _partial_error(answer.limits)
    return b"," + orjson.dumps(members)[1:-1] if members else b""


def _partial_error(limits: Limits) -> dict[str, Any]:
    """How the API says that rows are missing; the status stays 200."""
    finding = {
        "code": str(TOO_LARGE_NUMBER),
        "message": limit_sentence(limits),
        "severity": 2,
        "severityName": "Error",
    }
    return {
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [
            {
                "code": "EngineError",
                "message": "Something went wrong processing your query on the server.",
                "innererror": finding,
            }
        ],
    }
