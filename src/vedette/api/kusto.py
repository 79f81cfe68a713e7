"""The Kusto REST API over the workspaces: each is a database. For Kusto's SDKs, Kusto Explorer, Grafana, editors.

https://learn.microsoft.com/kusto/api/rest/
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.query_permissions import QueryPermissions
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate
from vedette.api.disconnection import while_connected
from vedette.api.json_response import JsonResponse
from vedette.api.kusto_command_text import read_command
from vedette.api.kusto_commands import Commands, Shown
from vedette.api.kusto_history import History
from vedette.api.kusto_request import KustoRequest, read_kusto_request
from vedette.api.kusto_v1 import Told, one_table, tables_of
from vedette.api.kusto_v2 import frames_of
from vedette.api.preferences import Preferences
from vedette.api.query_answer import Answer
from vedette.api.query_log import caller_of
from vedette.api.query_running import GONE
from vedette.api.query_scope import Asked, of_workspace, workspace_named
from vedette.api.request_addresses import base_of
from vedette.api.request_ids import client_request_id
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.cancellation import Cancellation
from vedette.kql.catalog import Catalog
from vedette.kql.types import ScalarType
from vedette.logs.inline import InlineTable
from vedette.logs.query_record import Caller
from vedette.logs.several_results import all_results

_JSON: Final = "application/json; charset=utf-8"
_METHODS: Final = ["GET", "POST"]
_NO_DATABASE: Final = ("", "netdefaultdb")
_UNDER_ARM: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
)
_CLIENT_ID: Final = "db662dc1-0cfe-4e1c-a843-19a68e65be58"
"""The public id of Kusto's own clients, which they log people in with."""

_SHOWN: Final = "$shown"
"""What a command shows, as the query that is piped onto it calls it."""

_PLAIN: Final = (ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.string)
_RESOURCE: Final = "https://kusto.kusto.windows.net"


@dataclass(frozen=True, slots=True)
class KustoApi:
    """The handlers."""

    services: Services
    history: History

    async def first(self, request: Request) -> Response:
        """`/v1/rest/query` and `/v1/rest/mgmt`: a query's tables, or a command's."""
        return await self._respond(request, second=False)

    async def second(self, request: Request) -> Response:
        """`/v2/rest/query`: a query's frames."""
        return await self._respond(request, second=True)

    async def _respond(self, request: Request, *, second: bool) -> Response:
        principal = await authenticate(request, self.services)
        asked = await read_kusto_request(request)
        database = self._database(request, principal, asked.database)
        target = of_workspace(self.services, principal, database)
        told = Told(request.state.request_id, client_request_id(request), self.services.clock.now())
        headers = {"x-ms-activity-id": told.request_id}
        caller = caller_of(request, principal)
        work = partial(self._answer, principal, caller, target, asked, told)
        try:
            answered = await while_connected(request, self.services.stopping, work)
        except ClientDisconnect:
            return Response(status_code=GONE)
        if isinstance(answered, Shown):
            return JsonResponse(one_table(answered.columns, answered.rows), headers=headers)
        written = frames_of(answered, told, asked.framing) if second else tables_of(answered, told, nested=True)
        return StreamingResponse(self.services.queries.write(written), headers=headers, media_type=_JSON)

    async def _answer(
        self, principal: Principal, caller: Caller, target: Asked, asked: KustoRequest, told: Told
    ) -> Answer | Shown:
        database = target.workspaces[0].name
        with self.history.noting(principal, told.request_id, told.client_request_id, database, asked.text):
            run = (
                partial(self._command, principal, caller, target, asked)
                if asked.is_command
                else partial(self._query, caller, target, asked)
            )
            return await self.services.queries.run(principal, run)

    def _query(
        self,
        caller: Caller,
        target: Asked,
        asked: KustoRequest,
        cancellation: Cancellation,
        inline: InlineTable | None = None,
    ) -> Answer | Shown:
        run = partial(
            self.services.logs.query,
            target.scope,
            timespan=asked.timespan,
            limits=asked.limits,
            now=asked.now or self.services.clock.now(),
            cancellation=cancellation,
            parameters=asked.parameters,
            inline=inline,
            caller=caller,
        )
        return Answer(all_results(asked.text, run), asked.limits, Preferences())

    def _command(
        self, principal: Principal, caller: Caller, target: Asked, asked: KustoRequest, cancellation: Cancellation
    ) -> Answer | Shown:
        command = read_command(asked.text)
        shown = self._commands(principal, target).run(command)
        if not command.pipe:
            return shown
        inline, steps = _inline(shown)
        piped = replace(asked, text=f"{steps}\n| {command.pipe}", parameters={})
        return self._query(caller, target, piped, cancellation, inline)

    def _commands(self, principal: Principal, target: Asked) -> Commands:
        permissions = QueryPermissions(self.services.roles, principal)
        own = target.workspaces[0]
        others = (
            each
            for each in self.services.workspaces.all()
            if each.id != own.id and permissions.may_query(each.resource_id)
        )

        def catalog(workspace: Workspace) -> Catalog:
            return self.services.logs.catalog_of(of_workspace(self.services, principal, workspace).scope)

        def count(workspace: Workspace, table: str) -> int:
            scope = of_workspace(self.services, principal, workspace).scope
            return self.services.logs.query(scope, f"['{table}'] | count").rows()[0][0]

        return Commands(principal, (own, *others), catalog, count, self.history)

    def _database(self, request: Request, principal: Principal, name: str) -> Workspace:
        """The workspace that the request is for: its `db`, else the path's, else the only one. Raises NotFound
        (BadRequest_EntityNotFound)."""
        of_path = self._of_path(request)
        if name.strip().lower() in _NO_DATABASE:
            if of_path is not None:
                return of_path
            permissions = QueryPermissions(self.services.roles, principal)
            readable = [each for each in self.services.workspaces.all() if permissions.may_query(each.resource_id)]
            if len(readable) == 1:
                return readable[0]
            raise InvalidInput("General_BadRequest", "The property 'db' must name a workspace.")
        found = workspace_named(self.services, name)
        if of_path in found:
            return of_path
        if len(found) != 1:
            raise NotFound("BadRequest_EntityNotFound", f"Database '{name[:80]}' could not be found.")
        return found[0]

    def _of_path(self, request: Request) -> Workspace | None:
        if "name" not in request.path_params:
            return None
        resource_id = request.scope["path"].lower().partition("/v1/rest")[0].partition("/v2/rest")[0]
        workspace = self.services.workspaces.by_resource_id(resource_id)
        if workspace is None:
            raise NotFound("BadRequest_EntityNotFound", "There is no such workspace here.")
        return workspace


def open_routes(services: Services) -> list[BaseRoute]:
    """What clients read before they have a token: where to get it."""

    async def auth_metadata(request: Request) -> Response:
        base = base_of(request, services)
        return JsonResponse(
            {
                "AzureAD": {
                    "LoginEndpoint": base,
                    "LoginMfaRequired": False,
                    "KustoClientAppId": _CLIENT_ID,
                    "KustoClientRedirectUri": "http://localhost",
                    "KustoServiceResourceId": _RESOURCE,
                    "FirstPartyAuthorityUrl": f"{base}/{services.estate.tenant_id}",
                }
            }
        )

    paths = ("/v1/rest/auth/metadata", f"{_UNDER_ARM}/v1/rest/auth/metadata")
    return [Route(path, auth_metadata) for path in paths]


def routes(services: Services) -> list[BaseRoute]:
    """The Kusto API's routes; all need a bearer token and the permission to query the workspace."""
    api = KustoApi(services, History(services.clock))
    return [
        Route(f"{prefix}/{path}", handler, methods=_METHODS)
        for prefix in ("", _UNDER_ARM)
        for path, handler in (
            ("v1/rest/query", api.first),
            ("v1/rest/mgmt", api.first),
            ("v2/rest/query", api.second),
            ("v2/rest/mgmt", api.first),
        )
    ]


def _inline(shown: Shown) -> tuple[InlineTable, str]:
    """A command's result as a table that a query can read, and the query's first steps: values that the engine has no
    plain form of come as texts and are read from them."""
    plain = tuple((name, type if type in _PLAIN else ScalarType.string) for name, type in shown.columns)
    rows = [[_text(value, type) for value, (_, type) in zip(row, shown.columns, strict=True)] for row in shown.rows]
    read = [f"['{name}'] = to{type.value}(['{name}'])" for name, type in shown.columns if type not in _PLAIN]
    steps = f"['{_SHOWN}']" + (f" | extend {', '.join(read)}" if read else "")
    return InlineTable(_SHOWN, plain, rows), steps


def _text(value: Any, type: ScalarType) -> Any:
    return orjson.dumps(value).decode() if type is ScalarType.dynamic else value
