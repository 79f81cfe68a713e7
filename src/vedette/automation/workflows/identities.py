"""Whose rights a playbook has in what it does here: those of its own identity, or of whoever made its connection.

https://learn.microsoft.com/azure/sentinel/authenticate-playbooks-to-sentinel
"""

from typing import TYPE_CHECKING

from vedette.access.principals import Principal
from vedette.automation.expressions.errors import ExpressionError
from vedette.automation.workflows.definition import part
from vedette.state.documents import Document
from vedette.state.store import Transaction

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

STORED_BY = "Vedette.Connections/owners"
"""The type of the document beside a connection that says who made it, and beside a workflow that says who stored it."""
_JOIN = "Microsoft.Web/connections/join/action"


def keep_stored_by(transaction: Transaction, id: str, principal: Principal) -> None:
    """Remember who made a connection, or stored a workflow."""
    body = {"objectId": principal.object_id}
    transaction.put(id=f"{id}/providers/{STORED_BY}/default", type=STORED_BY, scope=id, name="default", body=body)


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
    found = principal_of(parts, object_id) if object_id else None
    if found is None:
        raise ExpressionError(f"The workflow '{workflow.name}' has no managed identity that it could act with.")
    return found


def connection_owner(parts: "Parts", workflow: Document, connection_id: str) -> Principal:
    """Who made a connection, whose rights a workflow has that uses it, if who stored the workflow may use it.

    Raises ExpressionError. https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app
    """
    found = stored_by(parts, connection_id) if connection_id.startswith("/") else None
    if found is None:
        raise ExpressionError(
            f"The connection '{connection_id[:300]}' does not exist, or whoever made it is no longer known."
        )
    author = stored_by(parts, workflow.id)
    if author is None or not parts.roles.allows(author, _JOIN, connection_id):
        raise ExpressionError(
            f"Whoever stored the workflow '{workflow.name}' may not use the connection '{connection_id[:300]}': that "
            f"takes '{_JOIN}' there."
        )
    return found


def stored_by(parts: "Parts", id: str) -> Principal | None:
    """Who made a connection, or stored a workflow last, as they are known now; None when they no longer are."""
    kept = parts.state.get(f"{id}/providers/{STORED_BY}/default")
    return principal_of(parts, str(kept.body["objectId"])) if kept is not None else None


def principal_of(parts: "Parts", object_id: str) -> Principal | None:
    """The object of the directory as a caller; None for one that is gone or may not sign in."""
    standing = parts.directory.standing(object_id)
    return standing.principal if standing is not None and standing.is_enabled else None
