"""Bookmarks: findings of a hunter; every change writes a HuntingBookmark row, the last one says that it is deleted.

https://learn.microsoft.com/rest/api/securityinsights/bookmarks, https://learn.microsoft.com/azure/sentinel/bookmarks
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time, instant_of
from vedette.detect.entity import Entity, entity_of
from vedette.detect.entity_documents import find_entity, put_entity
from vedette.detect.entity_json import entities_json
from vedette.detect.incidents import INCIDENT
from vedette.detect.relations import End, forget, mention, unrelate_all
from vedette.sentinel.built_in_entity_queries import ENTITIES_OF_BOOKMARK
from vedette.sentinel.extension import as_first_made, extension
from vedette.sentinel.incidents import take_up
from vedette.sentinel.people import person
from vedette.sentinel.relations import BOOKMARK, BOOKMARK_RELATION, bookmark_incident, end_of
from vedette.sentinel.time_windows import body_field, requested_window
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_TIMES = ("eventTime", "queryStartTime", "queryEndTime")


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties = {name: each for name, each in body["properties"].items() if each is not None}
    for name in ("displayName", "query"):
        if not properties[name].strip():
            raise InvalidInput("BadRequest", f"Invalid properties for bookmark: 'properties.{name}' is missing.")
    for name in _TIMES:
        _instant(properties, name)
    return body | {"properties": properties}


def _instant(properties: Body, name: str) -> datetime | None:
    text = properties.get(name)
    try:
        return None if text is None else instant_of(str(text))
    except ValueError as error:
        raise InvalidInput(
            "BadRequest", f"Invalid properties for bookmark: 'properties.{name}' is no instant: '{str(text)[:40]}'."
        ) from error


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now, who = arm_time(context.clock.now()), person(context, call.principal)
    made = as_first_made(existing, {"created": now, "createdBy": who})
    always = {"labels": body["properties"].get("labels") or []}
    return body | {"properties": body["properties"] | always | made | {"updated": now, "updatedBy": who}}


def bookmark_entities(properties: Body) -> list[Entity]:
    """The entities that a bookmark maps."""
    found: dict[str, Entity] = {}
    for mapping in _objects(properties.get("entityMappings")):
        fields = _objects(mapping.get("fieldMappings"))
        pairs = [(str(each.get("identifier")), str(each.get("value") or "")) for each in fields]
        entity = entity_of(str(mapping.get("entityType")), pairs)
        if entity is not None:
            found.setdefault(entity.key, entity)
    return list(found.values())


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return (cast("dict[str, Any]", item) for item in items if isinstance(item, dict))


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    workspace = workspace_of(context, call.path)
    document, _ = transaction.put(
        id=call.path.id, type=BOOKMARK, scope=call.path.parent_id, name=call.path.name, body=body
    )
    if existing is not None:
        _forget(context, call, transaction, existing)
    for entity in bookmark_entities(body["properties"]):
        known = put_entity(transaction, workspace, entity)
        mention(transaction, End.of(known), end_of(document))
    _emit(context, call, transaction, document, deleted=False)
    return document


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    _emit(context, call, transaction, document, deleted=True)
    _forget(context, call, transaction, document)
    relations = unrelate_all(transaction, document.id, BOOKMARK_RELATION)
    transaction.delete(document.id)
    transaction.delete_below(document.id)
    for relation in relations:
        if relation.body["properties"]["relatedResourceType"] == INCIDENT:
            take_up(context, call, transaction, relation.body["properties"]["relatedResourceId"])


def _forget(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    workspace = workspace_of(context, call.path)
    for entity in bookmark_entities(document.body["properties"]):
        known = find_entity(transaction, workspace, entity)
        if known is not None:
            forget(transaction, known.id, document.id)


def _emit(context: Context, call: Call, transaction: Transaction, document: Document, *, deleted: bool) -> None:
    """https://learn.microsoft.com/azure/azure-monitor/reference/tables/huntingbookmark"""
    workspace, now, properties = workspace_of(context, call.path), context.clock.now(), document.body["properties"]
    entities = bookmark_entities(properties)
    row = {
        "TimeGenerated": now,
        "BookmarkId": document.name,
        "BookmarkName": properties["displayName"],
        "BookmarkType": "",
        "CreatedBy": _json(properties["createdBy"]),
        "CreatedTime": instant_of(properties["created"]),
        "Entities": _json(entities_json(entities)) if entities else "",
        "EventTime": _instant(properties, "eventTime"),
        "LastUpdatedTime": now if deleted else instant_of(properties["updated"]),
        "Notes": properties.get("notes") or "",
        "QueryEndTime": _instant(properties, "queryEndTime"),
        "QueryResultRow": properties.get("queryResult") or "",
        "QueryStartTime": _instant(properties, "queryStartTime"),
        "QueryText": properties["query"],
        "SoftDeleted": deleted,
        "Tags": _json(properties["labels"]),
        "UpdatedBy": _json(person(context, call.principal)),
    }
    transaction.emit(workspace.id, "HuntingBookmark", row)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _show(context: Context, _call: Call, document: Document) -> Body:
    """The bookmark with the incident that it is in now."""
    found = bookmark_incident(context.state, document.id)
    if found is None:
        return document.body
    incident, relation_name = found
    info = {
        "incidentId": incident.name,
        "severity": incident.body["properties"]["severity"],
        "title": incident.body["properties"]["title"],
        "relationName": relation_name,
    }
    return document.body | {"properties": document.body["properties"] | {"incidentInfo": info}}


def _expand(context: Context, call: Call, document: Document) -> Answer:
    """The entities that the bookmark is about: https://learn.microsoft.com/rest/api/securityinsights/bookmark/expand"""
    requested_window(call.body)
    expansion = body_field(call.body, "expansionId")
    if expansion is not None and str(expansion).lower() != ENTITIES_OF_BOOKMARK:
        raise NotFound("NotFound", f"Bookmarks have the expansion '{ENTITIES_OF_BOOKMARK}' only.")
    workspace = workspace_of(context, call.path)
    mapped = bookmark_entities(document.body["properties"])
    known = [find_entity(context.state, workspace, entity) for entity in mapped]
    entities = list({each.id: each for each in known if each is not None}.values())
    counts = Counter(str(each.body["kind"]) for each in entities)
    return Answer(
        200,
        {
            "value": {"entities": [envelope(each) for each in entities], "edges": []},
            "metaData": {"aggregations": [{"entityKind": kind, "count": count} for kind, count in counts.items()]},
        },
    )


BOOKMARKS = extension(
    "bookmark",
    BOOKMARK,
    key="bookmarkId",
    actions={"expand": _expand},
    read_only=frozenset({"created", "createdBy", "updated", "updatedBy", "incidentInfo"}),
    validate=_validate,
    fill=_fill,
    write=_write,
    remove=_remove,
    show=_show,
    page=50,
)
