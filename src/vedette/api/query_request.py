"""What a query request asks: text, time, preferences; read from a URL, from a body, or from an entry of a batch.

https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request

from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.preferences import Preferences, parse_preferences
from vedette.api.timespan import Timespan, intersection, parse_timespan
from vedette.core.errors import InvalidInput

REQUEST_BYTES: Final = 2 * MEGABYTE
_PROPERTIES: Final = frozenset({"query", "timespan", "workspaces"})


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One query: its text, the time it is confined to, what the answer should have, the workspaces named in it."""

    text: str
    timespan: Timespan | None
    preferences: Preferences
    workspaces: tuple[str, ...]


async def read_query_request(request: Request, now: datetime) -> QueryRequest:
    """The query of a GET (in the URL) or a POST (in the body). Raises InvalidInput (QueryValidationError)."""
    parameters = request.query_params
    prefer = request.headers.get("prefer", "")
    if request.method == "POST":
        body = await read_json_body(request)
        return query_in_body(body, parameters.get("timespan"), prefer, now)
    return query_in_url(parameters, prefer, now)


async def read_json_body(request: Request) -> Any:
    """The JSON of a request's body. Raises InvalidInput (QueryValidationError, detail InvalidJsonBody)."""
    return _json(await read_body(request, REQUEST_BYTES))


def _json(body: bytes) -> Any:
    try:
        return parse_json(body)
    except InvalidInput as error:
        if error.code != "InvalidJsonBody":
            raise
        raise invalid(error.message, "InvalidJsonBody", "body") from error


def query_in_url(parameters: Mapping[str, str], prefer: str, now: datetime) -> QueryRequest:
    """The query that URL parameters hold; `workspaces` is a list with commas."""
    return QueryRequest(
        text=_text(parameters.get("query")),
        timespan=_timespan(parameters.get("timespan"), now),
        preferences=parse_preferences(prefer),
        workspaces=_names_in_url(parameters),
    )


def query_in_body(body: Any, url_timespan: str | None, prefer: str, now: datetime) -> QueryRequest:
    """The query that a body holds. A `timespan` in the URL as well confines it to the time that both cover."""
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object with the property 'query'.", "InvalidJsonBody", "body")
    unknown = [name for name, value in body.items() if name not in _PROPERTIES and value is not None]
    if unknown:
        raise invalid(f"The property '{unknown[0][:80]}' is not supported.", "UnsupportedProperty", unknown[0][:80])
    return QueryRequest(
        text=_text(body.get("query")),
        timespan=intersection(_timespan(body.get("timespan"), now), _timespan(url_timespan, now)),
        preferences=parse_preferences(prefer),
        workspaces=_names(body.get("workspaces")),
    )


async def read_optional_body(request: Request) -> Any:
    """The JSON of a request's body, None where there is none. Raises InvalidInput (QueryValidationError)."""
    if request.method != "POST":
        return None
    body = await read_body(request, REQUEST_BYTES)
    return _json(body) if body.strip() else None


def workspace_names(body: Any, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The further workspaces that a body names, or a URL. Raises InvalidInput (QueryValidationError)."""
    if body is None:
        return _names_in_url(parameters)
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object.", "InvalidJsonBody", "body")
    return _names(body.get("workspaces"))


def invalid(message: str, code: str, target: str) -> InvalidInput:
    """The query API's error for a request that is not well formed."""
    return InvalidInput("QueryValidationError", message, details=[{"code": code, "message": message, "target": target}])


def _text(query: Any) -> str:
    if not isinstance(query, str):
        raise invalid("The property 'query' is missing or is not a string.", "MissingQuery", "query")
    return query


def _timespan(timespan: Any, now: datetime) -> Timespan | None:
    if timespan is None or timespan == "":
        return None
    if not isinstance(timespan, str):
        raise invalid("The property 'timespan' must be a string.", "InvalidTimespan", "timespan")
    return parse_timespan(timespan, now)


def _names(workspaces: Any) -> tuple[str, ...]:
    if workspaces is None:
        return ()
    if not isinstance(workspaces, list) or not all(isinstance(name, str) for name in workspaces):
        raise invalid("The property 'workspaces' must be an array of strings.", "InvalidWorkspaces", "workspaces")
    return tuple(workspaces)


def _names_in_url(parameters: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in parameters.get("workspaces", "").split(",") if name.strip())
