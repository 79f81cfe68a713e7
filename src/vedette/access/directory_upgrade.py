"""Brings a directory that an earlier release wrote into the present form; run at each start, and quick when done."""

from vedette.access.directory import Directory
from vedette.access.directory_objects import DirectoryObject, Kind, registration, time_text
from vedette.core.ids import derived_id
from vedette.state.documents import Document
from vedette.state.store import StateStore


def upgrade_directory(state: StateStore, directory: Directory) -> None:
    """Make the service principals of releases before 0.5 into an application with its secrets and its principal."""
    old = [document for document in state.list(Kind.SERVICE_PRINCIPAL.document_type) if "object" not in document.body]
    if not old:
        return
    with state.transaction() as transaction:
        for document in old:
            for each in _objects(document):
                directory.save(transaction, each)
            transaction.delete(document.id)


def _objects(document: Document) -> tuple[DirectoryObject, DirectoryObject]:
    kept = document.body["properties"]
    hashes = {derived_id("secret", each["hash"]): each["hash"] for each in kept["secrets"]}
    return registration(kept["appId"], kept["objectId"], kept["displayName"], time_text(document.created), hashes)
