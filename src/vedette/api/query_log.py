"""LAQueryLogs: each query that somebody runs over an API, who they are, and what came of it.

In Azure this is the category Audit of a workspace's diagnostic settings; here `vedette up` keeps it unless it is told
`--no-query-log`. The server's own queries and those of rules are not in it, as they are not in Azure.
https://learn.microsoft.com/azure/azure-monitor/logs/query-audit
"""

from hashlib import blake2s
from typing import Any, Final

from starlette.requests import Request

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspaces
from vedette.api.errors import status_of
from vedette.api.planes import Plane
from vedette.core.errors import VedetteError
from vedette.log_management.queued_rows import QueuedRows
from vedette.log_management.resource_log_routing import ResourceLogRouting
from vedette.logs.query_record import Caller, EndedQuery

TABLE: Final = "LAQueryLogs"
CATEGORY: Final = "Audit"
ORIGIN: Final = "api"

_TEXT_BYTES: Final = 32_766  # as long as the service lets a field be
_NAME_CHARACTERS: Final = 200
_INTERNAL: Final = 500


def caller_of(request: Request, principal: Principal) -> Caller:
    """Who runs the queries of a request, for the log, the metrics and the status."""
    headers = request.headers
    program = headers.get("x-ms-app") or headers.get("user-agent", "").partition(" ")[0].partition("/")[0]
    return Caller(
        origin=ORIGIN,
        name=principal.name,
        object_id=principal.object_id,
        application_id=principal.application_id or "",
        tenant_id=principal.tenant_id,
        program=program[:_NAME_CHARACTERS] or "Unknown",
        correlation_id=getattr(request.state, "request_id", ""),
        target=f"https://{headers.get('host', '')[:_NAME_CHARACTERS]}{request.url.path}",
    )


class QueryLog:
    """Writes the rows; they are queued, so that no query waits for them."""

    def __init__(self, rows: QueuedRows, workspaces: Workspaces, routing: ResourceLogRouting) -> None:
        self._rows = rows
        self._workspaces = workspaces
        self._routing = routing

    def ended(self, query: EndedQuery) -> None:
        """Take down a query, if somebody asked it: in its workspace, and where that one's settings send its audit."""
        if query.caller.origin != ORIGIN:
            return
        workspace = self._workspaces.by_id(query.workspace_id)
        row = _row(query, [] if workspace is None else [workspace.resource_id])
        places = [query.workspace_id.lower()]
        if workspace is not None:
            places += [each.id.lower() for each in self._routing.workspaces_of(workspace.resource_id, CATEGORY)]
        for each in dict.fromkeys(places):
            self._rows.add(each, TABLE, row)


def _row(query: EndedQuery, workspaces: list[str]) -> dict[str, Any]:
    caller = query.caller
    start, end = query.timespan or (None, None)
    answered = query.error is None
    return {
        "TimeGenerated": query.asked,
        "CorrelationId": caller.correlation_id,
        "AADObjectId": caller.object_id,
        "AADClientId": caller.application_id,
        "AADTenantId": caller.tenant_id,
        "RequestClientApp": caller.program,
        "RequestTarget": caller.target,
        "RequestContext": {"workspaces": workspaces},
        "QueryText": _cut(query.text),
        "QueryThumbprint": blake2s(query.text.encode(errors="replace"), digest_size=16).hexdigest(),
        "QueryTimeRangeStart": start,
        "QueryTimeRangeEnd": end,
        "ResponseCode": _status(query.error),
        "ResponseDurationMs": query.seconds * 1000,
        "ResponseRowCount": query.rows,
        "StatsWorkspaceCount": len(workspaces) if answered else None,
        "StatsRegionCount": 1 if answered else None,
        "IsBillableQuery": False,
        "IsWorkspaceInFailover": False,
        "SourceSystem": "Vedette",
        "_ResourceId": workspaces[0].lower() if workspaces else "",
    }


def _status(error: BaseException | None) -> int:
    if error is None:
        return 200
    return status_of(Plane.QUERY, error) if isinstance(error, VedetteError) else _INTERNAL


def _cut(text: str) -> str:
    encoded = text.encode(errors="replace")
    return text if len(encoded) <= _TEXT_BYTES else encoded[:_TEXT_BYTES].decode(errors="ignore")
