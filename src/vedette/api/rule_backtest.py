"""What a rule would have found in the past, for `vedette backtest`: an API of Vedette's own; nothing is stored."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authorize
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.readable_workspace import named_workspace
from vedette.api.services import Services
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of, reckonable
from vedette.detect.backtest import Backtest, WouldBeAlert, WouldBeIncident
from vedette.detect.entity_json import entities_json
from vedette.engine.cancellation import Cancellation

_MAY = "Microsoft.SecurityInsights/alertRules/write"
"""Who may write a rule may have it look at everything in the workspace."""

_AT_A_TIME: Final = 2
_DEFAULT = timedelta(days=1)


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/workspaces/{id}/backtest` with `rule`, a name or `{kind, properties}`, `from` and `to`."""
    limiter = anyio.CapacityLimiter(_AT_A_TIME)

    async def test(request: Request) -> Response:
        principal, workspace = await named_workspace(request, services)
        authorize(services, principal, action=_MAY, scope=workspace.resource_id)
        body = _read(await read_body(request, MEGABYTE))
        work = partial(_tested, services, workspace, body)
        return await services.queries.answer(request, services.stopping, principal, work, limiter)

    return [Route("/vedette/workspaces/{workspace_id}/backtest", test, methods=["POST"])]


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidRequestContent", f"The body is not JSON: {error}.") from error
    if not isinstance(told, dict) or not isinstance(cast("dict[str, Any]", told).get("rule"), str | dict):
        raise InvalidInput("InvalidRequestContent", "The body must be an object with 'rule', and 'from' and 'to'.")
    return cast("dict[str, Any]", told)


def _tested(
    services: Services, workspace: Workspace, body: dict[str, Any], cancellation: Cancellation
) -> dict[str, Any]:
    end = _instant(body, "to") or services.clock.now()
    start = _instant(body, "from") or end - _DEFAULT
    given = body["rule"]
    detections = services.detections
    rule = detections.rule_named(workspace, given) if isinstance(given, str) else detections.rule_of(workspace, given)
    return {
        "rule": rule.id if isinstance(given, str) else None,
        "displayName": rule.properties.display_name,
        "kind": rule.kind,
        "from": arm_time(start),
        "to": arm_time(end),
        **_told(detections.backtest(workspace, rule, start, end, cancellation)),
    }


def _instant(body: dict[str, Any], name: str) -> datetime | None:
    text = body.get(name)
    if text is None:
        return None
    try:
        return reckonable(instant_of(str(text)))
    except ValueError as error:
        raise InvalidInput("InvalidInstant", f"'{name}' is not an ISO 8601 instant.") from error


def _told(found: Backtest) -> dict[str, Any]:
    return {
        "windows": found.windows,
        "suppressedWindows": found.suppressed,
        "failedWindows": [{"end": arm_time(end), "reason": failure.reason} for end, failure in found.failures],
        "onePass": found.one_pass,
        "seconds": round(found.seconds, 3),
        "windowsPerSecond": round(found.windows / max(found.seconds, 1e-6), 1),
        "alertsCount": found.alerts_count,
        "incidentsCount": found.incidents_count,
        "alerts": [_alert(each) for each in found.alerts],
        "incidents": [_incident(each) for each in found.incidents],
    }


def _alert(each: WouldBeAlert) -> dict[str, Any]:
    alert = each.alert
    return {
        "windowEnd": arm_time(each.end),
        "displayName": alert.display_name,
        "severity": alert.severity.value,
        "startTimeUtc": arm_time(alert.start),
        "endTimeUtc": arm_time(alert.end),
        "tactics": list(alert.tactics),
        "entities": entities_json(alert.entities),
        "customDetails": {name: list(values) for name, values in alert.custom_details.items()},
    }


def _incident(each: WouldBeIncident) -> dict[str, Any]:
    return {
        "createdTimeUtc": arm_time(each.opened),
        "title": each.title,
        "severity": each.severity,
        "alertsCount": each.alerts_count,
        "firstActivityTimeUtc": arm_time(each.first),
        "lastActivityTimeUtc": arm_time(each.last),
    }
