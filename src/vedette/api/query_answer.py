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
from vedette.logs.result import QueryResult
from vedette.logs.several_results import NamedResult

TOO_LARGE: Final = "E_QUERY_RESULT_SET_TOO_LARGE"
TOO_LARGE_NUMBER: Final = 0x80DA0003 - 2**32


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's results, the limits that each was computed within, and what the caller wants to know of them; `members`
    are further members of the answer."""

    results: tuple[NamedResult, ...]
    limits: Limits
    preferences: Preferences
    members: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def result(self) -> QueryResult:
        """The first result, most often the only one."""
        return self.results[0].result

    @property
    def truncated(self) -> bool:
        """Whether rows of a result are missing."""
        return any(each.result.truncated for each in self.results)


def pieces(answer: Answer) -> Iterator[bytes]:
    """The JSON body: the tables batch by batch, then statistics and render if asked for, then what is missing."""
    lead = b'{"tables":['
    for each in answer.results:
        columns = each.result.columns
        described = [{"name": column.name, "type": column.type.value} for column in columns]
        head = orjson.dumps({"name": each.name, "columns": described})
        yield lead + head[:-1] + b',"rows":['
        yield from encode_result(each.result.batches, columns)
        lead = b"]},"
    yield b"]}]" + _members(answer) + b"}"


def limit_sentence(limits: Limits) -> str:
    """That rows are missing, in words that clients know."""
    return (
        f"The result of this query exceeds the limit of {limits.rows} records or {limits.bytes} bytes, so not all "
        f"records were returned ({TOO_LARGE}). Filter or summarize to get fewer."
    )


def statistics(answer: Answer) -> dict[str, Any]:
    """What was measured, under the service's names; what it would say besides is not known here."""
    measured = [each.result.statistics for each in answer.results]
    return {
        "executionTime": sum(each.compile_seconds + each.run_seconds for each in measured),
        "datasetStatistics": [{"tableRowCount": each.rows, "tableSize": each.bytes} for each in measured],
    }


def _members(answer: Answer) -> bytes:
    """What follows the tables, each with a comma before it."""
    members: dict[str, Any] = dict(answer.members)
    if answer.preferences.statistics:
        members["statistics"] = {"query": statistics(answer)}
    if answer.preferences.render:
        members["render"] = answer.result.render or {}
    if answer.truncated:
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
