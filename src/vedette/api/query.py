"""The Log Analytics query API, by its own paths and by those of Azure Resource Manager.

https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate
from vedette.api.disconnection import while_connected
from vedette.api.kusto_v1 import Told, tables_of
from vedette.api.query_answer import Answer, pieces
from vedette.api.query_batch import BatchEntry, read_batch, stream_batch
from vedette.api.query_log import caller_of
from vedette.api.query_metadata import metadata_body, metadata_response
from vedette.api.query_request import QueryRequest, read_optional_body, read_query_request, workspace_names
from vedette.api.query_running import GONE
from vedette.api.query_scope import Asked, of_resource, of_workspace, workspace_named
from vedette.api.request_ids import client_request_id
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.cancellation import Cancellation
from vedette.logs.query_record import Caller
from vedette.logs.several_results import NamedResult, all_results

_JSON: Final = "application/json; charset=utf-8"
_METHODS: Final = ["GET", "POST"]
_ENDINGS: Final = ("/query", "/search", "/metadata")
_UNDER_ARM: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
)

Target = Callable[[Principal, tuple[str, ...]], Asked]
"""What a path names, for a caller, together with the workspaces that the request names besides."""


@dataclass(frozen=True, slots=True)
class QueryApi:
    """The handlers."""

    services: Services

    async def by_workspace(self, request: Request) -> Response:
        """`/v1/workspaces/{id}/query` and `/search`. Raises NotFound (WorkspaceNotFoundError)."""
        return await self._respond(request, self._workspace_of(request))

    async def metadata_by_workspace(self, request: Request) -> Response:
        """`/v1/workspaces/{id}/metadata`. Raises NotFound (WorkspaceNotFoundError)."""
        return await self._metadata(request, self._workspace_of(request))

    async def by_resource(self, request: Request) -> Response:
        """`/v1/{resourceId}/query`, `/search` and `/metadata`. Raises NotFound (ResourceNotFoundError)."""
        path = f"/subscriptions/{request.path_params['resource']}"
        ending = next((each for each in _ENDINGS if path.lower().endswith(each)), None)
        if ending is None:
            return await self.unknown(request)
        target = self._resource(path[: -len(ending)])
        return await (self._metadata(request, target) if ending == "/metadata" else self._respond(request, target))

    async def under_arm(self, request: Request) -> Response:
        """`{workspace}/query`, `/search` and `/metadata` with an api-version. Raises NotFound and InvalidInput
        (MissingApiVersionParameter)."""
        resource_id, _, ending = request.scope["path"].rpartition("/")
        target = self._resource_under_arm(request, resource_id)
        return await (
            self._metadata(request, target) if ending.lower() == "metadata" else self._respond(request, target)
        )

    async def of_insights(self, request: Request) -> Response:
        """`{resource}/providers/microsoft.insights/logs`, any resource's."""
        resource_id = f"/subscriptions/{request.path_params['resource']}"
        return await self._respond(request, self._resource_under_arm(request, resource_id))

    async def legacy(self, request: Request) -> Response:
        """`{workspace}/api/query`: the same query, its answer in the shape of the first version of Kusto's API."""
        resource_id = request.scope["path"][: -len("/api/query")]
        return await self._respond(request, self._resource_under_arm(request, resource_id), as_kusto=True)

    async def batch(self, request: Request) -> Response:
        """`POST /v1/$batch`: the answers in the order of the requests, one query after the other."""
        principal = await authenticate(request, self.services)
        entries = await read_batch(request)
        answer = partial(self._answer_entry, principal, caller_of(request, principal))
        return StreamingResponse(stream_batch(entries, answer, self.services.queries.write), media_type=_JSON)

    async def unknown(self, _request: Request) -> Response:
        """Every other path of the API. Raises NotFound (PathNotFoundError)."""
        raise NotFound("PathNotFoundError", "The requested path does not exist")

    def _workspace_of(self, request: Request) -> Target:
        name = request.path_params["workspace_id"]
        workspace = self.services.workspaces.by_id(name)
        if workspace is None:
            raise NotFound("WorkspaceNotFoundError", f"There is no workspace '{name[:80]}' here.")
        return self._workspace(workspace)

    def _workspace(self, workspace: Workspace) -> Target:
        return lambda principal, others: of_workspace(self.services, principal, workspace, others)

    def _resource(self, resource_id: str) -> Target:
        return lambda principal, others: of_resource(self.services, principal, resource_id, others)

    def _resource_under_arm(self, request: Request, resource_id: str) -> Target:
        named = {name.lower() for name in request.query_params}
        if "api-version" not in named:
            raise InvalidInput(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        return self._resource(resource_id)

    async def _respond(self, request: Request, target: Target, *, as_kusto: bool = False) -> Response:
        principal = await authenticate(request, self.services)
        scope = target(principal, ())  # who may not ask is told so before the question is read
        asked = await read_query_request(request, self.services.clock.now())
        caller = caller_of(request, principal)
        if asked.workspaces:
            scope = target(principal, asked.workspaces)
        work = partial(self._answer, principal, caller, scope, asked)
        try:
            answer = await while_connected(request, self.services.stopping, work)
        except ClientDisconnect:
            return Response(status_code=GONE)
        if as_kusto or answer.preferences.as_kusto:
            told = Told(request.state.request_id, client_request_id(request), self.services.clock.now())
            written = tables_of(answer, told, nested=False)
        else:
            written = pieces(answer)
        return StreamingResponse(self.services.queries.write(written), media_type=_JSON)

    async def _metadata(self, request: Request, target: Target) -> Response:
        principal = await authenticate(request, self.services)
        asked = target(principal, ())
        others = workspace_names(await read_optional_body(request), request.query_params)
        if others:
            asked = target(principal, others)
        told = await self.services.queries.run(principal, lambda _: metadata_body(self.services, asked))
        return metadata_response(request, told)

    async def _answer_entry(self, principal: Principal, caller: Caller, entry: BatchEntry) -> Answer:
        found = workspace_named(self.services, entry.workspace)
        if len(found) != 1:
            raise InvalidInput("FailedToResolveResource", "Resource identity could not be resovled")  # as Azure has it
        target = self._workspace(found[0])
        scope = target(principal, ())
        asked = entry.query(self.services.clock.now())
        if asked.workspaces:
            scope = target(principal, asked.workspaces)
        return await self._answer(principal, caller, scope, asked)

    async def _answer(self, principal: Principal, caller: Caller, target: Asked, asked: QueryRequest) -> Answer:
        """Run the query in a worker thread. Raises KqlError, TimedOut (GatewayTimeout), TooLarge, Unavailable."""
        run = partial(self._run, caller, target, asked, self.services.clock.now())
        results = await self.services.queries.run(principal, run)
        return Answer(results, asked.preferences.limits, asked.preferences, self._members(target, asked, results))

    def _run(
        self, caller: Caller, target: Asked, asked: QueryRequest, now: datetime, cancellation: Cancellation
    ) -> tuple[NamedResult, ...]:
        run = partial(
            self.services.logs.query,
            target.scope,
            timespan=asked.timespan,
            limits=asked.preferences.limits,
            now=now,
            cancellation=cancellation,
            caller=caller,
        )
        return all_results(asked.text, run)

    def _members(self, target: Asked, asked: QueryRequest, results: tuple[NamedResult, ...]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        if asked.preferences.data_sources:
            tables = sorted({table for each in results for table in each.result.tables_read()})
            members["dataSources"] = target.data_sources(tables, self.services.workspaces)
        if asked.preferences.permissions:
            members["permissions"] = target.permissions_told()
        return members


def routes(services: Services) -> list[BaseRoute]:
    """The query API's routes; all need a bearer token and the permission to query the workspace, or roles for the
    resource whose rows are asked for."""
    api = QueryApi(services)
    by_version = [
        Route(f"{version}/workspaces/{{workspace_id}}/{name}", handler, methods=_METHODS)
        for version in ("/v1", "/beta")
        for name, handler in (
            ("query", api.by_workspace),
            ("search", api.by_workspace),
            ("metadata", api.metadata_by_workspace),
        )
    ]
    under_arm = [
        Route(f"{_UNDER_ARM}/{name}", handler, methods=_METHODS)
        for name, handler in (
            ("query", api.under_arm),
            ("search", api.under_arm),
            ("metadata", api.under_arm),
            ("api/query", api.legacy),
        )
    ]
    return [
        *by_version,
        Route("/v1/subscriptions/{resource:path}", api.by_resource, methods=_METHODS),
        Route("/v1/$batch", api.batch, methods=["POST"]),
        Route("/v1/workspaces", api.unknown),
        Route("/v1/workspaces/{rest:path}", api.unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        *under_arm,
        Route("/subscriptions/{resource:path}/providers/microsoft.insights/logs", api.of_insights, methods=_METHODS),
    ]
