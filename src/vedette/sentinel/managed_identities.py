"""The identity that a resource says it has: ids that stay the same, by which roles could be given to it.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from typing import Any

from vedette.arm.context import Context
from vedette.arm.shapes import anything, fields, map_of, one_of
from vedette.core.ids import derived_id

_SYSTEM, _USER = "SystemAssigned", "UserAssigned"

_identity = fields(
    {
        "type": one_of("None", _SYSTEM, _USER, f"{_SYSTEM}, {_USER}", f"{_SYSTEM},{_USER}"),
        "principalId": anything,
        "tenantId": anything,
        "userAssignedIdentities": map_of(anything),
    },
    required=("type",),
)


def identity_of(context: Context, resource_id: str, sent: Any) -> dict[str, Any]:
    """The identity as it is shown. Raises InvalidInput for one that is none."""
    identity = _identity("identity", sent)
    shown: dict[str, Any] = {"type": identity["type"]}
    if identity["type"] != "None":
        shown["tenantId"] = context.estate.tenant_id
    if identity["type"].startswith(_SYSTEM):
        shown["principalId"] = derived_id("managed identity", resource_id.lower())
    if _USER in identity["type"]:
        named = identity.get("userAssignedIdentities", {})
        shown["userAssignedIdentities"] = {
            id: {
                "principalId": derived_id("managed identity", id.lower()),
                "clientId": derived_id("managed identity's client", id.lower()),
            }
            for id in named
        }
    return shown
