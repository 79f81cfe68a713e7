"""Incidents that resemble an incident, each with the reasons: common entities, a common rule, the same details.

https://learn.microsoft.com/azure/sentinel/investigate-incidents#check-for-similar-incidents-in-your-environment
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.core.instants import instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY_RELATION
from vedette.detect.incidents import INCIDENT, incident_alerts
from vedette.state.conditions import Order
from vedette.state.documents import Document
from vedette.state.store import StateStore

MOST_SIMILAR = 20
LOOKBACK = timedelta(days=14)

_MOST_COMPARED = 2000
_MOST_ALERTS = 500
_WEIGHTS = {"SimilarEntities": 3, "SimilarRule": 2, "SimilarAlertDetails": 1}


@dataclass(frozen=True, slots=True)
class _Traits:
    """What is compared of an incident: its entities' ids with their names, its rules, and its details."""

    entities: Mapping[str, str]
    rules: frozenset[str]
    details: frozenset[str]


def similar_incidents(context: Context, _call: Call, document: Document) -> Answer:
    """POST `similarIncidents`: at most 20, the most similar first.

    Looked at are the incidents of the 14 days before this one's last activity, up to the newest 2,000. One is similar
    by an entity in common, by a rule in common, or by the same title or the same value of a custom detail; that the
    alerts of both are of one product says too little alone, and is told beside these.
    """
    last = _last_activity(document)
    own = _traits(context.state, document)
    found = [
        (score, other, reasons)
        for other in _candidates(context.state, document, last)
        for score, reasons in [_compared(own, _traits(context.state, other))]
        if score
    ]
    found.sort(key=lambda each: (-each[0], -each[1].body["properties"]["incidentNumber"]))
    shown = [
        envelope(other)
        | {"properties": other.body["properties"] | {"similarityReasons": reasons, "similarityScore": score}}
        for score, other, reasons in found[:MOST_SIMILAR]
    ]
    return Answer(200, {"value": shown})


def _candidates(state: StateStore, incident: Document, last: datetime) -> list[Document]:
    newest = state.list(
        INCIDENT,
        incident.scope,
        order=[Order(("properties", "createdTimeUtc"), descending=True)],
        limit=_MOST_COMPARED,
    )
    return [each for each in newest if each.id != incident.id and last - LOOKBACK <= _last_activity(each) <= last]


def _last_activity(incident: Document) -> datetime:
    properties = incident.body["properties"]
    return instant_of(properties.get("lastActivityTimeUtc") or properties["createdTimeUtc"])


def _traits(state: StateStore, incident: Document) -> _Traits:
    properties = incident.body["properties"]
    alerts = incident_alerts(state, incident.id)[:_MOST_ALERTS]
    entities = {
        relation.body["properties"]["relatedResourceId"].lower(): relation.body["properties"]["relatedResourceId"]
        for alert in alerts
        for relation in state.list(ENTITY_RELATION, alert.id)
        if relation.body["properties"].get("relatedResourceKind") not in (ALERT_KIND, None)
        and relation.body["properties"]["relatedResourceType"] != INCIDENT
    }
    details = {f"{name}: {value}" for alert in alerts for name, value in _custom_details(alert)}
    products = {f"Product name: {name}" for name in properties["additionalData"].get("alertProductNames", [])}
    return _Traits(
        entities,
        frozenset(rule.lower() for rule in properties["relatedAnalyticRuleIds"]),
        frozenset({f"Title: {properties['title']}"} | details | products),
    )


def _custom_details(alert: Document) -> list[tuple[str, str]]:
    text = alert.body["properties"].get("additionalData", {}).get("Custom Details")
    try:
        details: Any = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return []
    pairs = cast("dict[str, Any]", details).items() if isinstance(details, dict) else ()
    return [
        (name, str(value)) for name, values in pairs for value in (values if isinstance(values, list) else [values])
    ]


def _compared(own: _Traits, other: _Traits) -> tuple[int, list[dict[str, Any]]]:
    details = sorted(own.details & other.details)
    if all(each.startswith("Product name: ") for each in details) and not (
        own.entities.keys() & other.entities.keys() or own.rules & other.rules
    ):
        details = []
    common: Mapping[str, Sequence[str]] = {
        "SimilarEntities": sorted(own.entities[id] for id in own.entities.keys() & other.entities.keys()),
        "SimilarRule": sorted(own.rules & other.rules),
        "SimilarAlertDetails": details,
    }
    score = sum(_WEIGHTS[reason] * len(items) for reason, items in common.items())
    return score, [{"reason": reason, "items": list(items)} for reason, items in common.items() if items]
