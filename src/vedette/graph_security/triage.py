"""What Graph keeps of an alert or incident beside what the management API has: a document of its own below it.

It goes with what it is about, and no management API shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

TRIAGE: Final = "Vedette.Graph/triage"
_NAME: Final = "triage"


@dataclass(frozen=True, slots=True)
class Triage:
    """Whom an alert is assigned to, what it turned out to be, and what was said about it. `notes` are the comments of
    the first alerts API, which are mere texts and replaced as a whole."""

    assigned_to: str | None = None
    classification: str = "unknown"
    determination: str = "unknown"
    comments: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()
    tags: Sequence[str] = ()
    resolved: str | None = None


def triage_of(store: StateStore | Transaction, id: str) -> Triage:
    """What is kept of the document of this id."""
    document = store.get(_id(id))
    return Triage() if document is None else _read(document)


def triages_of(state: StateStore, ids: Sequence[str]) -> dict[str, Triage]:
    """What is kept of each of some documents, by their folded ids."""
    found = {document.scope: _read(document) for document in state.list(TRIAGE, ids)} if ids else {}
    return {id.lower(): found.get(id.lower(), Triage()) for id in ids}


def put_triage(transaction: Transaction, subject: Document, triage: Triage) -> None:
    """Keep it in place of what was kept."""
    transaction.put(
        id=_id(subject.id), type=TRIAGE, scope=subject.id, name=_NAME, body={"properties": _written(triage)}
    )


def _id(subject_id: str) -> str:
    return f"{subject_id}/{_NAME}/default"


def _read(document: Document) -> Triage:
    held = cast("dict[str, Any]", document.body["properties"])
    return Triage(
        held.get("assignedTo"),
        held.get("classification", "unknown"),
        held.get("determination", "unknown"),
        held.get("comments", ()),
        held.get("notes", ()),
        held.get("tags", ()),
        held.get("resolved"),
    )


def _written(triage: Triage) -> dict[str, Any]:
    return {
        "assignedTo": triage.assigned_to,
        "classification": triage.classification,
        "determination": triage.determination,
        "comments": list(triage.comments),
        "notes": list(triage.notes),
        "tags": list(triage.tags),
        "resolved": triage.resolved,
    }
