"""Analytics rules of kind Scheduled: what is accepted, what is filled in; the scheduler reads the documents.

https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
"""

from datetime import timedelta
from typing import Any, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.core.durations import format_duration
from vedette.core.errors import InvalidInput
from vedette.detect.instants import arm_time
from vedette.detect.rule import ScheduledRule, parse_rule
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.rule_query import check_query
from vedette.sentinel.workspaces import WORKSPACE, newer_exists, workspace_of
from vedette.state.conditions import And, Compare
from vedette.state.documents import Document
from vedette.state.store import Transaction

ALERT_RULE = "Microsoft.SecurityInsights/alertRules"
_SCHEDULED = "Scheduled"
_OTHER_KINDS = ("NRT", "Fusion", "MicrosoftSecurityIncidentCreation", "MLBehaviorAnalytics", "ThreatIntelligence")

_MATCHING_OF_2019 = {"all": "AllEntities", "none": "AnyAlert", "custom": "Selected"}

# https://learn.microsoft.com/azure/sentinel/sentinel-service-limits and …/create-analytics-rules
_SHORTEST = timedelta(minutes=5)
_LONG_PERIOD = timedelta(days=2)
_FREQUENCY_OF_LONG_PERIOD = timedelta(hours=1)
_LONGEST_LOOKBACK = timedelta(days=7)
_LONGEST_QUERY = 10_000
_MOST_FIELDS = 3
_MOST_ENABLED = 512

_FILLED: dict[str, Any] = {
    "alertRuleTemplateName": None,
    "description": "",
    "tactics": [],
    "techniques": [],
    "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
    "customDetails": None,
    "entityMappings": None,
    "alertDetailsOverride": None,
    "incidentConfiguration": {
        "createIncident": True,
        "groupingConfiguration": {
            "enabled": False,
            "reopenClosedIncident": False,
            "lookbackDuration": "PT5H",
            "matchingMethod": "AllEntities",
            "groupByEntities": [],
            "groupByAlertDetails": [],
            "groupByCustomDetails": [],
        },
    },
}


def _validate(context: Context, call: Call, body: Body) -> Body:
    kind = _kind(body.get("kind"))
    body = body | {"properties": _with_matching_method(body["properties"])}
    rule = parse_rule(body["properties"])
    problems = _problems(rule)
    if problems:
        raise InvalidInput("BadRequest", f"Invalid properties for alert rule: {'; '.join(problems)}.")
    check_query(context, workspace_of(context, call.path).id, rule.query)
    read = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return body | {"kind": kind, "properties": _as_read(body["properties"], read)}


def _kind(kind: Any) -> str:
    if kind is None or kind == "":
        raise InvalidInput(
            "BadRequest", f"Invalid properties for alert rule: 'kind' is missing; '{_SCHEDULED}' is served."
        )
    if isinstance(kind, str) and kind.lower() == _SCHEDULED.lower():
        return _SCHEDULED
    known = next((each for each in _OTHER_KINDS if isinstance(kind, str) and each.lower() == kind.lower()), None)
    if known is not None:
        raise InvalidInput(
            "BadRequest", f"Alert rules of kind '{known}' are not supported here; kind '{_SCHEDULED}' is."
        )
    raise InvalidInput("BadRequest", f"'{kind}' is not a kind of alert rule; '{_SCHEDULED}' is.")


def _with_matching_method(properties: dict[str, Any]) -> dict[str, Any]:
    """Api-version 2019-01-01-preview has `entitiesMatchingMethod` where later ones have `matchingMethod`."""
    match properties:
        case {"incidentConfiguration": {"groupingConfiguration": {"entitiesMatchingMethod": str(old), **rest}}}:
            if old.lower() not in _MATCHING_OF_2019 or "matchingMethod" in rest:
                return properties
            grouping = {**rest, "entitiesMatchingMethod": old, "matchingMethod": _MATCHING_OF_2019[old.lower()]}
            incident = properties["incidentConfiguration"] | {"groupingConfiguration": grouping}
            return properties | {"incidentConfiguration": incident}
        case _:
            return properties


def _problems(rule: ScheduledRule) -> list[str]:
    """What the service refuses beyond the form of single properties."""
    grouping = rule.incident_configuration.grouping_configuration
    checks = (
        (
            rule.query_frequency >= _SHORTEST,
            f"'properties.queryFrequency' ({format_duration(rule.query_frequency)}) must be at least PT5M",
        ),
        (
            rule.query_period >= _SHORTEST,
            f"'properties.queryPeriod' ({format_duration(rule.query_period)}) must be at least PT5M",
        ),
        (
            rule.query_period < _LONG_PERIOD or rule.query_frequency >= _FREQUENCY_OF_LONG_PERIOD,
            "'properties.queryFrequency' must be at least PT1H when 'properties.queryPeriod' is P2D or longer",
        ),
        (
            not rule.suppression_enabled or rule.suppression_duration >= _SHORTEST,
            "'properties.suppressionDuration' must be at least PT5M",
        ),
        (
            len(rule.query) <= _LONGEST_QUERY,
            f"'properties.query' has {len(rule.query)} characters; {_LONGEST_QUERY} are allowed",
        ),
        (
            grouping is None or _SHORTEST <= grouping.lookback_duration <= _LONGEST_LOOKBACK,
            "'properties.incidentConfiguration.groupingConfiguration.lookbackDuration' must be from PT5M to P7D",
        ),
    )
    crowded = [
        f"'properties.entityMappings.{index}.fieldMappings' has {len(mapping.field_mappings)} entries; "
        f"{_MOST_FIELDS} are allowed"
        for index, mapping in enumerate(rule.entity_mappings)
        if len(mapping.field_mappings) > _MOST_FIELDS
    ]
    return [problem for holds, problem in checks if not holds] + crowded


def _as_read(sent: Any, read: Any) -> Any:
    """What was sent, with the types and choices that it was read as: `"true"` is true, `high` is High.

    Durations keep the caller's way of writing them, and properties that are not known stay.
    """
    if isinstance(sent, dict) and isinstance(read, dict):
        fields, known = cast("dict[str, Any]", sent), cast("dict[str, Any]", read)
        return {name: _as_read(each, known[name]) if name in known else each for name, each in fields.items()}
    if isinstance(sent, list) and isinstance(read, list):
        items, values = cast("list[Any]", sent), cast("list[Any]", read)
        return [_as_read(each, value) for each, value in zip(items, values, strict=True)]
    if isinstance(sent, str) and isinstance(read, str):
        return read if sent.lower() == read.lower() else sent
    return sent if sent is None else read


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    if body["properties"]["enabled"]:
        _check_number(call, transaction, existing)
    modified = arm_time(context.clock.now())
    return body | {"properties": _FILLED | body["properties"] | {"lastModifiedUtc": modified}}


def _check_number(call: Call, transaction: Transaction, existing: Document | None) -> None:
    enabled = Compare(("properties", "enabled"), "eq", True)
    others = And((enabled, Compare(("id",), "ne", existing.id))) if existing else enabled
    if transaction.count(ALERT_RULE, call.path.scope, where=others) >= _MOST_ENABLED:
        raise InvalidInput(
            "BadRequest", f"The workspace has {_MOST_ENABLED} enabled scheduled rules already; disable one first."
        )


ALERT_RULES = Resource(
    ALERT_RULE,
    key="ruleId",
    parent=WORKSPACE,
    read_only=frozenset({"lastModifiedUtc"}),
    require=require_onboarded,
    validate=_validate,
    fill=_fill,
    newer_exists=newer_exists("rule"),
    published_shape=False,
)
