"""Analytics rules of every kind, kept and checked; the scheduler reads the documents and runs those that it can.

https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
"""

from typing import cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.behavior_analytics import check_settings
from vedette.sentinel.alert_rule_templates import template_of
from vedette.sentinel.extension import extension
from vedette.sentinel.product_rules import checked_product_rule
from vedette.sentinel.query_rules import checked_query_rule, filled_query_rule
from vedette.sentinel.rule_property_names import with_own_names
from vedette.sentinel.rule_runs import trigger_rule_run
from vedette.state.conditions import And, Compare
from vedette.state.documents import Document
from vedette.state.store import Transaction

ALERT_RULE = "Microsoft.SecurityInsights/alertRules"
_PRODUCTS = "MicrosoftSecurityIncidentCreation"
_QUERIES = frozenset({"Scheduled", "NRT"})
_KINDS = ("Scheduled", "NRT", "Fusion", _PRODUCTS, "MLBehaviorAnalytics", "ThreatIntelligence")
_MOST_ENABLED = {"Scheduled": 512, "NRT": 50}
"""https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#analytics-rule-limits"""

_OF_TEMPLATE = ("displayName", "description", "severity", "tactics", "techniques")


def _validate(context: Context, call: Call, body: Body) -> Body:
    kind = _kind(body.get("kind"))
    properties: Body = with_own_names(body["properties"])
    if kind in _QUERIES:
        properties = checked_query_rule(context, call, kind, properties)
    elif kind == _PRODUCTS:
        properties = checked_product_rule(properties)
    else:
        properties = _checked_template_rule(context, call, kind, properties)
    return body | {"kind": kind, "properties": properties}


def _kind(kind: object) -> str:
    if kind is None or kind == "":
        raise InvalidInput(
            "BadRequest", f"Invalid properties for alert rule: 'kind' is missing; it is one of {', '.join(_KINDS)}."
        )
    known = next((each for each in _KINDS if isinstance(kind, str) and each.lower() == kind.lower()), None)
    if known is None:
        raise InvalidInput("BadRequest", f"'{kind}' is not a kind of alert rule; it is one of {', '.join(_KINDS)}.")
    return known


def _checked_template_rule(context: Context, call: Call, kind: str, properties: Body) -> Body:
    """Of these kinds the template says all but whether they are on, and which sources Fusion looks at."""
    name, enabled = properties.get("alertRuleTemplateName"), _truth(properties.get("enabled"))
    if not isinstance(name, str) or enabled is None:
        missing = "enabled" if isinstance(name, str) else "alertRuleTemplateName"
        raise InvalidInput("BadRequest", f"Invalid properties for alert rule: 'properties.{missing}' is missing.")
    template = template_of(context, call.path.scope, name)
    if template is None or template.body["kind"] != kind:
        raise InvalidInput("BadRequest", f"There is no template '{name[:60]}' for an alert rule of kind {kind}.")
    if kind == "MLBehaviorAnalytics":
        check_settings(properties.get("anomalySettings"))
    known = template.body["properties"]
    kept = {each: properties[each] for each in properties if each not in _OF_TEMPLATE}
    told = {each: known[each] for each in _OF_TEMPLATE if each in known}
    return kept | told | {"alertRuleTemplateName": template.name, "enabled": enabled}


def _truth(value: object) -> bool | None:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool) else None


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    kind, properties = body["kind"], body["properties"]
    if existing is not None and existing.body.get("kind", kind) != kind:
        raise Conflict("Conflict", f"The rule is of kind {existing.body['kind']}; a rule keeps its kind.")
    if kind in _MOST_ENABLED and properties["enabled"]:
        _check_number(call, transaction, existing, kind)
    if kind == "Fusion":
        _check_only(call, transaction, existing)
        properties = _with_sources(properties)
    if kind in _QUERIES:
        properties = filled_query_rule(properties)
    return body | {"properties": properties | {"lastModifiedUtc": arm_time(context.clock.now())}}


def _check_number(call: Call, transaction: Transaction, existing: Document | None, kind: str) -> None:
    enabled = And((Compare(("properties", "enabled"), "eq", True), Compare(("kind",), "eq", kind)))
    others = And((enabled, Compare(("id",), "ne", existing.id))) if existing else enabled
    if transaction.count(ALERT_RULE, call.path.scope, where=others) >= _MOST_ENABLED[kind]:
        raise InvalidInput(
            "BadRequest",
            f"The workspace has {_MOST_ENABLED[kind]} enabled rules of kind {kind} already; disable one first.",
        )


def _check_only(call: Call, transaction: Transaction, existing: Document | None) -> None:
    fusion = transaction.list(ALERT_RULE, call.path.scope, where=Compare(("kind",), "eq", "Fusion"))
    if any(existing is None or each.id != existing.id for each in fusion):
        raise Conflict("Conflict", f"The workspace has a rule of kind Fusion already, '{fusion[0].name}'.")


def _with_sources(properties: Body) -> Body:
    """Fusion's sources, each with its name and whether it can be filtered by severity."""
    sources = cast("list[Body]", properties.get("sourceSettings") or [])
    shown = [
        source | {"sourceSubTypes": [_with_support(each) for each in source["sourceSubTypes"]]}
        if source.get("sourceSubTypes")
        else source
        for source in sources
    ]
    return properties | ({"sourceSettings": shown} if shown else {})


def _with_support(subtype: Body) -> Body:
    filters = cast("Body", subtype.get("severityFilters") or {})
    supported = {"isSupported": filters.get("filters") is not None}
    return subtype | {
        "sourceSubTypeDisplayName": subtype.get("sourceSubTypeName", ""),
        "severityFilters": filters | supported,
    }


ALERT_RULES = extension(
    "rule",
    ALERT_RULE,
    key="ruleId",
    page=1000,
    actions={"triggerRuleRun": trigger_rule_run},
    read_only=frozenset({"lastModifiedUtc"}),
    validate=_validate,
    fill=_fill,
    published_shape=False,
)
