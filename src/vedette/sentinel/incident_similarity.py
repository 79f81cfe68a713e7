"""Incidents that resemble an incident, each with the reasons: common entities, a common rule, the same details.

https://learn.microsoft.com/azure/sentinel/investigate-incidents#check-for-similar-incidents-in-your-environment
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.core.instants import instant_of
from vedette.detect.entity_documents import ENTITY_RELATION, alert_entities, newest_alerts
from vedette.detect.incidents import INCIDENT, incident_alerts
from vedette.state.conditions import Order
from vedette.state.documents import Document
from vedette.state.store import StateStore

MOST_SIMILAR = 20
LOOKBACK = timedelta(days=14)

_MOST_COMPARED = 2000
_MOST_ALERTS = 500
_PRODUCT = "Product name: "
_WEIGHTS = {"SimilarEntities": 3, "SimilarRule": 2, "SimilarAlertDetails": 1}


@dataclass(frozen=True, slots=True)
class _Traits:
    """What is compared of an incident: its entities' ids, its rules, and its details."""

    entities: frozenset[str]
    rules: frozenset[str]
    details: frozenset[str]


def similar_incidents(context: Context, _call: Call, document: Document) -> Answer:
    """POST `similarIncidents`: at most 20, the most similar first.

    Looked at are the incidents of the 14 days before this one's last activity, up to the newest 2,000. One is similar
    by an entity in common, by a rule in common, or by the same title or the same value of a custom detail; that the
    alerts of both are of one product says too little alone, and is told beside these.
    """
    state, alerts = context.state, incident_alerts(context.state, document.id)[:_MOST_ALERTS]
    shared = _sharing(state, alerts)
    custom = _custom_details(alerts)
    own = _traits(document, frozenset(each for ids in shared.values() for each in ids), custom)
    found: list[tuple[int, Document, list[dict[str, Any]]]] = []
    for other in _candidates(state, document, _last_activity(document)):
        theirs = _custom_details(incident_alerts(state, other.id)[:_MOST_ALERTS]) if custom else frozenset[str]()
        entities = frozenset(shared.get(other.id.lower(), ()))
        score, reasons = _compared(own, _traits(other, entities, theirs))
        if score:
            found.append((score, other, reasons))
    found.sort(key=lambda each: (-each[0], -each[1].body["properties"]["incidentNumber"]))
    return Answer(200, {"value": [_shown(*each) for each in found[:MOST_SIMILAR]]})


def _shown(score: int, incident: Document, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    more = {"similarityReasons": reasons, "similarityScore": score}
    return envelope(incident) | {"properties": incident.body["properties"] | more}


def _sharing(state: StateStore, alerts: Sequence[Document]) -> dict[str, set[str]]:
    """The incidents, by folded id, that have an alert with an entity of these alerts; each with those entities."""
    found: dict[str, set[str]] = {}
    for entity in {each.id: each for alert in alerts for each in alert_entities(state, alert.id)}:
        for alert in newest_alerts(state, entity, _MOST_ALERTS):
            for id in _incidents_of(state, alert):
                found.setdefault(id.lower(), set()).add(entity)
    return found


def _incidents_of(state: StateStore, alert: Document) -> list[str]:
    related = (each.body["properties"] for each in state.list(ENTITY_RELATION, alert.id))
    return [each["relatedResourceId"] for each in related if each["relatedResourceType"] == INCIDENT]


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


def _traits(incident: Document, entities: frozenset[str], custom: frozenset[str]) -> _Traits:
    properties = incident.body["properties"]
    products = {f"{_PRODUCT}{name}" for name in properties["additionalData"].get("alertProductNames", [])}
    rules = frozenset(rule.lower() for rule in properties["relatedAnalyticRuleIds"])
    return _Traits(entities, rules, frozenset({f"Title: {properties['title']}", *products}) | custom)


def _custom_details(alerts: Sequence[Document]) -> frozenset[str]:
    """The custom details of alerts, each as its name and a value."""
    texts = (alert.body["properties"].get("additionalData", {}).get("Custom Details") for alert in alerts)
    return frozenset(f"{name}: {value}" for text in texts if text for name, value in _pairs(text))


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        details: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    pairs = cast("dict[str, Any]", details).items() if isinstance(details, dict) else ()
    return [
        (name, str(value)) for name, values in pairs for value in (values if isinstance(values, list) else [values])
    ]


def _compared(own: _Traits, other: _Traits) -> tuple[int, list[dict[str, Any]]]:
    common: dict[str, list[str]] = {
        "SimilarEntities": sorted(own.entities & other.entities),
        "SimilarRule": sorted(own.rules & other.rules),
        "SimilarAlertDetails": sorted(own.details & other.details),
    }
    if all(each.startswith(_PRODUCT) for each in (item for items in common.values() for item in items)):
        return 0, []
    score = sum(_WEIGHTS[reason] * len(items) for reason, items in common.items())
    return score, [{"reason": reason, "items": items} for reason, items in common.items() if items]
