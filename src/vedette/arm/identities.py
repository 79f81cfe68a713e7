"""The `identity` block of a resource: the identities that the resource acts with are objects in the directory.

https://learn.microsoft.com/azure/templates (identity). A block without a `type` is left as it was sent.
"""

from typing import Any, Final, cast

from vedette.access.managed_identities import (
    put_managed_identity,
    remove_managed_identities_below,
    remove_managed_identity,
)
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.core.errors import InvalidInput
from vedette.state.store import Transaction

ASSIGN: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
"""What lets somebody have a resource act with an identity that stands for itself."""

_USER_ASSIGNED: Final = "microsoft.managedidentity/userassignedidentities"
_SYSTEM: Final = "systemassigned"
_USER: Final = "userassigned"


def with_identity(context: Context, call: Call, transaction: Transaction, body: dict[str, Any]) -> dict[str, Any]:
    """The body, its identity as it is shown, and the directory in step with it.

    Raises InvalidInput for a type that is none and an identity that is not there, and Forbidden for an identity that
    the caller may not assign.
    """
    sent = body.get("identity")
    if not isinstance(sent, dict):
        return body
    identity = cast("dict[str, Any]", sent)
    if not isinstance(identity.get("type"), str):
        return body
    kinds = _kinds(identity["type"])
    tenant_id, now, resource_id = context.estate.tenant_id, context.clock.now(), call.path.id
    shown: dict[str, Any] = {"type": identity["type"]}
    if kinds:
        shown["tenantId"] = tenant_id
    if _SYSTEM in kinds:
        shown["principalId"] = put_managed_identity(transaction, tenant_id, resource_id, now).id
    else:
        remove_managed_identity(transaction, tenant_id, resource_id)
    if _USER in kinds:
        shown["userAssignedIdentities"] = {
            id: _assigned(context, call, transaction, id) for id in _named(identity.get("userAssignedIdentities"))
        }
    return body | {"identity": shown}


def forget_identities(context: Context, transaction: Transaction, resource_id: str) -> None:
    """Remove the identities of a resource that is deleted, and of those below it."""
    remove_managed_identity(transaction, context.estate.tenant_id, resource_id)
    remove_managed_identities_below(transaction, context.estate.tenant_id, resource_id)


def _kinds(type: str) -> frozenset[str]:
    kinds = frozenset(part.strip().lower() for part in type.split(","))
    if not kinds <= {_SYSTEM, _USER, "none"}:
        raise InvalidInput(
            "InvalidIdentityType",
            f"The identity's type '{type[:80]}' is none of SystemAssigned, UserAssigned and None.",
        )
    return kinds - {"none"}


def _named(sent: Any) -> list[str]:
    named = cast("dict[str, Any]", sent) if isinstance(sent, dict) else {"": None}
    if not all(id.startswith("/") for id in named):
        raise InvalidInput(
            "InvalidIdentity", "'identity.userAssignedIdentities' is an object whose names are ids of identities."
        )
    return [id for id, value in named.items() if value is not None]


def _assigned(context: Context, call: Call, transaction: Transaction, id: str) -> dict[str, str]:
    context.roles.check(call.principal, ASSIGN, id)
    found = transaction.get(id)
    if found is None or found.type.lower() != _USER_ASSIGNED:
        raise InvalidInput("FailedIdentityOperation", f"The user-assigned identity '{id[:500]}' was not found.")
    made = put_managed_identity(transaction, context.estate.tenant_id, id, context.clock.now(), is_user_assigned=True)
    return {"principalId": made.id, "clientId": str(made.application_id)}
