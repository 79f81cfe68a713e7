"""Why a rule fired or did not, for `vedette rules explain`: an API of Vedette's own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.json_response import JsonResponse
from vedette.api.query_scope import of_workspace
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound, VedetteError
from vedette.core.instants import arm_time, instant_of, reckonable
from vedette.detect.entities import map_entities
from vedette.detect.entity_json import entities_json
from vedette.detect.results import Results, text_of
from vedette.detect.rule import ScheduledRule, is_triggered
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.logs.query_record import Caller
from vedette.logs.scope import QueryScope

_MAY = "Microsoft.SecurityInsights/alertRules/read"
_RUNS = 10
_ROWS = 50


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/workspaces/{id}/rules/{rule}/explain`: the last runs, the next one, and the rows of the last, or of
    the one whose window ends at the parameter `end`. Who reads it must be allowed to query the workspace too."""

    async def explain(request: Request) -> Response:
        principal = await authenticate(request, services)
        workspace = services.workspaces.by_id(request.path_params["workspace_id"])
        if workspace is None:
            raise NotFound("WorkspaceNotFoundError", "There is no such workspace here.")
        authorize(services, principal, action=_MAY, scope=workspace.resource_id)
        scope = of_workspace(services, principal, workspace).scope
        end = _instant(request.query_params.get("end"))
        return JsonResponse(await run_sync(_told, services, workspace, scope, request.path_params["rule"], end))

    return [Route("/vedette/workspaces/{workspace_id}/rules/{rule}/explain", explain, methods=["GET"])]


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return reckonable(instant_of(text))
    except ValueError as error:
        raise InvalidInput("InvalidInstant", "'end' is not an ISO 8601 instant.") from error


def _told(
    services: Services, workspace: Workspace, scope: QueryScope, name: str, end: datetime | None
) -> dict[str, Any]:
    rule = services.detections.rule_named(workspace, name)
    coming = services.detections.next_run(rule)
    runs = _runs(services, workspace, scope, rule)
    end = end or (instant_of(runs[0]["windowEnd"]) if runs else None)
    return {
        "id": rule.id,
        "name": rule.name,
        "displayName": rule.properties.display_name,
        "kind": rule.kind,
        "enabled": rule.properties.enabled,
        "next": {"at": _text(coming.at), "windowEnd": _text(coming.end), "reason": coming.reason},
        "runs": runs,
        "rows": None if end is None else _rows(services, scope, Window(rule, end)),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else arm_time(instant)


def _runs(services: Services, workspace: Workspace, scope: QueryScope, rule: StoredRule) -> list[dict[str, Any]]:
    """The last runs, newest first, from SentinelHealth."""
    text = (
        f"SentinelHealth | where SentinelResourceId =~ '{_escaped(rule.id)}' | top {_RUNS} by TimeGenerated"
        " | project TimeGenerated, Status, Reason, Description, ExtendedProperties"
    )
    rows = services.logs.query(scope, text, now=services.clock.now()).rows()
    return [_run(*row) for row in rows]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _run(at: datetime, status: str, reason: str, description: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ranAt": arm_time(at),
        "status": status,
        "reason": reason,
        "description": description,
        "trigger": told.get("TriggerType"),
        "windowStart": told.get("QueryStartTimeUTC"),
        "windowEnd": told.get("QueryEndTimeUTC"),
        "results": told.get("QueryResultAmount"),
        "alerts": told.get("AlertsGeneratedAmount"),
        "entities": told.get("EntitiesGeneratedAmount"),
        "entitiesDropped": told.get("EntitiesDroppedDueToMappingIssuesAmount"),
        "issues": told.get("Issues", []),
        "seconds": told.get("StageDurations", {}),
    }


def _rows(services: Services, scope: QueryScope, window: Window) -> dict[str, Any] | None:
    """What the window holds now, which is what it held then unless rows have come or gone since; None for a rule that
    is no query."""
    rule = window.rule.properties
    if not isinstance(rule, ScheduledRule):
        return None
    try:
        answer = services.logs.query(
            scope,
            rule.query,
            timespan=(window.start, window.end),
            by_arrival=window.rule.by_arrival,
            now=window.end,
            caller=Caller("rule", rule.display_name),
        )
    except VedetteError as error:
        return {"windowEnd": arm_time(window.end), "failure": {"code": error.code, "message": error.message}}
    results = Results({column.name: column.type for column in answer.columns}, answer.rows())
    mapped = map_entities(rule, results)
    fires = is_triggered(rule.trigger_operator, rule.trigger_threshold, len(results.rows))
    return {
        "windowStart": arm_time(window.start),
        "windowEnd": arm_time(window.end),
        "columns": list(results.columns),
        "count": len(results.rows),
        "rows": _texts(results),
        "condition": f"{rule.trigger_operator.value} {rule.trigger_threshold}",
        "fires": fires,
        "entities": entities_json(mapped.entities),
        "entitiesDropped": [{"count": count, "reason": drop.value} for drop, count in mapped.drops.items() if count],
    }


def _texts(results: Results) -> Sequence[Sequence[str]]:
    types = list(results.columns.values())
    return [[text_of(value, type) for value, type in zip(row, types, strict=True)] for row in results.rows[:_ROWS]]
