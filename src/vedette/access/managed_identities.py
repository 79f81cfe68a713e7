"""Managed identities: service principals that belong to ARM resources, and live and die with them.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from datetime import datetime
from typing import Final

from vedette.access.directory_objects import (
    MANAGED,
    MEMBERSHIP,
    DirectoryObject,
    Kind,
    document_id,
    object_of,
    put_object,
    service_principal_facts,
    time_text,
)
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.core.ids import derived_id
from vedette.state.conditions import AnyElement, Compare, Match
from vedette.state.store import Transaction

MACHINE: Final = "/providers/Microsoft.Compute/virtualMachines/vedette-machine"
"""What the id of the machine's own identity ends with."""

PROGRAMS: Final = "/providers/Microsoft.Web/sites/vedette-local"
"""What the id of the identity of programs that know the identity header ends with."""

_LOCAL: Final = (MACHINE.lower(), PROGRAMS.lower())


def managed_object_id(resource_id: str, removed: int = 0) -> str:
    """The object id (`principalId`) of a resource's own identity; `removed` are the earlier ones of this resource id,
    whose ids are never given again."""
    return derived_id("managed identity", resource_id.lower(), *_again(removed))


def managed_client_id(resource_id: str, removed: int = 0) -> str:
    """The application id (`clientId`) of a resource's own identity."""
    return derived_id("managed identity's client", resource_id.lower(), *_again(removed))


def put_managed_identity(
    transaction: Transaction, tenant_id: str, resource_id: str, now: datetime, *, is_user_assigned: bool = False
) -> DirectoryObject:
    """The identity of a resource, made if it does not exist yet: the resource and it are there both, or neither."""
    removed = _removed(transaction, resource_id)
    object_id = managed_object_id(resource_id, removed)
    existing = transaction.get(document_id(tenant_id, object_id))
    kept = None if existing is None else object_of(existing)
    if kept is not None:
        return kept
    client_id = managed_client_id(resource_id, removed)
    shown = {
        "appId": client_id,
        "displayName": resource_id.rstrip("/").rpartition("/")[2],
        "createdDateTime": time_text(now),
        **service_principal_facts(client_id),
        "servicePrincipalType": MANAGED,
        "alternativeNames": [f"isExplicit={is_user_assigned}", resource_id],
    }
    made = DirectoryObject(object_id, Kind.SERVICE_PRINCIPAL, shown, {})
    put_object(transaction, tenant_id, made)
    return made


def remove_managed_identity(transaction: Transaction, tenant_id: str, resource_id: str) -> None:
    """Remove the identity of a resource, if it has one, and all that it was given: roles, groups and permissions."""
    removed = _removed(transaction, resource_id)
    object_id = managed_object_id(resource_id, removed)
    if not transaction.delete(document_id(tenant_id, object_id)):
        return
    transaction.set_value(_removed_key(resource_id), removed + 1)
    transaction.delete_below(document_id(tenant_id, object_id))
    for type, path in ((MEMBERSHIP, ("memberId",)), (ROLE_ASSIGNMENT, ("properties", "principalId"))):
        for document in transaction.list(type, where=Compare(path, "eq", object_id)):
            transaction.delete(document.id)


def remove_managed_identities_below(transaction: Transaction, tenant_id: str, id: str) -> None:
    """Remove the identities of all resources below an id, which are gone; those of this machine are not resources."""
    below = AnyElement(("folded", "alternativeNames"), Match((), "startswith", f"{id.lower().rstrip('/')}/"))
    for document in transaction.list(Kind.SERVICE_PRINCIPAL.document_type, where=below):
        if document.body["object"].get("servicePrincipalType") != MANAGED:
            continue
        resource_id = str(document.body["object"]["alternativeNames"][1])
        if not resource_id.lower().endswith(_LOCAL):
            remove_managed_identity(transaction, tenant_id, resource_id)


def _again(removed: int) -> tuple[str, ...]:
    return (str(removed),) if removed else ()


def _removed(transaction: Transaction, resource_id: str) -> int:
    """How many identities of this resource id were removed."""
    return transaction.get_value(_removed_key(resource_id)) or 0


def _removed_key(resource_id: str) -> str:
    return f"managed identities removed: {resource_id.lower().rstrip('/')}"
