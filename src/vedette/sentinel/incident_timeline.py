"""What happened in an incident and to it, in the order of time: alerts and bookmarks, then the work on it.

https://learn.microsoft.com/azure/sentinel/investigate-incidents#reconstruct-the-timeline-of-attacker-activity
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.shapes import list_of, one_of
from vedette.core.instants import instant_of
from vedette.detect.entity_documents import alert_entities
from vedette.detect.incidents import BOOKMARK_KIND, COMMENT, RELATION, TASK, incident_alerts
from vedette.detect.relations import related_documents
from vedette.sentinel.time_windows import body_field, requested_window
from vedette.state.documents import Document
from vedette.state.store import StateStore

Item = dict[str, Any]

_KINDS = ("SecurityAlert", "Bookmark", "IncidentCreated", "Comment", "Task")
_MOST_ENTITIES = 20


def incident_timeline(context: Context, call: Call, document: Document) -> Answer:
    """POST `timeline`, whose body may hold `startTime`, `endTime` and `kinds`. Raises InvalidInput."""
    window = requested_window(call.body)
    sent = body_field(call.body, "kinds")
    kinds: list[str] = list_of(one_of(*_KINDS))("kinds", sent) if sent else list(_KINDS)
    items = [item for item in _items(context.state, document) if item["kind"] in kinds]
    items = [item for item in items if window.meets(instant_of(item["startTimeUtc"]), instant_of(item["endTimeUtc"]))]
    items.sort(key=lambda item: (instant_of(item["startTimeUtc"]), item["kind"], item["id"]))
    counts = Counter(str(item["kind"]) for item in items)
    aggregations = [{"kind": kind, "count": count} for kind, count in counts.items()]
    return Answer(200, {"value": items, "metaData": {"totalCount": len(items), "aggregations": aggregations}})


def _items(state: StateStore, incident: Document) -> Iterator[Item]:
    properties = incident.body["properties"]
    yield _item("IncidentCreated", incident, properties["title"], properties["createdTimeUtc"])
    for alert in incident_alerts(state, incident.id):
        yield _alert(state, alert)
    for bookmark in related_documents(state, incident.id, RELATION, BOOKMARK_KIND):
        own = bookmark.body["properties"]
        event = own.get("eventTime") or own.get("queryStartTime") or own["created"]
        item = _item("Bookmark", bookmark, own["displayName"], event)
        yield item | {"createdBy": own["createdBy"], "labels": own["labels"], "notes": own.get("notes") or ""}
    for comment in state.list(COMMENT, incident.id):
        own = comment.body["properties"]
        yield _item("Comment", comment, own["message"], own["createdTimeUtc"]) | {"createdBy": own["author"]}
    for task in state.list(TASK, incident.id):
        own = task.body["properties"]
        item = _item("Task", task, own["title"], own["createdTimeUtc"])
        yield item | {"status": own["status"], "createdBy": own.get("createdBy") or {}}


def _alert(state: StateStore, alert: Document) -> Item:
    own = alert.body["properties"]
    entities = alert_entities(state, alert.id)
    shown = ("description", "severity", "status", "productName", "alertType", "tactics")
    return {
        **_item("SecurityAlert", alert, own["alertDisplayName"], own["startTimeUtc"], own["endTimeUtc"]),
        **{name: own[name] for name in shown if name in own},
        "entityIds": [each.id for each in entities[:_MOST_ENTITIES]],
        "entitiesCount": len(entities),
    }


def _item(kind: str, document: Document, title: str, start: str, end: str | None = None) -> Item:
    return {
        "kind": kind,
        "id": document.id,
        "displayName": title,
        "startTimeUtc": start,
        "endTimeUtc": end or start,
    }
