"""Suppression rules: alerts of a type that are dismissed as they come.

https://learn.microsoft.com/azure/defender-for-cloud/alerts-suppression-rules
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import Body, Resource
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.sentinel.defender.types import SUPPRESSION_RULE
from vedette.sentinel.scope_documents import page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]


def validate(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`: a scope element names a field, and what it contains or is one of."""
    scope = body["properties"].get("suppressionAlertsScope")
    for element in cast("dict[str, Any]", scope).get("allOf") or [] if isinstance(scope, dict) else []:
        known = isinstance(element, dict) and isinstance(cast("Json", element).get("field"), str)
        if not known or not ({"in", "contains"} & set(cast("Json", element))):
            raise InvalidInput(
                "BadRequest", "An element of 'suppressionAlertsScope.allOf' has a 'field', and 'in' or 'contains'."
            )
    return body


def fill(context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None) -> Body:
    """See `Resource`."""
    return body | {"properties": body["properties"] | {"lastModifiedUtc": arm_time(context.clock.now())}}


def listed(resource: Resource, context: Context, call: Call) -> Answer:
    """LIST, of one `AlertType` where that is asked for."""
    type = call.query.get("alerttype", "").lower()
    found = context.state.list(SUPPRESSION_RULE, call.path.parent_id)
    chosen = [each for each in found if not type or str(each.body["properties"]["alertType"]).lower() == type]
    return page_of(call, chosen, lambda document: shown(context, resource, call, document))


def suppressed(transaction: Transaction, alert: Mapping[str, Any], context: Context) -> bool:
    """Whether a rule that is enabled and not over dismisses an alert with these properties."""
    rules = transaction.list(SUPPRESSION_RULE, context.estate.subscription_resource_id)
    return any(_fits(each.body["properties"], alert, context) for each in rules)


def _fits(rule: Mapping[str, Any], alert: Mapping[str, Any], context: Context) -> bool:
    ends = rule.get("expirationDateUtc")
    if str(rule["state"]).lower() != "enabled" or (ends and instant_of(ends) <= context.clock.now()):
        return False
    if str(rule["alertType"]).lower() not in ("*", str(alert.get("alertType")).lower()):
        return False
    elements: list[Json] = (rule.get("suppressionAlertsScope") or {}).get("allOf") or []
    return all(_holds(each, alert) for each in elements)


def _holds(element: Mapping[str, Any], alert: Mapping[str, Any]) -> bool:
    """Whether an element holds of an entity of the alert; `entities.ip.address` is the address of one that is an ip."""
    _, _, rest = str(element["field"]).lower().partition("entities.")
    kind, _, name = rest.partition(".")
    values = [each.casefold() for each in _values(alert, kind, name)]
    contained = element.get("contains")
    if contained is not None:
        return any(str(contained).casefold() in each for each in values)
    among = {str(each).casefold() for each in cast("list[Any]", element.get("in") or [])}
    return any(each in among for each in values)


def _values(alert: Mapping[str, Any], kind: str, name: str) -> Iterator[str]:
    for entity in alert.get("entities") or []:
        folded = {str(key).lower(): value for key, value in cast("Json", entity).items()}
        if str(folded.get("type")).lower() != kind:
            continue
        at: Any = folded
        for step in name.split("."):
            fields = cast("Json", at) if isinstance(at, dict) else {}
            at = next((value for key, value in fields.items() if key.lower() == step), None)
        if at is not None and not isinstance(at, dict | list):
            yield str(at)
