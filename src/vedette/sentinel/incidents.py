"""Incidents in the management API; what they are, and the rows that their changes write, is `detect.incidents`'s.

https://learn.microsoft.com/rest/api/securityinsights/incidents
"""

from collections import Counter

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.arm.resource import READ_METHODS, Body, Resource
from vedette.core.errors import InvalidInput
from vedette.detect.entity_documents import incident_entities
from vedette.detect.incident_properties import Status, checked
from vedette.detect.incidents import (
    INCIDENT,
    RELATION,
    create_incident,
    delete_incident,
    incident_alerts,
    update_incident,
)
from vedette.detect.relations import related_documents
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.workspaces import WORKSPACE, newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    kept = checked(body["properties"])
    if kept["status"] == Status.Closed.value and "classification" not in kept:
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for incident: 'properties.classification' is missing; an incident is closed with one "
            "of Undetermined, TruePositive, BenignPositive, FalsePositive.",
        )
    return body


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    workspace, now, modified_by = workspace_of(context, call.path), context.clock.now(), call.principal.name
    properties = body["properties"]
    if existing is not None:
        return update_incident(transaction, workspace, existing, properties, modified_by=modified_by, now=now)
    return create_incident(
        transaction,
        workspace,
        id=call.path.id,
        name=call.path.name,
        properties=properties,
        modified_by=modified_by,
        now=now,
    )


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    workspace = workspace_of(context, call.path)
    delete_incident(transaction, workspace, document, modified_by=call.principal.name, now=context.clock.now())


def _alerts(context: Context, _call: Call, document: Document) -> Answer:
    return Answer(200, {"value": [envelope(alert) for alert in incident_alerts(context.state, document.id)]})


def _bookmarks(context: Context, _call: Call, document: Document) -> Answer:
    bookmarks = related_documents(context.state, document.id, RELATION, "Bookmark")
    return Answer(200, {"value": [envelope(bookmark) for bookmark in bookmarks]})


def _entities(context: Context, _call: Call, document: Document) -> Answer:
    entities = incident_entities(context.state, document.id)
    kinds = Counter(str(entity.body["kind"]) for entity in entities)
    return Answer(
        200,
        {
            "entities": [envelope(entity) for entity in entities],
            "metaData": [{"entityKind": kind, "count": number} for kind, number in kinds.items()],
        },
    )


INCIDENTS = Resource(
    INCIDENT,
    key="incidentId",
    parent=WORKSPACE,
    actions={"alerts": _alerts, "bookmarks": _bookmarks, "entities": _entities},
    require=require_onboarded,
    validate=_validate,
    write=_write,
    remove=_remove,
    newer_exists=newer_exists("incident"),
    page=50,
    published_shape=False,
)

INCIDENT_RELATIONS = Resource(
    RELATION, key="relationName", parent=INCIDENT, methods=READ_METHODS, require=require_onboarded, page=50
)
