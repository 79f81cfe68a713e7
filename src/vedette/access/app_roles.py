"""Microsoft Graph's application permissions: who was given which, as app roles of the Graph's service principal.

https://learn.microsoft.com/graph/api/resources/approleassignment
"""

from typing import Any, Final

from vedette.access.directory_objects import (
    DirectoryObject,
    Kind,
    document_id,
    folded,
    put_object,
    service_principal_facts,
)
from vedette.access.well_known import GRAPH, GRAPH_PERMISSIONS
from vedette.core.ids import derived_id
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

APP_ROLE_ASSIGNMENT: Final = "Vedette.Directory/appRoleAssignments"

_NAMES: Final = {id: name for name, id in GRAPH_PERMISSIONS.items()}


def graph_object_id(tenant_id: str) -> str:
    """The id of the service principal that stands for Microsoft Graph in a tenant."""
    return derived_id("Microsoft Graph", tenant_id)


def graph_object(tenant_id: str, created: str) -> DirectoryObject:
    """The service principal that stands for Microsoft Graph in a tenant."""
    roles = [
        {
            "allowedMemberTypes": ["Application"],
            "description": name,
            "displayName": name,
            "id": id,
            "isEnabled": True,
            "origin": "Application",
            "value": name,
        }
        for name, id in GRAPH_PERMISSIONS.items()
    ]
    shown = {
        "appId": GRAPH,
        "displayName": "Microsoft Graph",
        "createdDateTime": created,
        **service_principal_facts(GRAPH),
        "appRoles": roles,
        "servicePrincipalNames": [GRAPH, "https://graph.microsoft.com"],
    }
    return DirectoryObject(graph_object_id(tenant_id), Kind.SERVICE_PRINCIPAL, shown, {})


def permissions_of(state: StateStore, tenant_id: str, object_id: str) -> frozenset[str]:
    """The names of the Graph permissions that were given to a service principal."""
    graph = graph_object_id(tenant_id)
    return frozenset(
        _NAMES[document.body["object"]["appRoleId"]]
        for document in assignments_of(state, object_id)
        if document.body["object"]["resourceId"] == graph and document.body["object"]["appRoleId"] in _NAMES
    )


def assignments_of(state: StateStore, object_id: str) -> list[Document]:
    """The documents of what was given to a service principal."""
    return state.list(APP_ROLE_ASSIGNMENT, where=Compare(("folded", "principalId"), "eq", object_id.lower()))


def give(
    transaction: Transaction,
    tenant_id: str,
    principal: DirectoryObject,
    resource: DirectoryObject,
    role_id: str,
    at: str,
) -> dict[str, Any]:
    """Give a service principal an app role of another; doing it again changes nothing. Gives what Graph shows of it."""
    id = derived_id("app role assignment", principal.id, resource.id, role_id)
    document = transaction.get(_document_id(tenant_id, principal.id, id))
    if document is not None:
        return document.body["object"]
    shown = {
        "id": id,
        "appRoleId": role_id,
        "createdDateTime": at,
        "principalDisplayName": principal.name,
        "principalId": principal.id,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": resource.name,
        "resourceId": resource.id,
    }
    transaction.put(
        id=_document_id(tenant_id, principal.id, id),
        type=APP_ROLE_ASSIGNMENT,
        scope=document_id(tenant_id, principal.id),
        name=id,
        body={"object": shown, "folded": folded(shown)},
    )
    return shown


def take(transaction: Transaction, tenant_id: str, principal_id: str, id: str) -> bool:
    """Take an app role away again; False where it was not given."""
    return transaction.delete(_document_id(tenant_id, principal_id, id))


def has_graph(state: StateStore, tenant_id: str) -> bool:
    """Whether the tenant has the Graph's service principal, as it has since its first start."""
    return state.get(document_id(tenant_id, graph_object_id(tenant_id))) is not None


def ensure_graph(state: StateStore, tenant_id: str, first: DirectoryObject, at: str) -> None:
    """Make the Graph's service principal on first start, and let the first client manage the directory through it."""
    if has_graph(state, tenant_id):
        return
    graph = graph_object(tenant_id, at)
    with state.transaction() as transaction:
        put_object(transaction, tenant_id, graph)
        for name in FIRST_CLIENTS:
            give(transaction, tenant_id, first, graph, GRAPH_PERMISSIONS[name], at)


FIRST_CLIENTS: Final = (
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "Organization.Read.All",
    "SecurityAlert.ReadWrite.All",
    "SecurityEvents.ReadWrite.All",
    "SecurityIncident.ReadWrite.All",
    "ThreatIndicators.ReadWrite.OwnedBy",
    "User.ReadWrite.All",
)
"""The permissions of the client that a new data directory begins with."""


def _document_id(tenant_id: str, principal_id: str, id: str) -> str:
    return f"{document_id(tenant_id, principal_id)}/appRoleAssignments/{id.lower()}"
