"""Relations between documents: an incident and its alerts, an alert and its entities; each is a document on both sides.

https://learn.microsoft.com/rest/api/securityinsights/incident-relations
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vedette.core.ids import derived_id
from vedette.state.conditions import Compare, Condition, Order
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

_KIND = ("properties", "relatedResourceKind")


@dataclass(frozen=True, slots=True)
class End:
    """One side of a relation: a document's id, name, type and kind, which is empty where its type has none."""

    id: str
    name: str
    type: str
    kind: str = ""

    @staticmethod
    def of(document: Document, kind: str = "") -> "End":
        """The side that a document is; `kind` for a type whose documents do not say theirs."""
        return End(document.id, document.name, document.type, document.body.get("kind") or kind)


def relate(transaction: Transaction, one: End, other: End, *, name: str | None = None) -> Document:
    """Relate two documents; doing it twice is doing it once. What is given is the first one's side."""
    name = name or _name(one.id, other.id)
    _put(transaction, other, name, one)
    return _put(transaction, one, name, other)


def mention(transaction: Transaction, one: End, other: End) -> Document:
    """Let the first document's relations name the second, and not the other way round."""
    return _put(transaction, one, _name(one.id, other.id), other)


def forget(transaction: Transaction, one_id: str, other_id: str) -> None:
    """Undo a mention."""
    transaction.delete(f"{one_id}/relations/{_name(one_id, other_id)}")


def unrelate(transaction: Transaction, relation: Document) -> None:
    """Remove a relation from both sides."""
    transaction.delete(relation.id)
    transaction.delete(f"{relation.body['properties']['relatedResourceId']}/relations/{relation.name}")


def unrelate_all(transaction: Transaction, id: str, type: str) -> list[Document]:
    """Remove every relation of a document whose relations are of this type, and give them."""
    relations = transaction.list(type, id)
    for relation in relations:
        unrelate(transaction, relation)
    return relations


def related_names(state: StateStore | Transaction, id: str, type: str) -> dict[str, list[str]]:
    """The names of the documents that `id` is related to, by their kind, in the order they came."""
    names: dict[str, list[str]] = {}
    for relation in state.list(type, id):
        properties = relation.body["properties"]
        names.setdefault(properties.get("relatedResourceKind", ""), []).append(properties["relatedResourceName"])
    return names


def related_documents(state: StateStore | Transaction, id: str, type: str, kind: str | None = None) -> list[Document]:
    """The documents that `id` is related to, of one kind or of all, in the order they came; deleted ones left out."""
    return list(_documents(state, state.list(type, id, where=_of_kind(kind))))


def newest_related(
    state: StateStore | Transaction, id: str, type: str, kind: str | None, most: int
) -> Iterator[Document]:
    """Of the documents that `id` is related to those that came last, newest first, each read as it is asked for."""
    newest = [Order(("created",), descending=True)]
    return _documents(state, state.list(type, id, where=_of_kind(kind), order=newest, limit=most))


def _of_kind(kind: str | None) -> Condition | None:
    return None if kind is None else Compare(_KIND, "eq", kind)


def _documents(state: StateStore | Transaction, relations: Iterable[Document]) -> Iterator[Document]:
    found = (state.get(relation.body["properties"]["relatedResourceId"]) for relation in relations)
    return (document for document in found if document is not None)


def _name(one_id: str, other_id: str) -> str:
    """What a relation is called that nobody gave a name."""
    return derived_id("relation", one_id.lower(), other_id.lower())


def _put(transaction: Transaction, at: End, name: str, other: End) -> Document:
    properties: dict[str, Any] = {
        "relatedResourceId": other.id,
        "relatedResourceName": other.name,
        "relatedResourceType": other.type,
    }
    if other.kind:
        properties["relatedResourceKind"] = other.kind
    document, _ = transaction.put(
        id=f"{at.id}/relations/{name}",
        type=f"{at.type}/relations",
        scope=at.id,
        name=name,
        body={"properties": properties},
    )
    return document
