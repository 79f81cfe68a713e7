"""What an editor of KQL asks while a query is written: is it right, what may come here, what is this.

An API of Vedette's own: `POST /vedette/workspaces/{id}/check`, `/complete` and `/hover` with `{"query": …}`, the last
two with the `offset` of the cursor in characters, the first perhaps with the `timespan` that the query will be confined
to. Who may query may ask.
"""

from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.json_response import JsonResponse
from vedette.api.readable_workspace import readable_workspace
from vedette.api.services import Services
from vedette.core.errors import InvalidInput
from vedette.kql.compile import Query, compile_query
from vedette.kql.completion import complete
from vedette.kql.diagnostics import KqlError, Span, described
from vedette.kql.hover import hover
from vedette.kql.likely_mistakes import likely_mistakes
from vedette.kql.several_results import for_each_result
from vedette.logs.scope import QueryScope


def routes(services: Services) -> list[BaseRoute]:
    """The three routes."""

    async def answer_check(request: Request) -> Response:
        scope = await readable_workspace(request, services)
        body = await _body(request)
        check = partial(_check, services, scope, _text(body), has_timespan=body.get("timespan") is not None)
        return JsonResponse(await run_sync(check))

    async def answer_complete(request: Request) -> Response:
        scope = await readable_workspace(request, services)
        body = await _body(request)
        text, offset = _text(body), _offset(body)
        return JsonResponse(await run_sync(partial(_complete, services, scope, text, offset)))

    async def answer_hover(request: Request) -> Response:
        scope = await readable_workspace(request, services)
        body = await _body(request)
        text, offset = _text(body), _offset(body)
        return JsonResponse(await run_sync(partial(_hover, services, scope, text, offset)))

    answers = {"check": answer_check, "complete": answer_complete, "hover": answer_hover}
    return [
        Route(f"/vedette/workspaces/{{workspace_id}}/{name}", answer, methods=["POST"])
        for name, answer in answers.items()
    ]


def _check(services: Services, scope: QueryScope, text: str, *, has_timespan: bool = False) -> dict[str, Any]:
    """All findings, errors first, and the columns that the query gives where it has no errors: those of its first
    result, and those of each where it gives several."""
    catalog = services.logs.catalog_of(scope)
    try:
        results = for_each_result(text, lambda each: compile_query(each, catalog, now=services.clock.now()))
    except KqlError as error:
        return {"valid": False, "diagnostics": [described(error.text, each) for each in error.diagnostics]}
    warnings = dict.fromkeys(warning for _, query in results for warning in query.warnings)
    mistakes = likely_mistakes(text, catalog, has_timespan=has_timespan)
    return {
        "valid": True,
        "columns": _columns(results[0][1]),
        "results": [{"name": name, "columns": _columns(query)} for name, query in results],
        "diagnostics": [described(text, each) for each in (*warnings, *mistakes)],
    }


def _columns(query: Query) -> list[dict[str, str]]:
    return [{"name": name, "type": type.value} for name, type in query.columns]


def _complete(services: Services, scope: QueryScope, text: str, offset: int) -> dict[str, Any]:
    catalog = services.logs.catalog_of(scope)
    found = complete(text, offset, catalog, now=services.clock.now())
    return {
        "completions": [
            {"text": each.text, "kind": each.kind, **_ends(each.span), "detail": each.detail, "doc": each.doc}
            for each in found
        ]
    }


def _hover(services: Services, scope: QueryScope, text: str, offset: int) -> dict[str, Any]:
    told = hover(text, offset, services.logs.catalog_of(scope), now=services.clock.now())
    return {"hover": None if told is None else {**_ends(told.span), "heading": told.heading, "text": told.text}}


def _ends(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


async def _body(request: Request) -> dict[str, Any]:
    body = parse_json(await read_body(request, MEGABYTE))
    if not isinstance(body, dict):
        raise InvalidInput("InvalidRequestContent", 'The body must be an object with the property "query".')
    return body


def _text(body: dict[str, Any]) -> str:
    text = body.get("query")
    if not isinstance(text, str):
        raise InvalidInput("InvalidRequestContent", "The property 'query' must be a string.")
    return text


def _offset(body: dict[str, Any]) -> int:
    offset = body.get("offset")
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= len(_text(body)):
        message = "The property 'offset' must be a position in the query: from 0 to the number of its characters."
        raise InvalidInput("InvalidRequestContent", message)
    return offset
