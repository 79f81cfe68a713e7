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
from vedette.detect.backtest import Backtest
from vedette.detect.backtest_series import Point
from vedette.detect.would_be_json import would_be_alert, would_be_incident
from vedette.engine.cancellation import Cancellation

_MAY = "Microsoft.SecurityInsights/alertRules/write"
"""Who may write a rule may have it look at everything in the workspace."""

_AT_A_TIME: Final = 2
_DEFAULT = timedelta(days=1)
_MOST_POINTS: Final = 10_000


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/workspaces/{id}/backtest` with `rule`, a name or `{kind, properties}`, `from` and `to`; with
    `points` what came of the windows is told as a series of at most so many."""
    limiter = anyio.CapacityLimiter(_AT_A_TIME)

    async def test(request: Request) -> Response:
        principal, workspace = await named_workspace(request, services)
        authorize(services, principal, action=_MAY, scope=workspace.resource_id)
        body = read_rule_body(await read_body(request, MEGABYTE))
        work = partial(_tested, services, workspace, body)
        return await services.queries.answer(request, services.stopping, principal, work, limiter)

    return [Route("/vedette/workspaces/{workspace_id}/backtest", test, methods=["POST"])]


def read_rule_body(body: bytes) -> dict[str, Any]:
    """A body that has `rule`, a name or an object. Raises InvalidInput."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidRequestContent", f"The body is not JSON: {error}.") from error
    if not isinstance(told, dict) or not isinstance(cast("dict[str, Any]", told).get("rule"), str | dict):
        raise InvalidInput(
            "InvalidRequestContent",
            "The body must be an object with 'rule', a name or an object with 'kind' and 'properties'.",
        )
    return cast("dict[str, Any]", told)


def _tested(
    services: Services, workspace: Workspace, body: dict[str, Any], cancellation: Cancellation
) -> dict[str, Any]:
    end = _instant(body, "to") or services.clock.now()
    start = _instant(body, "from") or end - _DEFAULT
    given, points = body["rule"], _points(body)
    detections = services.detections
    rule = detections.rule_named(workspace, given) if isinstance(given, str) else detections.rule_of(workspace, given)
    return {
        "rule": rule.id if isinstance(given, str) else None,
        "displayName": rule.properties.display_name,
        "kind": rule.kind,
        "from": arm_time(start),
        "to": arm_time(end),
        **_told(detections.backtest(workspace, rule, start, end, cancellation, points)),
    }


def _points(body: dict[str, Any]) -> int:
    points = body.get("points", 0)
    if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= _MOST_POINTS:
        raise InvalidInput("InvalidRequestContent", f"'points' must be a number from 0 to {_MOST_POINTS}.")
    return points


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
        "alerts": [{"windowEnd": arm_time(each.end), **would_be_alert(each.alert)} for each in found.alerts],
        "incidents": [would_be_incident(each) for each in found.incidents],
        "series": [_point(each) for each in found.series],
    }


def _point(each: Point) -> dict[str, Any]:
    return {
        "firstWindowEnd": arm_time(each.first),
        "windowEnd": arm_time(each.last),
        "windows": each.windows,
        "results": each.results,
        "fired": each.fired,
        "suppressed": each.suppressed,
        "failed": each.failed,
        "alerts": each.alerts,
    }
