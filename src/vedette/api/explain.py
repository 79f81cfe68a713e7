"""How a query would run, for `vedette explain` and the console: an API of Vedette's own beside the query API."""

from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.json_response import JsonResponse
from vedette.api.query_request import read_query_request
from vedette.api.readable_workspace import readable_workspace
from vedette.api.services import Services
from vedette.kql.diagnostics import described


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/workspaces/{id}/explain` with the query API's body; who may query may ask how."""

    async def explain(request: Request) -> Response:
        scope = await readable_workspace(request, services)
        now = services.clock.now()
        asked = await read_query_request(request, now)
        ask = partial(services.logs.explain, scope, asked.text, timespan=asked.timespan, now=now)
        told = await run_sync(ask)
        return JsonResponse(
            {
                "columns": [{"name": column.name, "type": column.type.value} for column in told.columns],
                "plan": told.plan,
                "steps": told.steps,
                "sql": told.sql,
                "warnings": [described(asked.text, finding) for finding in told.warnings],
            }
        )

    return [Route("/vedette/workspaces/{workspace_id}/explain", explain, methods=["POST"])]
