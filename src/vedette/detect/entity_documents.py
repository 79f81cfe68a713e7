"""Alerts and their entities as documents, so that the management API answers from the state store.

An entity has the name that its first identifier gives. Another strong identifier of it is an alias, so that an alert
which tells it by that one finds the same document; two documents that turn out to be one entity become one.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from vedette.access.workspaces import Workspace
from vedette.core.ids import derived_id
from vedette.detect.alert import ALERT_KIND, Alert, alert_properties
from vedette.detect.entity import Entity, entity_properties
from vedette.detect.entity_json import read_entity
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.incidents import incident_alerts
from vedette.detect.relations import End, mention, newest_related, relate, related_documents, unrelate
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

ENTITY = "Microsoft.SecurityInsights/entities"
ENTITY_RELATION = f"{ENTITY}/relations"
_ALIAS = "Vedette/entityAliases"
_MOST_ALIASES = 8
"""How many a look-up follows: one for each time that the entity turned out to be another one that was known."""


def put_alert(transaction: Transaction, alert: Alert, workspace: Workspace, now: datetime) -> Document:
    """Keep an alert and its entities; an entity that is known already stays the same document."""
    document = _put(transaction, workspace, alert.id, ALERT_KIND, alert_properties(alert, workspace, now))
    for entity in alert.entities:
        relate(transaction, End.of(document), End.of(put_entity(transaction, workspace, entity)))
    return document


def incident_entities(state: StateStore | Transaction, incident_id: str) -> list[Document]:
    """The entities of an incident's alerts, each once: documents of type entities, of the entities' own kinds."""
    found: dict[str, Document] = {}
    for alert in incident_alerts(state, incident_id):
        for entity in alert_entities(state, alert.id):
            found.setdefault(entity.id, entity)
    return list(found.values())


def alert_entities(state: StateStore | Transaction, alert_id: str) -> list[Document]:
    """The entities of an alert, in the order of their first appearance."""
    related = related_documents(state, alert_id, ENTITY_RELATION)
    return [each for each in related if each.type == ENTITY]


def entity_alerts(state: StateStore | Transaction, entity_id: str) -> list[Document]:
    """The alerts that an entity is in, in the order they came."""
    return related_documents(state, entity_id, ENTITY_RELATION, ALERT_KIND)


def newest_alerts(state: StateStore | Transaction, entity_id: str, most: int) -> Iterator[Document]:
    """The alerts that an entity was in last, newest first, each read as it is asked for."""
    return newest_related(state, entity_id, ENTITY_RELATION, ALERT_KIND, most)


def find_entity(state: StateStore | Transaction, workspace: Workspace, entity: Entity) -> Document | None:
    """The document of an entity, by whichever of its identifiers it is known."""
    found = (_known(state, workspace, identity) for identity in entity.identities)
    return next((each for each in found if each is not None), None)


def put_entity(transaction: Transaction, workspace: Workspace, entity: Entity) -> Document:
    """Keep an entity that something is about, and those within it; one that is known takes up what is new of it."""
    properties = entity_properties(entity) | _nested(transaction, workspace, entity)
    found = {identity: _known(transaction, workspace, identity) for identity in entity.identities}
    known = {each.id: each for each in found.values() if each is not None}
    if not known:
        kind, (first_identity, *_others) = ENTITY_TYPES[entity.kind].arm_kind or entity.kind, found
        document = _put(transaction, workspace, _name(workspace, first_identity), kind, properties)
        found[first_identity] = document
    else:
        first, *others = sorted(known.values(), key=lambda each: (each.created, each.id))
        for other in others:
            properties = {**properties, **other.body["properties"]}
            _absorb(transaction, workspace, first, other)
        document = _with_more(transaction, first, properties)
    for identity, standing in found.items():
        if standing is None:
            _put_alias(transaction, workspace, _name(workspace, identity), document)
    return document


def _nested(transaction: Transaction, workspace: Workspace, entity: Entity) -> dict[str, Any]:
    """The ids of the entities within an entity, by the ARM property that shows them."""
    found: dict[str, Any] = {}
    for name, shown in ENTITY_TYPES[entity.kind].nested.items():
        value = entity.fields.get(name)
        items = cast("list[Any]", value) if isinstance(value, list) else [value]
        inner = [read_entity(cast("dict[str, Any]", each)) for each in items if isinstance(each, dict)]
        ids = [put_entity(transaction, workspace, each).id for each in inner if each is not None]
        if ids:
            found[shown] = ids if isinstance(value, list) else ids[0]
    return found


def _with_more(transaction: Transaction, document: Document, properties: Mapping[str, Any]) -> Document:
    known = document.body["properties"]
    whole = {**properties, **known}
    return document if whole == known else transaction.change(document, {**document.body, "properties": whole})


def _absorb(transaction: Transaction, workspace: Workspace, kept: Document, other: Document) -> None:
    """Let what is related to one entity be related to another one, which it turned out to be."""
    for relation in transaction.list(ENTITY_RELATION, other.id):
        end = transaction.get(relation.body["properties"]["relatedResourceId"])
        kind = relation.body["properties"].get("relatedResourceKind", "")
        both_ways = end is not None and transaction.get(f"{end.id}/relations/{relation.name}") is not None
        unrelate(transaction, relation)
        if end is not None:
            bind = relate if both_ways else mention
            bind(transaction, End.of(kept), End.of(end, kind))
    transaction.delete(other.id)
    _put_alias(transaction, workspace, other.name, kept)


def _known(state: StateStore | Transaction, workspace: Workspace, identity: str) -> Document | None:
    name = _name(workspace, identity)
    for _ in range(_MOST_ALIASES):
        document = state.get(_id(workspace, name))
        if document is not None:
            return document
        alias = state.get(_alias_id(workspace, name))
        if alias is None:
            return None
        name = alias.body["entity"]
    return None


def _put_alias(transaction: Transaction, workspace: Workspace, name: str, document: Document) -> None:
    transaction.put(
        id=_alias_id(workspace, name),
        type=_ALIAS,
        scope=workspace.resource_id,
        name=name,
        body={"entity": document.name},
    )


def _put(transaction: Transaction, workspace: Workspace, name: str, kind: str, properties: dict[str, Any]) -> Document:
    document, _ = transaction.put(
        id=_id(workspace, name),
        type=ENTITY,
        scope=workspace.resource_id,
        name=name,
        body={"kind": kind, "properties": properties},
    )
    return document


def _name(workspace: Workspace, identity: str) -> str:
    return derived_id("entity", workspace.resource_id.lower(), identity)


def _id(workspace: Workspace, name: str) -> str:
    return f"{workspace.resource_id}/providers/{ENTITY}/{name}"


def _alias_id(workspace: Workspace, name: str) -> str:
    return f"{workspace.resource_id}/providers/{_ALIAS}/{name}"
