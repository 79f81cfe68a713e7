"""Why a rule fired or did not, for `vedette rules explain`, and what one that is being written would do: an API of
Vedette's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authorize
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.query_scope import of_workspace
from vedette.api.readable_workspace import named_workspace
from vedette.api.rule_backtest import read_rule_body
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time, instant_of, reckonable
from vedette.detect.backtest import would_be_incidents
from vedette.detect.entities import map_entities
from vedette.detect.entity_json import entities_json
from vedette.detect.results import Results, text_of
from vedette.detect.rule import PLACEHOLDER, ScheduledRule, is_triggered
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.detect.would_be_json import would_be_alert, would_be_incident
from vedette.engine.cancellation import Cancellation
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult
from vedette.logs.scope import QueryScope

_MAY = "Microsoft.SecurityInsights/alertRules/read"
_RUNS = 10
_AT_A_TIME: Final = 2
_ROWS = 50
_ALERTS: Final = 50
_END_OF_RUN: Final = "todatetime(ExtendedProperties.QueryEndTimeUTC)"


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/workspaces/{id}/rules/explain?rule=…`, or `…/rules/{rule}/explain` for a name: the last runs, the
    next one, and `run` and `rows`: the last run, or the one whose window ends at the parameter `end`, with its rows.
    `POST …/rules/explain` with `rule`, a name or `{kind, properties}`, and perhaps `end`, answers the same of a rule
    that is stored nowhere, which has no runs. Who reads it must be allowed to query the workspace too."""
    limiter = anyio.CapacityLimiter(_AT_A_TIME)

    async def asked_by(request: Request) -> tuple[Principal, Workspace, QueryScope]:
        principal, workspace = await named_workspace(request, services)
        authorize(services, principal, action=_MAY, scope=workspace.resource_id)
        return principal, workspace, of_workspace(services, principal, workspace).scope

    async def explain(request: Request) -> Response:
        principal, workspace, scope = await asked_by(request)
        rule = request.path_params.get("rule") or request.query_params.get("rule")
        if not rule:
            raise InvalidInput(
                "InvalidInput", "The parameter 'rule' is the name, the id or the display name of a rule."
            )
        told = partial(_told, services, workspace, scope, rule, _instant(request.query_params.get("end")))
        return await services.queries.answer(request, services.stopping, principal, told, limiter)

    async def preview(request: Request) -> Response:
        principal, workspace, scope = await asked_by(request)
        body = read_rule_body(await read_body(request, MEGABYTE))
        rule, end = body["rule"], _instant(body.get("end"))
        told = partial(_told, services, workspace, scope, rule, end)
        if not isinstance(rule, str):
            told = partial(_previewed, services, workspace, scope, rule, end or services.clock.now())
        return await services.queries.answer(request, services.stopping, principal, told, limiter)

    base = "/vedette/workspaces/{workspace_id}/rules"
    return [
        Route(f"{base}/explain", preview, methods=["POST"]),
        *(Route(f"{base}{path}", explain, methods=["GET"]) for path in ("/explain", "/{rule}/explain")),
    ]


def _instant(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return reckonable(instant_of(str(text)))
    except ValueError as error:
        raise InvalidInput("InvalidInstant", "'end' is not an ISO 8601 instant.") from error


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks queries for one caller."""

    services: Services
    scope: QueryScope
    cancellation: Cancellation

    def runs(self, rule: StoredRule, end: datetime | None = None) -> list[dict[str, Any]]:
        """The last runs from SentinelHealth, newest first; with `end` those of the window that ends then, or within
        that second where it has no fraction."""
        of_end = "" if end is None else f" | where {_END_OF_RUN} >= datetime({arm_time(end)})"
        if end is not None:
            behind = end + timedelta(microseconds=1 if end.microsecond else 1_000_000)
            of_end += f" and {_END_OF_RUN} < datetime({arm_time(behind)})"
        text = (
            f"SentinelHealth | where SentinelResourceId =~ '{_escaped(rule.id)}'{of_end} | top {_RUNS} by TimeGenerated"
            " | project TimeGenerated, Status, Reason, Description, ExtendedProperties"
        )
        return [_run(*row) for row in self.query(text, now=self.services.clock.now()).rows()]

    def query(self, text: str, **how: Any) -> QueryResult:
        """The result of a query. Raises what `LogStore.query` raises."""
        return self.services.logs.query(self.scope, text, cancellation=self.cancellation, **how)


def _told(
    services: Services,
    workspace: Workspace,
    scope: QueryScope,
    name: str,
    end: datetime | None,
    cancellation: Cancellation,
) -> dict[str, Any]:
    rule = services.detections.rule_named(workspace, name)
    coming = services.detections.next_run(rule)
    reader = _Reader(services, scope, cancellation)
    runs = reader.runs(rule)
    explained = runs[:1] if end is None else reader.runs(rule, end)[:1]
    since = instant_of(explained[0]["windowStart"]) if explained else None
    end = instant_of(explained[0]["windowEnd"]) if explained else end
    return {
        "id": rule.id,
        "name": rule.name,
        "displayName": rule.properties.display_name,
        "kind": rule.kind,
        "enabled": rule.properties.enabled,
        "next": {"at": _text(coming.at), "windowEnd": _text(coming.end), "reason": coming.reason},
        "runs": runs,
        "run": explained[0] if explained else None,
        "rows": None if end is None else _rows(reader, Window(rule, end, since=since)),
    }


def _previewed(
    services: Services,
    workspace: Workspace,
    scope: QueryScope,
    body: Mapping[str, Any],
    end: datetime,
    cancellation: Cancellation,
) -> dict[str, Any]:
    """A rule by arrival is looked at as if each event had arrived when it happened, as in a backtest."""
    rule = replace(services.detections.rule_of(workspace, body), by_arrival=False)
    return {
        "id": None,
        "name": None,
        "displayName": rule.properties.display_name,
        "kind": rule.kind,
        "enabled": rule.properties.enabled,
        "next": None,
        "runs": [],
        "run": None,
        "rows": _rows(_Reader(services, scope, cancellation), Window(rule, end)),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else arm_time(instant)


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


def _rows(reader: _Reader, window: Window) -> dict[str, Any] | None:
    """What the window holds now, which is what it held then unless rows have come or gone since; None for a rule that
    is no query."""
    rule = window.rule.properties
    if not isinstance(rule, ScheduledRule):
        return None
    try:
        answer = reader.query(
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
    alerts = reader.services.detections.judge(window, results)
    incidents = would_be_incidents(window.rule, alerts, window.end)
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
        "mappings": _mappings(rule, results),
        "missingColumns": sorted(_named_columns(rule) - set(results.columns)),
        "alertsCount": len(alerts),
        "alerts": [would_be_alert(each) for each in alerts[:_ALERTS]],
        "incidents": [would_be_incident(each) for each in incidents[:_ALERTS]],
    }


def _mappings(rule: ScheduledRule, results: Results) -> list[dict[str, Any]]:
    """Each identifier of the entity mappings, with the type of its column; None where the results have no such one."""
    return [
        {
            "entityType": mapping.entity_type,
            "identifier": field.identifier,
            "columnName": field.column_name,
            "columnType": type.value if (type := results.columns.get(field.column_name)) else None,
        }
        for mapping in rule.entity_mappings
        for field in mapping.field_mappings
    ]


def _named_columns(rule: ScheduledRule) -> set[str]:
    """The columns that the rule takes anything of its alerts from."""
    override = rule.alert_details_override
    formats = (override.alert_display_name_format or "", override.alert_description_format or "")
    named = {
        *(field.column_name for mapping in rule.entity_mappings for field in mapping.field_mappings),
        *(mapping.column_name for mapping in rule.sentinel_entities_mappings),
        *rule.custom_details.values(),
        *(name for form in formats for name in PLACEHOLDER.findall(form)),
        *(each.value for each in override.alert_dynamic_properties),
        override.alert_tactics_column_name or "",
        override.alert_severity_column_name or "",
    }
    return named - {""}


def _texts(results: Results) -> Sequence[Sequence[str]]:
    types = list(results.columns.values())
    return [[text_of(value, type) for value, type in zip(row, types, strict=True)] for row in results.rows[:_ROWS]]
