"""Managed identities: service principals that belong to ARM resources, and live and die with them.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from datetime import datetime
from typing import Any

from vedette.access.directory_objects import (
    MANAGED,
    DirectoryObject,
    Kind,
    document_id,
    object_of,
    put_object,
    time_text,
)
from vedette.core.ids import derived_id
from vedette.state.conditions import AnyElement, Match, Or
from vedette.state.store import Transaction


def managed_object_id(resource_id: str) -> str:
    """The object id (`principalId`) of a resource's own identity, which stays the same for the same resource id."""
    return derived_id("managed identity", resource_id.lower())


def managed_client_id(resource_id: str) -> str:
    """The application id (`clientId`) of a resource's own identity."""
    return derived_id("managed identity's client", resource_id.lower())


def put_managed_identity(
    transaction: Transaction, tenant_id: str, resource_id: str, now: datetime, *, is_user_assigned: bool = False
) -> DirectoryObject:
    """The identity of a resource, made if it does not exist yet: the resource and it are there both, or neither."""
    object_id = managed_object_id(resource_id)
    existing = transaction.get(document_id(tenant_id, object_id))
    kept = None if existing is None else object_of(existing)
    if kept is not None:
        return kept
    client_id = managed_client_id(resource_id)
    shown = {
        "appId": client_id,
        "displayName": resource_id.rstrip("/").rpartition("/")[2],
        "createdDateTime": time_text(now),
        "keyCredentials": [],
        **service_principal_facts(client_id),
        "servicePrincipalType": MANAGED,
        "alternativeNames": [f"isExplicit={is_user_assigned}", resource_id],
    }
    made = DirectoryObject(object_id, Kind.SERVICE_PRINCIPAL, shown, {})
    put_object(transaction, tenant_id, made)
    return made


def remove_managed_identity(transaction: Transaction, tenant_id: str, resource_id: str) -> None:
    """Remove the identity of a resource, if it has one."""
    transaction.delete(document_id(tenant_id, managed_object_id(resource_id)))


def remove_managed_identities_below(transaction: Transaction, tenant_id: str, id: str) -> None:
    """Remove the identities of all resources below an id, which are gone."""
    below = AnyElement(("folded", "alternativeNames"), Match((), "startswith", f"{id.lower().rstrip('/')}/"))
    for document in transaction.list(Kind.SERVICE_PRINCIPAL.document_type, where=Or((below,))):
        transaction.delete_below(document_id(tenant_id, document.name))
        transaction.delete(document.id)


def service_principal_facts(application_id: str) -> dict[str, Any]:
    """What Graph shows of every service principal beside its names."""
    return {
        "accountEnabled": True,
        "alternativeNames": [],
        "appRoles": [],
        "appRoleAssignmentRequired": False,
        "passwordCredentials": [],
        "servicePrincipalNames": [application_id],
        "servicePrincipalType": "Application",
        "tags": [],
    }
