"""Lists of Defender for Cloud's data: of a scope and all below it, of a region, of a state."""

import re
from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import Resource
from vedette.core.errors import InvalidInput
from vedette.sentinel.defender import alerts as alert_parts
from vedette.sentinel.defender import suppression
from vedette.sentinel.defender.types import PROVIDER
from vedette.sentinel.scope_documents import around, page_of

_EQUAL: Final = re.compile(r"\s*(?:properties/)?(\w+)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def alerts(resource: Resource, context: Context, call: Call) -> Answer:
    """The alerts of a subscription or resource group, of one region or all; the newest first."""
    found = sorted(alert_parts.alerts_of(context, call.path), key=lambda each: each.created, reverse=True)
    return page_of(call, found, lambda document: shown(context, resource, call, document))


def suppression_rules(resource: Resource, context: Context, call: Call) -> Answer:
    """The suppression rules of a subscription."""
    return suppression.listed(resource, context, call)


def below(resource: Resource, context: Context, call: Call) -> Answer:
    """All documents of a type at or below the scope, whatever they hang on; of a management group, all."""
    depth = "" if len(call.path.types) == 1 else call.path.parent_id
    scope = depth or call.path.scope
    prefix = f"{scope.lower()}/"
    found = [each for each in around(context, resource.document_type, scope, below=True) if _is_in(each.id, prefix)]
    return page_of(call, found, lambda document: shown(context, resource, call, document))


def filtered(resource: Resource, context: Context, call: Call) -> Answer:
    """The documents right below, of one state where `$filter` is such as `state eq 'Failed'`."""
    found = context.state.list(resource.document_type, call.path.parent_id)
    text = call.query.get("$filter", "")
    if text:
        match = _EQUAL.fullmatch(text)
        if match is None:
            raise InvalidInput("BadRequest", f"'$filter' is such as state eq 'Failed', not '{text[:100]}'.")
        name, value = match.groups()
        found = [each for each in found if str(_property(each.body["properties"], name)).lower() == value.lower()]
    return page_of(call, found, lambda document: shown(context, resource, call, document))


def control_definitions(resource: Resource, context: Context, call: Call) -> Answer:
    """The definitions that the controls which were fed bring with them, each once."""
    held = context.state.list(resource.document_type, context.estate.subscription_resource_id, below=True)
    type = f"{PROVIDER}/secureScoreControlDefinitions"
    known: dict[str, dict[str, Any]] = {}
    for each in held:
        properties = each.body["properties"]
        told = (properties.get("definition") or {}).get("properties") or {}
        known[each.name.lower()] = {
            "id": f"/providers/{type}/{each.name}",
            "name": each.name,
            "type": type,
            "properties": {
                "displayName": properties["displayName"],
                "maxScore": properties["score"]["max"],
                "source": {"sourceType": "BuiltIn"},
                "assessmentDefinitions": [],
                **told,
            },
        }
    return page_of(call, [*known.values()], lambda item: item)


def _is_in(id: str, prefix: str) -> bool:
    return id.lower().startswith(prefix) or prefix.startswith("/providers/microsoft.management/managementgroups/")


def _property(properties: dict[str, Any], name: str) -> Any:
    return next((each for key, each in properties.items() if key.lower() == name.lower()), None)
