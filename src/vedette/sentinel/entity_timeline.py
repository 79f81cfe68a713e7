"""An entity's timeline: the alerts and bookmarks about it and its activities within a window of time.

https://learn.microsoft.com/rest/api/securityinsights/entities-get-timeline/list
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.shapes import list_of, one_of
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY_RELATION, entity_alerts
from vedette.detect.incidents import BOOKMARK_KIND
from vedette.detect.relations import related_documents
from vedette.sentinel.entity_facts import entity_type, entity_values, filled_in, is_satisfied, passes
from vedette.sentinel.entity_queries import activities
from vedette.sentinel.entity_query_runs import EntityQueries
from vedette.sentinel.time_windows import TimeWindow, body_field, required_window
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document

Item = dict[str, Any]

_KINDS = one_of("Activity", "Bookmark", "SecurityAlert", "Anomaly")
_MOST_BUCKETS = 1000
_MOST_ACTIVITIES = 20
_LONGEST_CONTENT = 2000


def get_timeline(context: Context, call: Call, document: Document) -> Answer:
    """What happened to the entity, the newest first. Raises InvalidInput (BadRequest, InvalidParameter)."""
    start, end = required_window(call.body)
    sent = body_field(call.body, "kinds")
    kinds: list[str] = list_of(_KINDS)("kinds", sent) if sent else ["Activity", "Bookmark", "SecurityAlert"]
    window = TimeWindow(start, end)
    items: list[Item] = []
    errors: list[Item] = []
    if "SecurityAlert" in kinds:
        items += _alerts(context, document, window)
    if "Bookmark" in kinds:
        items += _bookmarks(context, document, window)
    if "Activity" in kinds:
        items += _activities(context, call, document, (start, end), errors)
    items.sort(key=_instant_of_item, reverse=True)
    counts = Counter(str(each["kind"]) for each in items)
    return Answer(
        200,
        {
            "value": items,
            "metaData": {
                "totalCount": len(items),
                "aggregations": [{"kind": kind, "count": count} for kind, count in counts.items()],
                "errors": errors,
            },
        },
    )


def _instant_of_item(item: Item) -> datetime:
    return instant_of(item.get("endTimeUtc") or item.get("lastActivityTimeUTC") or item["eventTime"])


def _alerts(context: Context, document: Document, window: TimeWindow) -> Iterator[Item]:
    own = [document] if document.body.get("kind") == ALERT_KIND else []
    for alert in own or entity_alerts(context.state, document.id):
        properties = alert.body["properties"]
        first, last = instant_of(properties["startTimeUtc"]), instant_of(properties["endTimeUtc"])
        if window.meets(first, last):
            shown = (
                "description",
                "productName",
                "severity",
                "endTimeUtc",
                "startTimeUtc",
                "timeGenerated",
                "alertType",
            )
            yield {
                "kind": "SecurityAlert",
                "azureResourceId": alert.id,
                "displayName": properties["alertDisplayName"],
                "techniques": properties.get("techniques", []),
                "intent": _intent(properties.get("tactics", [])),
                **{name: properties[name] for name in shown if name in properties},
            }


_INTENTS = frozenset(
    {
        "Probing",
        "Exploitation",
        "Persistence",
        "PrivilegeEscalation",
        "DefenseEvasion",
        "CredentialAccess",
        "Discovery",
        "LateralMovement",
        "Execution",
        "Collection",
        "Exfiltration",
        "CommandAndControl",
        "Impact",
    }
)


def _intent(tactics: list[str]) -> str:
    return next((each for each in tactics if each in _INTENTS), "Unknown")


def _bookmarks(context: Context, document: Document, window: TimeWindow) -> Iterator[Item]:
    for bookmark in related_documents(context.state, document.id, ENTITY_RELATION, BOOKMARK_KIND):
        properties = bookmark.body["properties"]
        event = properties.get("eventTime") or properties["created"]
        if window.holds(instant_of(event)):
            yield {
                "kind": "Bookmark",
                "azureResourceId": bookmark.id,
                "displayName": properties["displayName"],
                "eventTime": event,
                "startTimeUtc": properties.get("queryStartTime") or event,
                "endTimeUtc": properties.get("queryEndTime") or event,
                "createdBy": properties["createdBy"],
                "labels": properties["labels"],
                **({"notes": properties["notes"]} if properties.get("notes") else {}),
            }


def _activities(
    context: Context, call: Call, document: Document, span: tuple[datetime, datetime], errors: list[Item]
) -> Iterator[Item]:
    found = activities(context, call.path.scope, entity_type(document))
    if not found:
        return
    buckets = _buckets(call.body, span)
    values = entity_values(document)
    queries = EntityQueries(context, call.principal, workspace_of(context, call.path))
    for each in found[:_MOST_ACTIVITIES]:
        properties = each.body["properties"]
        required = cast("list[list[str]]", properties.get("requiredInputFieldsSets") or [])
        filters = cast("dict[str, list[str]]", properties.get("entitiesFilter") or {})
        if not is_satisfied(required, values) or not passes(filters, values):
            continue
        try:
            answer = queries.run(filled_in(properties["queryDefinitions"]["query"], values), *span)
        except VedetteError as error:
            errors.append({"kind": "Activity", "queryId": each.name, "errorMessage": error.message})
            continue
        yield from _bucketed(each, list(answer.texts()), buckets)


def _buckets(body: Any, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    """The window in as many parts of one length as are asked for; one unless more are."""
    number = body_field(body, "numberOfBucket")
    if number is None:
        return [span]
    if not isinstance(number, int) or not 1 <= number <= _MOST_BUCKETS:
        raise InvalidInput("BadRequest", f"'numberOfBucket' is a whole number from 1 to {_MOST_BUCKETS}.")
    start, width = span[0], (span[1] - span[0]) / number
    return [(start + width * at, start + width * (at + 1)) for at in range(number)]


def _bucketed(
    activity: Document, rows: list[dict[str, str]], buckets: list[tuple[datetime, datetime]]
) -> Iterator[Item]:
    width = max(buckets[0][1] - buckets[0][0], timedelta(microseconds=1))
    held: dict[int, list[tuple[datetime, dict[str, str]]]] = {}
    for row in rows:
        instant = _instant_of_row(row)
        if instant is not None:
            place = min(max((instant - buckets[0][0]) // width, 0), len(buckets) - 1)
            held.setdefault(place, []).append((instant, row))
    properties = activity.body["properties"]
    for place, inside in held.items():
        inside.sort(key=lambda each: each[0])
        yield {
            "kind": "Activity",
            "queryId": activity.name,
            "bucketStartTimeUTC": arm_time(buckets[place][0]),
            "bucketEndTimeUTC": arm_time(buckets[place][1]),
            "firstActivityTimeUTC": arm_time(inside[0][0]),
            "lastActivityTimeUTC": arm_time(inside[-1][0]),
            "content": _told(str(properties.get("content") or ""), inside[0][1])[:_LONGEST_CONTENT],
            "title": str(properties.get("title") or ""),
        }


def _instant_of_row(row: dict[str, str]) -> datetime | None:
    text = row.get("TimeGenerated") or row.get("timestamp") or ""
    try:
        return instant_of(text[:26].rstrip("Z")) if text else None
    except ValueError:
        return None


def _told(content: str, row: dict[str, str]) -> str:
    """The text of an activity with `{{columns}}` of its first row filled in."""
    for name, value in row.items():
        content = content.replace("{{" + name + "}}", value)
    return content
