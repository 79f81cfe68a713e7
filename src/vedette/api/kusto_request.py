"""What a request to the Kusto REST API asks: a database, a query or a command, and the properties that steer it.

https://learn.microsoft.com/kusto/api/rest/request and …/request-properties
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request

from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.kusto_v2 import Framing
from vedette.api.preferences import DEFAULT_WAIT, LONGEST_WAIT
from vedette.api.timespan import Timespan
from vedette.core.errors import InvalidInput
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.kql.literals import parse_datetime, parse_timespan

_REQUEST_BYTES: Final = 2 * MEGABYTE
_TICKS: Final = 10  # in a microsecond
_LANGUAGES: Final = ("kql", "csl", "")
_TIME_COLUMN: Final = "TimeGenerated"
_LITERAL: Final = re.compile(r"(?:datetime|timespan|time|date)\s*\(\s*(.*?)\s*\)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class KustoRequest:
    """A query or a command. `now` is None where the request does not say what now() means."""

    database: str
    text: str
    limits: Limits
    timespan: Timespan | None
    now: datetime | None
    parameters: Mapping[str, str]
    framing: Framing

    @property
    def is_command(self) -> bool:
        """Whether it is a management command: no query begins with a dot."""
        return self.text.lstrip().startswith(".")


async def read_kusto_request(request: Request) -> KustoRequest:
    """The request of a POST (a JSON body) or a GET (the URL). Raises InvalidInput (BadRequest_…)."""
    if request.method == "POST":
        body = parse_json(await read_body(request, _REQUEST_BYTES))
        if not isinstance(body, dict):
            raise _bad("The body must be a JSON object with the properties 'db' and 'csl'.")
        return _request(body)
    return _request(dict(request.query_params))


def _request(members: Mapping[str, Any]) -> KustoRequest:
    text = members.get("csl", members.get("query"))
    if not isinstance(text, str):
        raise _bad("The property 'csl' is missing or is not a string.")
    database = members.get("db") or ""
    if not isinstance(database, str):
        raise _bad("The property 'db' must be a string.")
    properties = _object(members.get("properties"), "properties")
    given = {name.lower(): value for name, value in _object(properties.get("Options"), "Options").items()}
    _check(given)
    return KustoRequest(
        database=database,
        text=text,
        limits=_limits(given),
        timespan=_timespan(given),
        now=_instant(given, "query_now"),
        parameters={
            name: _parameter(name, value) for name, value in _object(properties.get("Parameters"), "Parameters").items()
        },
        framing=Framing(
            fragmented=_is_set(given, "results_v2_fragment_primary_tables"),
            progressive=_is_set(given, "results_progressive_enabled"),
            errors_at_end=_is_set(given, "deferpartialqueryfailures")
            or str(given.get("results_error_reporting_placement", "")).lower() in ("end_of_table", "end_of_dataset"),
        ),
    )


def _object(value: Any, name: str) -> dict[str, Any]:
    """An object, given as such or as a string of JSON."""
    if isinstance(value, str) and value.strip():
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise _bad(f"The property '{name}' is not JSON: {error}.") from error
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise _bad(f"The property '{name}' must be an object, or a string that holds one.")
    return value


def _check(given: Mapping[str, Any]) -> None:
    """Refuse what would change an answer and is not done here; other options steer a cluster and are passed over."""
    language = str(given.get("query_language", "")).lower()
    if language not in _LANGUAGES:
        raise _bad(f"The query language '{language[:40]}' is not supported. Use 'kql'.")
    column = given.get("query_datetimescope_column")
    if column not in (None, "", _TIME_COLUMN):
        raise _bad(f"The option 'query_datetimescope_column' must be '{_TIME_COLUMN}', which every table has.")
    for name in ("query_results_apply_getschema", "query_take_max_records"):
        if given.get(name):
            raise _bad(f"The option '{name}' is not supported.")


def _limits(given: Mapping[str, Any]) -> Limits:
    """The server's limits, or smaller ones; none that a request could widen."""
    limits = replace(DEFAULT_LIMITS, timeout=_timeout(given))
    rows, size = _number(given, "truncationmaxrecords"), _number(given, "truncationmaxsize")
    return replace(
        limits,
        rows=limits.rows if rows is None else min(rows, limits.rows),
        bytes=limits.bytes if size is None else min(size, limits.bytes),
    )


def _timeout(given: Mapping[str, Any]) -> timedelta:
    if _is_set(given, "norequesttimeout"):
        return LONGEST_WAIT
    value = given.get("servertimeout")
    if value is None:
        return DEFAULT_WAIT
    ticks = value if isinstance(value, int) else parse_timespan(_bare(str(value)))
    if ticks is None or ticks <= 0:
        raise _bad("The option 'servertimeout' must be a timespan such as 00:04:00.")
    return min(timedelta(microseconds=ticks / _TICKS), LONGEST_WAIT)


def _number(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 18:
        raise _bad(f"The option '{name}' must be a whole number that is not negative.")
    return int(value)


def _timespan(given: Mapping[str, Any]) -> Timespan | None:
    start, end = (_instant(given, f"query_datetimescope_{name}") for name in ("from", "to"))
    return None if start is None and end is None else (start, end)


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    instant = parse_datetime(_bare(str(value)))
    if instant is None:
        raise _bad(f"The option '{name}' must be a time such as 2024-01-01T00:00:00Z.")
    return instant


def _bare(text: str) -> str:
    """What stands in a literal of KQL, or the text itself."""
    found = _LITERAL.fullmatch(text.strip())
    return (found[1] if found else text).strip("'\" ")


def _parameter(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _bad(f"The parameter '{name[:80]}' must be a string, a number or a bool.")


def _is_set(given: Mapping[str, Any], name: str) -> bool:
    return str(given.get(name, "")).lower() in ("true", "1")


def _bad(message: str) -> InvalidInput:
    return InvalidInput("General_BadRequest", message)
