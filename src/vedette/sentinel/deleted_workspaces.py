"""Deleted workspaces that can be recovered: for 14 days a PUT of the same name, group and location brings one back.

What is below such a workspace stays where it is, out of reach, for its address does not resolve; so do its log tables.
https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
"""

from datetime import datetime, timedelta
from typing import Any

from vedette.access.workspaces import WORKSPACE
from vedette.arm.changes import is_same_location
from vedette.arm.context import Context
from vedette.arm.operations import OPERATIONS
from vedette.arm.resource import Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import Conflict
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

DELETED_WORKSPACE = "Microsoft.OperationalInsights/deletedWorkspaces"
RECOVERABLE = timedelta(days=14)
_DISCARDED = "Vedette/discardedWorkspaces"


def soft_delete(context: Context, transaction: Transaction, document: Document) -> None:
    """Put a workspace among the deleted ones."""
    body = {"workspace": document.body, "id": document.id, "deletedAt": context.clock.now().isoformat()}
    transaction.delete(document.id)
    transaction.put(
        id=_id(document.scope, document.name),
        type=DELETED_WORKSPACE,
        scope=document.scope,
        name=document.name,
        body=body,
    )


def soft_delete_below(context: Context, transaction: Transaction, group_id: str) -> None:
    """Put every workspace of a resource group among the deleted ones."""
    for document in transaction.list(WORKSPACE, group_id):
        soft_delete(context, transaction, document)


def deleted_below(transaction: Transaction, group_id: str) -> list[str]:
    """The ids under which something of a resource group's deleted workspaces is kept."""
    below = [document.body["id"] for document in transaction.list(DELETED_WORKSPACE, group_id)]
    return [*below, f"{group_id}/providers/{DELETED_WORKSPACE}"]


def recover(transaction: Transaction, path: ResourcePath, location: str) -> dict[str, Any] | None:
    """The body of the deleted workspace that a PUT of `path` brings back; it is no longer among the deleted ones.

    Raises Conflict when it was in another location.
    """
    found = transaction.get(_id(path.parent_id, path.name))
    if found is None:
        return None
    body = found.body["workspace"]
    if not is_same_location(str(body["location"]), location):
        raise Conflict(
            "Conflict",
            f"The workspace '{path.name}' was deleted in location '{body['location']}' and its name is kept for "
            f"{RECOVERABLE.days} days. Recover it there, or delete it for good first, with force=true.",
        )
    transaction.delete(found.id)
    return body


def is_deleted(state: StateStore, customer_id: str) -> bool:
    """Whether a deleted workspace that can be recovered has this GUID."""
    kept = (document.body["workspace"]["properties"] for document in state.list(DELETED_WORKSPACE))
    return any(properties["customerId"].lower() == customer_id.lower() for properties in kept)


def purge(transaction: Transaction, path: ResourcePath) -> None:
    """Delete for good what is left of a deleted workspace, but its log tables, which `discard` is for."""
    found = transaction.get(_id(path.parent_id, path.name))
    if found is not None:
        _purge(transaction, found)


def _purge(transaction: Transaction, deleted: Document) -> None:
    transaction.delete(deleted.id)
    purge_documents(transaction, deleted.body["id"], deleted.body["workspace"])


def purge_documents(transaction: Transaction, id: str, body: dict[str, Any]) -> None:
    """Delete what is below a workspace, and write down that its log tables are to be dropped."""
    transaction.delete_below(id, keep=[OPERATIONS])  # who polls one that is at work below finds it
    customer_id = body["properties"]["customerId"]
    transaction.put(
        id=f"/vedette/discardedWorkspaces/{customer_id}", type=_DISCARDED, scope="", name=customer_id, body={}
    )


def discard(context: Context) -> None:
    """Drop the log tables of workspaces that were deleted for good; after a kill the next server does it."""
    for document in context.state.list(_DISCARDED):
        context.logs.discard_workspace(document.name)
        with context.state.transaction() as transaction:
            transaction.delete(document.id)


def purge_expired(context: Context, now: datetime) -> None:
    """Delete for good what can no longer be recovered."""
    with context.state.transaction() as transaction:
        for document in transaction.list(DELETED_WORKSPACE):
            if datetime.fromisoformat(document.body["deletedAt"]) + RECOVERABLE <= now:
                _purge(transaction, document)
    discard(context)


def _id(group_id: str, name: str) -> str:
    return f"{group_id}/providers/{DELETED_WORKSPACE}/{name}"


def _shown(document: Document) -> Document:
    """A deleted workspace as the list shows it: as it was."""
    kept = document.body
    return Document(
        kept["id"], WORKSPACE, document.scope, document.name, "", kept["workspace"], document.created, document.modified
    )


def _list(context: Context, path: ResourcePath) -> list[Document]:
    return [_shown(each) for each in context.state.list(DELETED_WORKSPACE, path.parent_id, below=True)]


DELETED_WORKSPACES = Resource(
    DELETED_WORKSPACE,
    key="workspaceName",
    methods=frozenset({"LIST"}),
    tracked=True,
    source=Source(find=lambda _context, _path: None, list=_list),
)
