"""Brings a directory that an earlier release wrote into the present form; run at each start, and quick when done."""

from vedette.access.directory import Directory, application_facts
from vedette.access.directory_objects import DirectoryObject, Kind, time_text
from vedette.access.managed_identities import service_principal_facts
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
    application_id = kept["appId"]
    created = time_text(document.created)
    hashes = {derived_id("secret", each["hash"]): each["hash"] for each in kept["secrets"]}
    credentials = [
        {"keyId": key_id, "displayName": "first", "startDateTime": created, "endDateTime": None, "hint": None}
        for key_id in hashes
    ]
    shared = {
        "appId": application_id,
        "displayName": kept["displayName"],
        "createdDateTime": created,
        "keyCredentials": [],
    }
    application = shared | application_facts() | {"passwordCredentials": credentials}
    principal = shared | service_principal_facts(application_id)
    return (
        DirectoryObject(derived_id("application", application_id), Kind.APPLICATION, application, hashes),
        DirectoryObject(kept["objectId"], Kind.SERVICE_PRINCIPAL, principal, {}),
    )
