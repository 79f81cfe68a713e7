"""The Log Analytics query API, v1: `/v1/workspaces/{id}/query`, `/v1/{resourceId}/query`, `/v1/$batch`.

https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.disconnection import in_thread, while_connected
from vedette.api.query_answer import Answer, stream
from vedette.api.query_batch import BatchEntry, read_batch, stream_batch
from vedette.api.query_log import caller_of
from vedette.api.query_request import QueryRequest, check_workspaces, read_query_request
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult

READ: Final = "Microsoft.OperationalInsights/workspaces/query/read"
_RUNNING: Final = 8
_WRITING: Final = 2
_GONE: Final = 499  # for the log: nobody is there to read it
_JSON: Final = "application/json; charset=utf-8"
_QUERY: Final = "/query"


@dataclass(frozen=True, slots=True)
class QueryApi:
    """The handlers. `running` bounds the queries that run at once, `writing` the answers; the rest wait their turn."""

    services: Services
    running: anyio.CapacityLimiter
    writing: anyio.CapacityLimiter

    async def by_workspace(self, request: Request) -> Response:
        """`GET` and `POST /v1/workspaces/{id}/query`. Raises NotFound (WorkspaceNotFoundError)."""
        name = request.path_params["workspace_id"]
        workspace = self.services.workspaces.by_id(name)
        if workspace is None:
            raise NotFound("WorkspaceNotFoundError", f"There is no workspace '{name[:80]}' here.")
        return await self._respond(request, workspace)

    async def by_resource(self, request: Request) -> Response:
        """`GET` and `POST /v1/{resourceId}/query`, for a workspace's own ARM id. Raises NotFound."""
        path = f"/subscriptions/{request.path_params['resource']}"
        if not path.lower().endswith(_QUERY):
            return await self.unknown(request)
        workspace = self.services.workspaces.by_resource_id(path[: -len(_QUERY)])
        if workspace is None:
            raise NotFound("ResourceNotFoundError", "The resource that the path names has no logs here.")
        return await self._respond(request, workspace)

    async def batch(self, request: Request) -> Response:
        """`POST /v1/$batch`: the answers in the order of the requests, one query after the other."""
        principal = await authenticate(request, self.services)
        entries = await read_batch(request)
        answer = partial(self._answer_entry, principal, caller_of(request, principal))
        return StreamingResponse(stream_batch(entries, answer, self.writing), media_type=_JSON)

    async def unknown(self, _request: Request) -> Response:
        """Every other path of the API. Raises NotFound (PathNotFoundError)."""
        raise NotFound("PathNotFoundError", "The requested path does not exist")

    async def _respond(self, request: Request, workspace: Workspace) -> Response:
        principal = await authenticate(request, self.services)
        self._authorize(principal, workspace)
        asked = await read_query_request(request, self.services.clock.now())
        try:
            answer = await while_connected(
                request,
                self.services.stopping,
                partial(self._answer, principal, caller_of(request, principal), workspace, asked),
            )
        except ClientDisconnect:
            return Response(status_code=_GONE)
        return StreamingResponse(stream(answer, self.writing), media_type=_JSON)

    async def _answer_entry(self, principal: Principal, caller: Caller, entry: BatchEntry) -> Answer:
        workspace = self.services.workspaces.by_id(entry.workspace)
        if workspace is None:
            raise InvalidInput("FailedToResolveResource", "Resource identity could not be resovled")  # as Azure has it
        self._authorize(principal, workspace)
        return await self._answer(principal, caller, workspace, entry.query(self.services.clock.now()))

    def _authorize(self, principal: Principal, workspace: Workspace) -> None:
        authorize(self.services, principal, action=READ, scope=workspace.resource_id)

    async def _answer(self, principal: Principal, caller: Caller, workspace: Workspace, asked: QueryRequest) -> Answer:
        """Run the query in a worker thread. Raises KqlError, TimedOut (GatewayTimeout), TooLarge, Unavailable."""
        check_workspaces(asked.workspaces, workspace, self.services.workspaces.all())
        limits = replace(DEFAULT_LIMITS, timeout=asked.preferences.wait)
        now = self.services.clock.now()

        def may_read(workspace_id: str) -> bool:
            other = self.services.workspaces.by_id(workspace_id)
            return other is not None and self.services.roles.allows(principal, READ, other.resource_id)

        def run(cancellation: Cancellation) -> QueryResult:
            return self.services.logs.query(
                workspace.id,
                asked.text,
                timespan=asked.timespan,
                limits=limits,
                now=now,
                cancellation=cancellation,
                may_read=may_read,
                caller=caller,
            )

        return Answer(await in_thread(run, self.running), limits, asked.preferences)


def routes(services: Services) -> list[BaseRoute]:
    """The query API's routes; all need a bearer token and the action READ on the workspace."""
    api = QueryApi(services, running=anyio.CapacityLimiter(_RUNNING), writing=anyio.CapacityLimiter(_WRITING))
    methods = ["GET", "POST"]
    return [
        Route("/v1/workspaces/{workspace_id}/query", api.by_workspace, methods=methods),
        Route("/v1/subscriptions/{resource:path}", api.by_resource, methods=methods),
        Route("/v1/$batch", api.batch, methods=["POST"]),
        Route("/v1/workspaces", api.unknown),
        Route("/v1/workspaces/{rest:path}", api.unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
