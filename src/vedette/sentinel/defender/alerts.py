"""Alerts of Defender for Cloud: fed by PUT, which Azure has not; their state changed by people, as there.

https://learn.microsoft.com/rest/api/defenderforcloud/alerts
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Action, Body
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.sentinel.defender.checks import one_of, require_instants, require_objects, require_texts
from vedette.sentinel.defender.suppression import suppressed
from vedette.sentinel.defender.types import ALERT
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]

SEVERITIES: Final = ("High", "Medium", "Low", "Informational")
STATUSES: Final = ("Active", "InProgress", "Resolved", "Dismissed")
_TEXTS: Final = ("alertType", "alertDisplayName", "description", "intent", "compromisedEntity", "productName")
_TIMES: Final = ("startTimeUtc", "endTimeUtc", "timeGeneratedUtc", "processingEndTimeUtc")
_LISTS: Final = ("resourceIdentifiers", "entities")
_AFTER: Final[Mapping[str, str]] = {
    "dismiss": "Dismissed",
    "resolve": "Resolved",
    "activate": "Active",
    "inProgress": "InProgress",
}


def validate(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`."""
    properties: Json = body["properties"]
    require_texts(properties, _TEXTS, needed=("alertDisplayName",))
    require_instants(properties, _TIMES)
    require_objects(properties, _LISTS)
    extended = properties.get("extendedProperties")
    if extended is not None and not isinstance(extended, dict):
        raise InvalidInput("BadRequest", "'properties.extendedProperties' must be an object of texts.")
    for name, values in (("severity", SEVERITIES), ("status", STATUSES)):
        if name in properties:
            properties[name] = one_of(properties[name], values, f"properties.{name}")
    return body | {"properties": properties}


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """What an alert has that does not say it; a suppression rule that fits dismisses one that is new."""
    properties = completed(body["properties"], call.path.name, context.clock.now(), existing)
    if existing is None and properties["status"] == "Active" and suppressed(transaction, properties, context):
        properties["status"] = "Dismissed"
    return body | {"properties": properties}


def completed(properties: Json, name: str, now: datetime, existing: Document | None = None) -> Json:
    """The properties of an alert, with those that every alert has."""
    instant = arm_time(now)
    before: Json = existing.body["properties"] if existing else {}
    kept = {each: before[each] for each in ("status", "timeGeneratedUtc", "processingEndTimeUtc") if each in before}
    started = properties.get("startTimeUtc") or before.get("startTimeUtc") or instant
    return {
        "version": "2022-01-01",
        "systemAlertId": name,
        "alertType": name,
        "severity": "Medium",
        "status": "Active",
        "vendorName": "Microsoft",
        "productName": "Microsoft Defender for Cloud",
        "isIncident": False,
        "startTimeUtc": started,
        "endTimeUtc": started,
        "timeGeneratedUtc": instant,
        "processingEndTimeUtc": instant,
        **kept,
        **{each: value for each, value in properties.items() if value is not None},
    }


def changed_to(action: str) -> Action:
    """The action `action` of an alert, after which it has another status; https://learn.microsoft.com/rest/api/defenderforcloud/alerts/update-resource-group-level-state-to-dismiss"""

    def change(context: Context, call: Call, document: Document) -> Answer:
        with context.state.transaction() as transaction:
            held = transaction.get(document.id)
            if held is not None:
                properties: Json = held.body["properties"] | {"status": _AFTER[action]}
                transaction.change(held, held.body | {"properties": properties})
        return Answer(204)

    return change


def alerts_of(context: Context, path: ResourcePath) -> list[Document]:
    """The alerts of a subscription or a resource group, of one region where the path names it."""
    found = context.state.list(ALERT, path.scope, below=True)
    region = f"/locations/{path.names[0].lower()}/" if len(path.types) > 1 else ""
    return [each for each in found if region in each.id.lower()]
