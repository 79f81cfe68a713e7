"""Who may read and change the directory through Microsoft Graph.

A program needs one of Graph's application permissions, looked up at each call, so that taking one away works at once.
A person may read, as every member of a tenant may, and whoever holds the action below at `/` (Owner does; it is what
an administrator of a tenant does to rule over everything) may do everything. See docs/decisions/0041-identity.md.
"""

from typing import Final

from vedette.access.directory_objects import Kind
from vedette.access.principals import Principal, PrincipalKind
from vedette.api.services import Services
from vedette.core.errors import Forbidden

TENANT_ADMINISTRATION: Final = "Microsoft.Authorization/elevateAccess/action"

_ALL_WRITE: Final = frozenset({"Directory.ReadWrite.All"})
_ALL_READ: Final = _ALL_WRITE | {"Directory.Read.All"}
_WRITERS: Final = {
    Kind.USER: _ALL_WRITE | {"User.ReadWrite.All"},
    Kind.GROUP: _ALL_WRITE | {"Group.ReadWrite.All"},
    Kind.APPLICATION: _ALL_WRITE | {"Application.ReadWrite.All"},
    Kind.SERVICE_PRINCIPAL: _ALL_WRITE | {"Application.ReadWrite.All"},
}
_READERS: Final = {
    Kind.USER: {"User.Read.All"},
    Kind.GROUP: {"Group.Read.All", "GroupMember.Read.All"},
    Kind.APPLICATION: {"Application.Read.All"},
    Kind.SERVICE_PRINCIPAL: {"Application.Read.All"},
}
MEMBER_WRITERS: Final = _WRITERS[Kind.GROUP] | {"GroupMember.ReadWrite.All"}
APP_ROLE_WRITERS: Final = frozenset({"AppRoleAssignment.ReadWrite.All"})
ORGANIZATION_READERS: Final = _ALL_READ | {"Organization.Read.All", "User.Read.All"}


def is_administrator(services: Services, principal: Principal) -> bool:
    """Whether the caller may do everything in the tenant."""
    return services.roles.allows(principal, TENANT_ADMINISTRATION, "/")


def check_read(services: Services, principal: Principal, kind: Kind) -> None:
    """Return if the caller may read objects of a kind. Raises Forbidden."""
    if principal.kind is not PrincipalKind.USER or principal.tenant_id != services.estate.tenant_id:
        check(services, principal, _WRITERS[kind] | _READERS[kind] | _ALL_READ)


def check_write(services: Services, principal: Principal, kind: Kind) -> None:
    """Return if the caller may change objects of a kind. Raises Forbidden."""
    check(services, principal, _WRITERS[kind])


def check(services: Services, principal: Principal, permissions: frozenset[str]) -> None:
    """Return if the caller was given one of these, or is an administrator. Raises Forbidden."""
    if services.directory.permissions_of(principal.object_id) & permissions or is_administrator(services, principal):
        return
    raise Forbidden("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
