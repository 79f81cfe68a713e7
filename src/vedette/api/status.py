"""What the server is, holds and does: version, clock, disk, ingest, queries, rules, and each workspace's tables.

It is made from counters in memory and from what the engine keeps about its tables, so that asking costs little.
"""

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette import __version__
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.gauges import file_sizes
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.core.clock import VirtualClock
from vedette.core.instants import arm_time
from vedette.logs.arrivals import WINDOW, Arrived
from vedette.logs.query_record import RanQuery
from vedette.logs.table_sizes import TableSize

_ALERT_RULES = "Microsoft.SecurityInsights/alertRules"
_INCIDENTS = "Microsoft.SecurityInsights/incidents"
_SLOWEST: Final = 10


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/status`, for `vedette status`."""

    async def status(request: Request) -> Response:
        principal = await authenticate(request, services)
        authorize(services, principal, action="Vedette/status/read", scope=services.estate.subscription_resource_id)
        return JsonResponse(await run_sync(told, services))

    return [Route("/vedette/status", status)]


def told(services: Services) -> dict[str, Any]:
    """The status as JSON values; sizes are in bytes, durations in seconds unless their name says otherwise."""
    return {
        "version": __version__,
        "started": _text(services.started),
        "uptimeSeconds": round((services.wall_clock.now() - services.started).total_seconds(), 1),
        "clock": {"now": _text(services.clock.now()), "virtual": isinstance(services.clock, VirtualClock)},
        "addresses": {
            "https": services.addresses.https,
            "http": services.addresses.http,
            "proxy": services.addresses.proxy,
        },
        "state": services.state.place,
        "audit": {"head": str(services.state.audit_head())},
        "data": str(services.settings.data.absolute()),
        "disk": _disk(services),
        "residentBytes": _resident_bytes(),
        "writer": {"waitingBatches": services.logs.waiting[0], "waitingBytes": services.logs.waiting[1]},
        "outboxRows": services.state.pending_count(),
        "queries": {
            "running": {origin: int(count) for (origin,), count in services.logs.queries.running_now().items()},
            "slowest": [_query(query) for query in services.logs.queries.slowest(_SLOWEST)],
        },
        "failingRules": [
            {"id": rule.id, "name": rule.name, "failures": rule.failures} for rule in services.detections.failing()
        ],
        "workspaces": [_workspace(services, workspace) for workspace in services.workspaces.all()],
    }


def _workspace(services: Services, workspace: Workspace) -> dict[str, Any]:
    arrivals = services.logs.arrivals.last_minute(workspace.id)
    return {
        "id": workspace.id,
        "name": workspace.name,
        "resourceId": workspace.resource_id,
        "ingest": _rate(sum((each.arrived for each in arrivals.values()), Arrived())),
        "tables": [
            _table(size, arrivals[size.name].arrived if size.name in arrivals else Arrived())
            for size in services.logs.table_sizes(workspace.id)
        ],
        "alertRules": services.state.count(_ALERT_RULES, workspace.resource_id),
        "incidents": services.state.count(_INCIDENTS, workspace.resource_id),
    }


def _table(size: TableSize, arrived: Arrived) -> dict[str, Any]:
    return {
        "name": size.name,
        "rows": size.rows,
        "bytesOnDisk": size.bytes_on_disk,
        "oldest": _text(size.oldest),
        "newest": _text(size.newest),
        "ingest": _rate(arrived),
    }


def _rate(arrived: Arrived) -> dict[str, Any]:
    """Of the last minute; the lag is from an event to its arrival."""
    return {
        "rowsPerSecond": round(arrived.rows / WINDOW, 2),
        "bytesPerSecond": round(arrived.bytes / WINDOW, 1),
        "lagSeconds": round(arrived.lag_sum / arrived.rows, 3) if arrived.rows else None,
        "largestLagSeconds": round(arrived.lag_most, 3) if arrived.rows else None,
    }


def _query(query: RanQuery) -> dict[str, Any]:
    return {
        "workspaceId": query.workspace_id,
        "text": query.text,
        "origin": query.caller.origin,
        "caller": query.caller.name,
        "milliseconds": round(query.seconds * 1000, 1),
        "rows": query.rows,
        "error": query.code or None,
        "secondsAgo": round(query.age, 1),
    }


def _disk(services: Services) -> dict[str, Any]:
    usage = shutil.disk_usage(services.settings.data)
    return {"freeBytes": usage.free, "totalBytes": usage.total, "files": file_sizes(services.settings.data)}


def _resident_bytes() -> int | None:
    """What the process holds in memory; None where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else arm_time(instant)
