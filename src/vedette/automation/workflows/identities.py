"""Whose rights a playbook has in what it does here: those of its own identity, or of whoever made its connection.

https://learn.microsoft.com/azure/sentinel/authenticate-playbooks-to-sentinel
"""

from typing import TYPE_CHECKING, Final

from vedette.access.principals import Principal
from vedette.automation.workflows.definition import part
from vedette.expressions.errors import ExpressionError
from vedette.state.documents import Document
from vedette.state.store import Transaction

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

CONNECTION: Final = "Microsoft.Web/connections"
_OWNERS: Final = "Vedette.Connections/owners"
_AUTHORS: Final = "Vedette.Logic/authors"
_JOIN = "Microsoft.Web/connections/join/action"


def keep_owner(transaction: Transaction, connection_id: str, principal: Principal) -> None:
    """Remember who made a connection."""
    _keep(transaction, connection_id, _OWNERS, principal.object_id)


def keep_author(transaction: Transaction, version_id: str, principal: Principal) -> None:
    """Remember who stored a version of a workflow."""
    _keep(transaction, version_id, _AUTHORS, principal.object_id)


def keep_author_of(transaction: Transaction, before_id: str, version_id: str) -> None:
    """A version that does what the one before it does is of its author."""
    kept = transaction.get(_beside(before_id, _AUTHORS))
    if kept is not None:
        _keep(transaction, version_id, _AUTHORS, str(kept.body["objectId"]))


def forget_author(transaction: Transaction, version_id: str) -> None:
    """A version is kept no longer."""
    transaction.delete(_beside(version_id, _AUTHORS))


def acting_identity(parts: "Parts", workflow: Document, identity: str) -> Principal:
    """A workflow's own identity, or one that is assigned to it, by its id. Raises ExpressionError."""
    held = part(workflow.body.get("identity"))
    object_id = str(held.get("principalId") or "")
    if identity and identity.lower() != "systemassigned":
        assigned = {name.lower(): part(each) for name, each in part(held.get("userAssignedIdentities")).items()}
        object_id = str(assigned.get(identity.lower(), {}).get("principalId") or "")
    elif not object_id:
        assigned = [part(each) for each in part(held.get("userAssignedIdentities")).values()]
        object_id = str(assigned[0].get("principalId") or "") if len(assigned) == 1 else ""
    found = parts.directory.caller(object_id) if object_id else None
    if found is None:
        raise ExpressionError(f"The workflow '{workflow.name}' has no managed identity that it could act with.")
    return found


def connection_owner(
    parts: "Parts", workflow: Document, version: Document, connection: Document | None, connection_id: str
) -> Principal:
    """Who made a connection, whose rights a workflow has that uses it, if who stored the version that runs may use it.

    Raises ExpressionError. https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app
    """
    found = _kept(parts, connection.id, _OWNERS) if connection is not None else None
    if found is None:
        raise ExpressionError(
            f"The connection '{connection_id[:300]}' does not exist, or whoever made it is no longer known."
        )
    author = author_of(parts, version)
    if author is None or not parts.roles.allows(author, _JOIN, connection_id):
        raise ExpressionError(
            f"Whoever stored the workflow '{workflow.name}' may not use the connection '{connection_id[:300]}': that "
            f"takes '{_JOIN}' there."
        )
    return found


def author_of(parts: "Parts", version: Document) -> Principal | None:
    """Who stored a version of a workflow, as they are known now; None when they no longer are.

    `version` is the document of it, or the workflow as it is.
    """
    workflow_id = version.id.partition("/versions/")[0]
    return _kept(parts, f"{workflow_id}/versions/{version.body['properties']['version']}", _AUTHORS)


def _beside(id: str, type: str) -> str:
    return f"{id}/providers/{type}/default"


def _keep(transaction: Transaction, id: str, type: str, object_id: str) -> None:
    transaction.put(id=_beside(id, type), type=type, scope=id, name="default", body={"objectId": object_id})


def _kept(parts: "Parts", id: str, type: str) -> Principal | None:
    kept = parts.state.get(_beside(id, type))
    return parts.directory.caller(str(kept.body["objectId"])) if kept is not None else None
