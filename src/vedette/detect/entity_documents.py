"""Alerts and their entities as documents, so that the management API answers from the state store."""

from datetime import datetime

from vedette.access.workspaces import Workspace
from vedette.detect.alert import ALERT_KIND, Alert, alert_properties
from vedette.detect.entities import Entity, entity_name, entity_properties
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.incidents import incident_alerts
from vedette.detect.relations import End, relate, related_documents
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

ENTITY = "Microsoft.SecurityInsights/entities"
ENTITY_RELATION = f"{ENTITY}/relations"


def put_alert(transaction: Transaction, alert: Alert, workspace: Workspace, now: datetime) -> Document:
    """Keep an alert and its entities; an entity that is known already stays the same document."""
    document = _put(transaction, workspace, alert.id, ALERT_KIND, alert_properties(alert, workspace, now))
    for entity in alert.entities:
        relate(transaction, End.of(document), End.of(put_entity(transaction, workspace, entity)))
    return document


def incident_entities(state: StateStore, incident_id: str) -> list[Document]:
    """The entities of an incident's alerts, each once: documents of type entities, of the entities' own kinds."""
    found: dict[str, Document] = {}
    for alert in incident_alerts(state, incident_id):
        for entity in alert_entities(state, alert.id):
            found.setdefault(entity.id, entity)
    return list(found.values())


def alert_entities(state: StateStore, alert_id: str) -> list[Document]:
    """The entities of an alert, in the order of their first appearance."""
    related = related_documents(state, alert_id, ENTITY_RELATION)
    return [each for each in related if each.type == ENTITY]


def entity_alerts(state: StateStore, entity_id: str) -> list[Document]:
    """The alerts that an entity is in, in the order they came."""
    return related_documents(state, entity_id, ENTITY_RELATION, ALERT_KIND)


def put_entity(transaction: Transaction, workspace: Workspace, entity: Entity) -> Document:
    """Keep an entity that something is about; one that is known already stays the same document."""
    name = entity_name(entity, workspace.resource_id)
    known = transaction.get(entity_id(workspace, entity))
    return known or _put(
        transaction, workspace, name, ENTITY_TYPES[entity.kind].arm_kind or entity.kind, entity_properties(entity)
    )


def _put(
    transaction: Transaction, workspace: Workspace, name: str, kind: str, properties: dict[str, object]
) -> Document:
    document, _ = transaction.put(
        id=_id(workspace, name),
        type=ENTITY,
        scope=workspace.resource_id,
        name=name,
        body={"kind": kind, "properties": properties},
    )
    return document


def entity_id(workspace: Workspace, entity: Entity) -> str:
    """The ARM id that an entity has in a workspace, whether it is known there or not."""
    return _id(workspace, entity_name(entity, workspace.resource_id))


def _id(workspace: Workspace, name: str) -> str:
    return f"{workspace.resource_id}/providers/{ENTITY}/{name}"
