"""Analytics rules that are queries, of kind Scheduled and NRT: what is accepted and what is filled in.

https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
"""

from typing import Any, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.detect.rule import parse_nrt_rule, parse_rule
from vedette.detect.rule_limits import rule_problems
from vedette.sentinel.rule_query import check_query
from vedette.sentinel.workspaces import workspace_of

_MATCHING_OF_2019 = {"all": "AllEntities", "none": "AnyAlert", "custom": "Selected"}

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
    problems = rule_problems(rule, kind)
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
