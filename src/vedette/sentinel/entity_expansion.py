"""From an entity to its neighbours: the alerts that it is in, and what else is in those.

https://learn.microsoft.com/rest/api/securityinsights/entities/expand
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.core.errors import NotFound
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import alert_entities, entity_alerts
from vedette.sentinel.built_in_entity_queries import EXPANSIONS, RELATED_ALERTS, RELATED_ENTITIES
from vedette.sentinel.time_windows import body_field, requested_window
from vedette.state.documents import Document

_MOST_ALERTS = 500


def expand(context: Context, call: Call, document: Document) -> Answer:
    """The neighbours within the window; all of them unless an expansion is named. Raises InvalidInput, NotFound."""
    window = requested_window(call.body)
    expansion = body_field(call.body, "expansionId")
    if expansion is not None and str(expansion).lower() not in EXPANSIONS:
        raise NotFound("NotFound", f"There is no expansion '{str(expansion)[:60]}'; entityQueries lists them.")
    wanted = str(expansion).lower() if expansion is not None else None
    if document.body.get("kind") == ALERT_KIND:
        first = _span(document)[0]
        return _answer((each, first) for each in alert_entities(context.state, document.id))
    alerts = [each for each in entity_alerts(context.state, document.id) if window.meets(*_span(each))][:_MOST_ALERTS]
    found: dict[str, tuple[Document, datetime]] = {}
    for alert in sorted(alerts, key=lambda each: _span(each)[0]):
        first = _span(alert)[0]
        if wanted in (None, RELATED_ALERTS):
            found.setdefault(alert.id, (alert, first))
        if wanted in (None, RELATED_ENTITIES):
            for entity in alert_entities(context.state, alert.id):
                if entity.id != document.id:
                    found.setdefault(entity.id, (entity, first))
    return _answer(found.values())


def _span(alert: Document) -> tuple[datetime, datetime]:
    properties = alert.body["properties"]
    return instant_of(properties["startTimeUtc"]), instant_of(properties["endTimeUtc"])


def _answer(found: Iterable[tuple[Document, datetime]]) -> Answer:
    """The neighbours, each with when it was first seen beside the entity."""
    neighbours = list(found)
    counts = Counter(str(each.body["kind"]) for each, _ in neighbours)
    return Answer(
        200,
        {
            "value": {
                "entities": [envelope(each) for each, _ in neighbours],
                "edges": [{"targetEntityId": each.id, "additionalData": _edge(first)} for each, first in neighbours],
            },
            "metaData": {"aggregations": [{"entityKind": kind, "count": count} for kind, count in counts.items()]},
        },
    )


def _edge(first: datetime) -> dict[str, str]:
    return {"EpochTimestamp": str(int(first.timestamp())), "FirstSeen": arm_time(first), "Source": "SecurityAlert"}
