"""Who may see and change what through Graph's security API, of which workspaces.

One of Graph's permissions is for the whole tenant, as is being an administrator. A person who let a program act in
their name reaches the workspaces in which they hold the right to Sentinel's incidents: a scope gives a
program no more than the person has.
"""

from typing import Final

from vedette.access.principals import PrincipalKind
from vedette.access.workspaces import Workspace
from vedette.api.graph_call import GraphCall
from vedette.api.graph_permissions import check, check_scopes, is_administrator
from vedette.graph_security.collections import Tenant
from vedette.sentinel.onboarding_states import is_onboarded

_EVENTS_WRITE: Final = frozenset({"SecurityEvents.ReadWrite.All"})
_EVENTS_READ: Final = _EVENTS_WRITE | {"SecurityEvents.Read.All"}
_ALERTS_WRITE: Final = frozenset({"SecurityAlert.ReadWrite.All"})
_ALERTS_READ: Final = _ALERTS_WRITE | {"SecurityAlert.Read.All"}
_INCIDENTS_WRITE: Final = frozenset({"SecurityIncident.ReadWrite.All"})
_INCIDENTS_READ: Final = _INCIDENTS_WRITE | {"SecurityIncident.Read.All"}
PERMISSIONS: Final = {
    "alerts": (_EVENTS_READ, _EVENTS_WRITE),
    "alerts_v2": (_ALERTS_READ, _ALERTS_WRITE),
    "incidents": (_INCIDENTS_READ, _INCIDENTS_WRITE),
    "securescores": (_EVENTS_READ, _EVENTS_WRITE),
    "securescorecontrolprofiles": (_EVENTS_READ, _EVENTS_WRITE),
}
"""What reads a collection, and what changes it: https://learn.microsoft.com/graph/permissions-reference."""

READ: Final = "Microsoft.SecurityInsights/incidents/read"
_WRITE: Final = "Microsoft.SecurityInsights/incidents/write"


def tenant_of(call: GraphCall, collection: str, *, writing: bool = False) -> Tenant:
    """The workspaces with Sentinel that the caller reaches in a collection. Raises Forbidden."""
    services = call.services
    reached = {
        each.resource_id.lower(): each for each in _reached(call, PERMISSIONS[collection][writing], writing=writing)
    }
    return Tenant(services.state, services.estate.tenant_id, services.estate.workspace_id, reached)


def _reached(call: GraphCall, permissions: frozenset[str], *, writing: bool) -> list[Workspace]:
    services, principal = call.services, call.principal
    check_scopes(principal, permissions)
    every = [each for each in services.workspaces.all() if is_onboarded(services.state, each.resource_id)]
    granted = services.directory.permissions_of(principal.object_id) & permissions
    if granted or is_administrator(services, principal):
        return every
    if principal.kind is PrincipalKind.USER:
        action = _WRITE if writing else READ
        allowed = [each for each in every if services.roles.allows(principal, action, each.resource_id)]
        if allowed:
            return allowed
    check(services, principal, permissions)
    return every
