"""Where a deployment deploys to: a resource group, a subscription, a management group, or the tenant.

https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-subscription and its sisters
"""

import re
from typing import Any, Final

from vedette.arm.context import Context
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.sentinel.management_groups import MANAGEMENT_GROUP
from vedette.state.documents import Document

DEPLOYMENT: Final = "Microsoft.Resources/deployments"
OPERATION: Final = f"{DEPLOYMENT}/operations"
KIND: Final = "deployment"
"""The kind of the server's operation that a deployment is."""

DELETION: Final = "deleteDeployment"
SIDE_BY_SIDE: Final = 4
"""Deployments that are carried out at a time, besides those inside them."""

_NAME = re.compile(r"[-\w.()]{1,64}")
_KINDS = {RESOURCE_GROUP.lower(), SUBSCRIPTION.lower(), MANAGEMENT_GROUP.lower()}


def deployment_id(scope: str, name: str) -> str:
    """The id of a deployment to a scope; "" is the tenant. Resource groups have their published casing."""
    return f"{scope}/providers/{DEPLOYMENT}/{name}"


def scope_of(path: ResourcePath) -> str:
    """The id that a deployment, or its list, deploys to, in the casing of ids; "" for the tenant."""
    segments = path.scope.split("/")
    if len(segments) > 4 and segments[3].lower() == "resourcegroups":
        segments[1], segments[3] = "subscriptions", "resourceGroups"
    return "/".join(segments)


def require_scope(_context: Context, path: ResourcePath) -> None:
    """Return if deployments can be made there. Raises NotFound (InvalidResourceType)."""
    above = parse_id(path.scope) if path.scope else None
    if above is not None and (above.type.lower() not in _KINDS or not above.is_item):
        raise NotFound(
            "InvalidResourceType",
            f"'{DEPLOYMENT}' is of a resource group, a subscription, a management group or the tenant, and not of "
            f"'{path.scope}'.",
        )


def is_group(scope: str) -> bool:
    """Whether a scope is a resource group."""
    return "/resourcegroups/" in f"{scope.lower()}/"


def check_name(name: str) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources

    Raises InvalidInput (InvalidDeploymentName)."""
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            "InvalidDeploymentName",
            f"The deployment name '{name[:64]}' is invalid. It has 1 to 64 letters, digits, '-', '_', '.', '(' or ')'.",
        )


def check_location(scope: str, name: str, location: Any, existing: Document | None) -> str | None:
    """The location of a deployment: none in a resource group, which has one, and else one that stays.

    Raises InvalidInput (InvalidDeployment, LocationRequired), Conflict (InvalidDeploymentLocation).
    """
    if is_group(scope):
        if location:
            raise InvalidInput(
                "InvalidDeployment",
                f"The 'location' property is not allowed for '{name}' at resource group scope. Please see "
                "https://aka.ms/deploy-to-subscription for usage details.",
            )
        return None
    if not isinstance(location, str) or not location.strip():
        raise InvalidInput("LocationRequired", f"The 'location' property must be specified for '{name}'.")
    held = existing.body.get("location") if existing is not None else None
    if held and held.replace(" ", "").lower() != location.replace(" ", "").lower():
        raise Conflict(
            "InvalidDeploymentLocation",
            f"Invalid deployment location '{location}'. The deployment '{name}' already exists in location '{held}'.",
        )
    return location
