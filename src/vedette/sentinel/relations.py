"""Relations of incidents, bookmarks and entities: what may be related to what, and what follows for the incident.

https://learn.microsoft.com/rest/api/securityinsights/incident-relations
"""

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body, Resource
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY, ENTITY_RELATION
from vedette.detect.incidents import BOOKMARK_KIND, INCIDENT, MAX_ALERTS, MAX_BOOKMARKS, RELATION
from vedette.detect.relations import End, relate, related_names, unrelate
from vedette.sentinel.extension import extension
from vedette.sentinel.incidents import take_up
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

BOOKMARK = "Microsoft.SecurityInsights/bookmarks"
BOOKMARK_RELATION = f"{BOOKMARK}/relations"
_MOST = {ALERT_KIND: (MAX_ALERTS, "alerts"), BOOKMARK_KIND: (MAX_BOOKMARKS, "bookmarks")}


def end_of(document: Document) -> End:
    """The side of a relation that a document is."""
    return End.of(document, BOOKMARK_KIND if document.type == BOOKMARK else "")


def bookmark_incident(state: StateStore | Transaction, bookmark_id: str) -> tuple[Document, str] | None:
    """The incident that a bookmark is in, and the name of the relation."""
    for relation in state.list(BOOKMARK_RELATION, bookmark_id):
        incident = state.get(relation.body["properties"]["relatedResourceId"])
        if incident is not None and incident.type == INCIDENT:
            return incident, relation.name
    return None


def _validate(_context: Context, call: Call, body: Body) -> Body:
    """The id is of something in the same workspace; that it is there is seen when it is related."""
    given = body["properties"]["relatedResourceId"]
    if not given.strip():
        raise InvalidInput("BadRequest", "Invalid properties for relation: 'properties.relatedResourceId' is missing.")
    path = parse_id(given)
    if path.scope.lower() != call.path.scope.lower() or not path.is_item:
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for relation: 'properties.relatedResourceId' must be the id of a resource of this "
            f"workspace, '{call.path.scope}/providers/Microsoft.SecurityInsights/…'.",
        )
    return body | {"properties": {"relatedResourceId": path.id}}


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    here = call.path.parent
    assert here is not None
    one, other = transaction.get(here.id), transaction.get(body["properties"]["relatedResourceId"])
    assert one is not None
    if other is None:
        raise NotFound("NotFound", f"The resource '{body['properties']['relatedResourceId']}' was not found.")
    if existing is not None:
        if existing.body["properties"]["relatedResourceId"].lower() == other.id.lower():
            return relate(transaction, end_of(one), end_of(other), name=call.path.name)
        raise Conflict(
            "Conflict",
            f"Failed to create relation. Relation with name '{call.path.name}' already exists in '{one.name}' to "
            f"another resource, '{existing.body['properties']['relatedResourceName']}'.",
        )
    incident, joining = (one, other) if one.type == INCIDENT else (other, one)
    _check(transaction, incident, joining)
    relation = relate(transaction, end_of(one), end_of(other), name=call.path.name)
    take_up(context, call, transaction, incident.id, alerts_changed=end_of(joining).kind == ALERT_KIND)
    return relation


def _check(transaction: Transaction, incident: Document, joining: Document) -> None:
    if incident.type != INCIDENT or joining.type not in (BOOKMARK, ENTITY):
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for relation: an incident is related to a bookmark, an alert or an entity, not "
            f"'{incident.type}' to '{joining.type}'.",
        )
    kind = end_of(joining).kind
    names = related_names(transaction, incident.id, RELATION).get(kind, [])
    most, noun = _MOST.get(kind, (MAX_ALERTS, "entities of this kind"))
    if joining.name in names:
        raise InvalidInput(
            "BadRequest", f"Failed to create relation. '{joining.name}' already exists in incident '{incident.name}'."
        )
    if len(names) >= most:
        raise InvalidInput("BadRequest", f"The incident has {most} {noun} already, which is the most.")
    standing = bookmark_incident(transaction, joining.id) if kind == BOOKMARK_KIND else None
    if standing is not None:
        raise Conflict("Conflict", f"The bookmark is in the incident '{standing[0].id}' already.")


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    unrelate(transaction, document)
    here = call.path.parent
    assert here is not None
    is_incident, other = here.type.lower() == INCIDENT.lower(), document.body["properties"]
    is_alert = other.get("relatedResourceKind") == ALERT_KIND
    take_up(
        context,
        call,
        transaction,
        here.id if is_incident else other["relatedResourceId"],
        alerts_changed=is_alert and is_incident,
    )


def _relations(type: str, parent: str) -> Resource:
    return extension(
        "relation",
        type,
        key="relationName",
        parent=parent,
        validate=_validate,
        write=_write,
        remove=_remove,
        page=50,
    )


INCIDENT_RELATIONS = _relations(RELATION, INCIDENT)
BOOKMARK_RELATIONS = _relations(BOOKMARK_RELATION, BOOKMARK)
ENTITY_RELATIONS = extension(
    "relation", ENTITY_RELATION, key="relationName", parent=ENTITY, methods=READ_METHODS, page=50
)
