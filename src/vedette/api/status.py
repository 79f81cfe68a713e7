"""What the server is and holds: version, clock, addresses, and each workspace's tables, rules and incidents."""

from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette import __version__
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.core.clock import VirtualClock

_ALERT_RULES = "Microsoft.SecurityInsights/alertRules"
_INCIDENTS = "Microsoft.SecurityInsights/incidents"


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/status`, for `vedette status`."""

    async def status(request: Request) -> Response:
        principal = await authenticate(request, services)
        authorize(services, principal, action="Vedette/status/read", scope=services.estate.subscription_resource_id)
        return JsonResponse(await run_sync(told, services))

    return [Route("/vedette/status", status)]


def told(services: Services) -> dict[str, Any]:
    """The status as JSON values."""
    return {
        "version": __version__,
        "clock": {
            "now": services.clock.now().isoformat().replace("+00:00", "Z"),
            "virtual": isinstance(services.clock, VirtualClock),
        },
        "addresses": {
            "https": services.addresses.https,
            "http": services.addresses.http,
            "proxy": services.addresses.proxy,
        },
        "data": str(services.settings.data.absolute()),
        "workspaces": [_workspace(services, workspace) for workspace in services.workspaces.all()],
    }


def _workspace(services: Services, workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "name": workspace.name,
        "resourceId": workspace.resource_id,
        "tables": [
            {"name": name, "rows": _rows(services, workspace, name)} for name in _stored_tables(services, workspace)
        ],
        "alertRules": services.state.count(_ALERT_RULES, workspace.resource_id),
        "incidents": services.state.count(_INCIDENTS, workspace.resource_id),
    }


def _stored_tables(services: Services, workspace: Workspace) -> list[str]:
    catalog = services.logs.catalog(workspace.id)
    tables = ((name, catalog.table(name)) for name in catalog.table_names())
    return [name for name, table in tables if table is not None and table.relation is not None]


def _rows(services: Services, workspace: Workspace, table: str) -> int:
    ((count,),) = services.logs.query(workspace.id, f"['{table}'] | count").rows()
    return count
