"""Identities that stand for themselves: made once, and given to any number of resources.

https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities
"""

from typing import Any

from vedette.access.managed_identities import put_managed_identity
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Resource, readable
from vedette.state.documents import Document
from vedette.state.store import Transaction

USER_ASSIGNED_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _fill(
    context: Context, call: Call, transaction: Transaction, body: dict[str, Any], _existing: Document | None
) -> dict[str, Any]:
    tenant_id, resource_id = context.estate.tenant_id, call.path.id
    made = put_managed_identity(transaction, tenant_id, resource_id, context.clock.now(), is_user_assigned=True)
    own = {"tenantId": tenant_id, "principalId": made.id, "clientId": made.application_id}
    return body | {"properties": own}


USER_ASSIGNED_IDENTITIES = Resource(
    USER_ASSIGNED_IDENTITY,
    key="resourceName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(USER_ASSIGNED_IDENTITY),
    read_only=frozenset({"tenantId", "principalId", "clientId"}),
    fill=_fill,
)
