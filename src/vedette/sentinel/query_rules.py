"""Analytics rules that are queries, of kind Scheduled and NRT: what is accepted and what is filled in.

https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
"""

from datetime import timedelta
from typing import Any, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.durations import format_duration
from vedette.core.errors import InvalidInput
from vedette.detect.rule import ScheduledRule, parse_nrt_rule, parse_rule
from vedette.sentinel.rule_query import check_query
from vedette.sentinel.workspaces import workspace_of

_MATCHING_OF_2019 = {"all": "AllEntities", "none": "AnyAlert", "custom": "Selected"}

# https://learn.microsoft.com/azure/sentinel/sentinel-service-limits and …/create-analytics-rules
_SHORTEST = timedelta(minutes=5)
_LONG_PERIOD = timedelta(days=2)
_FREQUENCY_OF_LONG_PERIOD = timedelta(hours=1)
_LONGEST_LOOKBACK = timedelta(days=7)
_LONGEST_QUERY = 10_000
_MOST_FIELDS = 3

_FILLED: dict[str, Any] = {
    "description": "",
    "tactics": [],
    "techniques": [],
    "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
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


def checked_query_rule(context: Context, call: Call, kind: str, properties: Body) -> Body:
    """The properties to keep of a rule of kind Scheduled or NRT. Raises InvalidInput (BadRequest)."""
    properties = _with_matching_method(properties)
    rule = parse_rule(properties) if kind == "Scheduled" else parse_nrt_rule(properties)
    problems = _schedule_problems(rule) if kind == "Scheduled" else []
    problems += _problems(rule)
    if problems:
        raise InvalidInput("BadRequest", f"Invalid properties for alert rule: {'; '.join(problems)}.")
    check_query(context, workspace_of(context, call.path).id, rule.query, enabled=rule.enabled)
    read = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return _as_read(properties, read)


def filled_query_rule(properties: Body) -> Body:
    """The properties with what Sentinel fills in where nothing was sent."""
    return _FILLED | properties


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


def _schedule_problems(rule: ScheduledRule) -> list[str]:
    """What the service refuses of a schedule beyond the form of single properties."""
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
    )
    return [problem for holds, problem in checks if not holds]


def _problems(rule: ScheduledRule) -> list[str]:
    """What the service refuses of any query rule beyond the form of single properties."""
    grouping = rule.incident_configuration.grouping_configuration
    checks = (
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
