"""The tenant, the subscription and its regions, as clients list them before anything else."""

from typing import Any

from vedette.access.principals import Principal
from vedette.access.workspaces import LOCATION
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, SUBSCRIPTION, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.sentinel.tags import tags_of
from vedette.state.documents import Document

SUBSCRIPTION_NAME = "Vedette"
_LOCATIONS = f"{SUBSCRIPTION}/locations"


def _document(context: Context, id: str, type: str, name: str, body: dict[str, Any]) -> Document:
    now = context.clock.now()
    return Document(id, type, id.rpartition("/")[0].lower(), name, "", body, now, now)


def _tenant(context: Context) -> Document:
    tenant_id = context.estate.tenant_id
    body = {"tenantId": tenant_id, "displayName": "Vedette", "tenantCategory": "Home", "domains": []}
    return _document(context, f"/tenants/{tenant_id}", "Microsoft.Resources/tenants", tenant_id, body)


def _subscription(context: Context) -> Document:
    estate = context.estate
    body = {
        "subscriptionId": estate.subscription_id,
        "tenantId": estate.tenant_id,
        "displayName": SUBSCRIPTION_NAME,
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "tags": tags_of(context, estate.subscription_resource_id),
    }
    id = estate.subscription_resource_id
    return _document(context, id, SUBSCRIPTION, estate.subscription_id, body)


def _locations(context: Context) -> list[Document]:
    id = f"{context.estate.subscription_resource_id}/locations/{LOCATION}"
    metadata = {"regionType": "Physical", "regionCategory": "Recommended", "geographyGroup": "Local"}
    body = {"displayName": "Local", "regionalDisplayName": "Local", "metadata": metadata}
    return [_document(context, id, _LOCATIONS, LOCATION, body)]


def _only(document: Document, path: ResourcePath) -> Document | None:
    return document if document.id.lower() == path.id.lower() else None


def _is_listed(context: Context, principal: Principal, document: Document) -> bool:
    """Whoever has a role on anything in a subscription finds it in the list, or would not find the thing either."""
    return context.roles.access(principal).has_role_in(document.id)


def _subscription_missing(path: ResourcePath) -> NotFound:
    return NotFound("SubscriptionNotFound", f"The subscription '{path.name}' could not be found.")


TENANTS = Resource(
    "Microsoft.Resources/tenants",
    key="tenantId",
    methods=frozenset({"LIST"}),
    visible=lambda context, principal, document: document.name == principal.tenant_id,
    source=Source(
        find=lambda context, path: _only(_tenant(context), path),
        list=lambda context, path: [_tenant(context)],
    ),
)

SUBSCRIPTIONS = Resource(
    SUBSCRIPTION,
    key="subscriptionId",
    methods=READ_METHODS,
    visible=_is_listed,
    missing=_subscription_missing,
    source=Source(
        find=lambda context, path: _only(_subscription(context), path),
        list=lambda context, path: [_subscription(context)],
    ),
)

LOCATIONS = Resource(
    _LOCATIONS,
    key="location",
    parent=SUBSCRIPTION,
    methods=frozenset({"LIST"}),
    source=Source(
        find=lambda context, path: None,
        list=lambda context, path: _locations(context),
    ),
)
