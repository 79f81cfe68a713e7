"""Who may read and change the directory through Microsoft Graph.

A program needs one of Graph's application permissions, looked up at each call, so that taking one away works at once.
A person may read, as every member of a tenant may, and whoever holds the action below at `/` (Owner does; it is what
an administrator of a tenant does to rule over everything) may do everything. See docs/decisions/0041-identity.md.
"""

from typing import Final

from vedette.access.directory_objects import Kind
from vedette.access.principals import Principal, PrincipalKind
from vedette.api.oauth_scopes import AS_THE_USER
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
_WHOLE: Final = frozenset({AS_THE_USER, "user_impersonation"})
_RULING: Final = ("Microsoft.Authorization/roleAssignments/write", TENANT_ADMINISTRATION)
ORGANIZATION_READERS: Final = _ALL_READ | {"Organization.Read.All", "User.Read.All"}


def is_administrator(services: Services, principal: Principal) -> bool:
    """Whether the caller may do everything in the tenant."""
    return services.roles.allows(principal, TENANT_ADMINISTRATION, "/")


def check_read(services: Services, principal: Principal, kind: Kind) -> None:
    """Return if the caller may read objects of a kind. Raises Forbidden."""
    permissions = _WRITERS[kind] | _READERS[kind] | _ALL_READ
    if principal.kind is not PrincipalKind.USER or principal.tenant_id != services.estate.tenant_id:
        check(services, principal, permissions)
    else:
        check_scopes(principal, permissions | ({"User.ReadBasic.All"} if kind is Kind.USER else frozenset()))


def check_scopes(principal: Principal, permissions: frozenset[str]) -> None:
    """Return if the person let the program do this much, or it acts for itself. Raises Forbidden."""
    if principal.kind is PrincipalKind.USER and not principal.scopes & (_WHOLE | permissions):
        raise _forbidden()


def check_write(services: Services, principal: Principal, kind: Kind) -> None:
    """Return if the caller may change objects of a kind. Raises Forbidden."""
    check(services, principal, _WRITERS[kind])


def check(services: Services, principal: Principal, permissions: frozenset[str]) -> None:
    """Return if the caller was given one of these, or is an administrator. Raises Forbidden."""
    check_scopes(principal, permissions)
    if services.directory.permissions_of(principal.object_id) & permissions or is_administrator(services, principal):
        return
    raise _forbidden()


def check_over(services: Services, principal: Principal, object_id: str) -> None:
    """Return if the caller may give roles wherever the object may, so that whoever takes the object over gains nothing
    by it; of groups that roles are given to (`isAssignableToRole`), and their members, who may give permissions.

    Raises Forbidden. https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions
    """
    if is_administrator(services, principal) or object_id.lower() == principal.object_id.lower():
        return
    directory, roles = services.directory, services.roles
    groups = directory.groups_of(object_id)
    theirs = roles.access_of([object_id, *groups])
    for action in _RULING:
        for scope in theirs.scopes_of(action):
            if not roles.allows(principal, action, scope):
                raise _forbidden()
    found = (directory.get(each) for each in (object_id, *groups))
    if any(each is not None and each.shown.get("isAssignableToRole") is True for each in found):
        check(services, principal, APP_ROLE_WRITERS)


def _forbidden() -> Forbidden:
    return Forbidden("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
