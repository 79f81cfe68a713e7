"""The resource types of policies, and where they may be: names only, for what must not load the language."""

from typing import Final

from vedette.access.scopes import folded, is_group
from vedette.arm.context import Context
from vedette.arm.resource import SUBSCRIPTION
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import NotFound

DEFINITION: Final = "Microsoft.Authorization/policyDefinitions"
SET_DEFINITION: Final = "Microsoft.Authorization/policySetDefinitions"
VERSION: Final = f"{DEFINITION}/versions"
SET_VERSION: Final = f"{SET_DEFINITION}/versions"
ASSIGNMENT: Final = "Microsoft.Authorization/policyAssignments"
EXEMPTION: Final = "Microsoft.Authorization/policyExemptions"
REMEDIATION: Final = "Microsoft.PolicyInsights/remediations"
ATTESTATION: Final = "Microsoft.PolicyInsights/attestations"

STATE: Final = "Vedette/policyStates"
"""The states of one resource with all that is assigned over it."""
EVENT: Final = "Vedette/policyEvents"
"""What a policy has found of a resource that was written, or found otherwise than before."""
TASK: Final = "Vedette/policyTasks"
"""A resource, or a scope, that is to be looked at again."""

EVALUATION: Final = "policyEvaluation"
REMEDIATING: Final = "policyRemediation"
"""Kinds of the server's operations."""


def require_home(_context: Context, path: ResourcePath) -> None:
    """Return if definitions can be there: in a subscription, a management group or the tenant. Raises NotFound."""
    above = parse_id(path.scope) if path.scope else None
    if above is None or (above.is_item and (above.type.lower() == SUBSCRIPTION.lower() or is_group(folded(above.id)))):
        return
    raise NotFound(
        "InvalidResourceType",
        f"'{path.type}' is of a subscription, a management group or the tenant, and not of '{path.scope}'.",
    )
