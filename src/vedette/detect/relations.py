"""Relations between documents: an incident and its alerts, an alert and its entities; each is a document itself."""

from vedette.core.ids import derived_id
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

_KIND = ("properties", "relatedResourceKind")


def relate(transaction: Transaction, id: str, type: str, related: Document) -> None:
    """Relate the document `id` to another; doing it twice is doing it once.

    https://learn.microsoft.com/rest/api/securityinsights/incident-relations
    """
    name = derived_id("relation", id.lower(), related.id.lower())
    transaction.put(
        id=f"{id}/relations/{name}",
        type=type,
        scope=id,
        name=name,
        body={
            "properties": {
                "relatedResourceId": related.id,
                "relatedResourceName": related.name,
                "relatedResourceType": related.type,
                "relatedResourceKind": related.body.get("kind", ""),
            }
        },
    )


def related_names(transaction: Transaction, id: str, type: str) -> dict[str, list[str]]:
    """The names of the documents that `id` is related to, by their kind, in the order they came."""
    names: dict[str, list[str]] = {}
    for relation in transaction.list(type, id):
        properties = relation.body["properties"]
        names.setdefault(properties["relatedResourceKind"], []).append(properties["relatedResourceName"])
    return names


def related_documents(state: StateStore, id: str, type: str, kind: str | None = None) -> list[Document]:
    """The documents that `id` is related to, of one kind or of all, in the order they came; deleted ones left out."""
    relations = state.list(type, id, where=None if kind is None else Compare(_KIND, "eq", kind))
    found = [state.get(relation.body["properties"]["relatedResourceId"]) for relation in relations]
    return [document for document in found if document is not None]
