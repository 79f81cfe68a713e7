"""The one question of every plane: may this principal do this here? Only if a role grants it and nothing denies it.

Rules: https://learn.microsoft.com/azure/role-based-access-control/overview and …/scope-overview.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn

from vedette.access.principal_access import Denial, Grant, PrincipalAccess
from vedette.access.principals import Principal, PrincipalKind
from vedette.access.role_definitions import ROLE_DEFINITION, Permission, RoleDefinition, built_in_roles, permissions_of
from vedette.access.scopes import covers, folded
from vedette.core.errors import Forbidden
from vedette.core.ids import derived_id
from vedette.state.conditions import In
from vedette.state.documents import Document
from vedette.state.store import StateStore

ROLE_ASSIGNMENT: Final = "Microsoft.Authorization/roleAssignments"
DENY_ASSIGNMENT: Final = "Microsoft.Authorization/denyAssignments"
EVERYONE: Final = "00000000-0000-0000-0000-000000000000"
"""The id by which a deny assignment names all principals."""

GroupsOf = Callable[[str], Collection[str]]
"""The ids of the groups that the principal with an object id is a member of, directly or through another group."""

TypeOf = Callable[[str], str | None]
"""What the directory knows an object id as, `User`, `Group` or `ServicePrincipal`; None for what it does not know."""

_ALWAYS_LEFT: Final = (f"{DENY_ASSIGNMENT}/read", f"{DENY_ASSIGNMENT}/delete")
_TYPES = (ROLE_ASSIGNMENT, ROLE_DEFINITION, DENY_ASSIGNMENT)
_MOST_KEPT = 500  # principals whose access is kept worked out


class Roles:
    """The roles, role assignments and deny assignments of the tenant, kept as documents of the state store.

    What a principal may do is worked out once and kept until a commit changes any of them, so a call that begins after
    the commit goes by the new state. Safe in any thread.
    """

    def __init__(
        self,
        state: StateStore,
        *,
        groups_of: GroupsOf = lambda _object_id: (),
        type_of: TypeOf = lambda _object_id: None,
    ) -> None:
        self.groups_of = groups_of
        self.type_of = type_of
        self._state = state
        self._lock = threading.Lock()
        self._versions: tuple[int, ...] = ()
        self._kept: dict[frozenset[str], PrincipalAccess] = {}

    def check(self, principal: Principal, action: str, scope: str, *, data: bool = False) -> None:
        """Return if `principal` may do `action` (`Microsoft.X/type/read`) at the ARM id `scope`.

        `data` asks for a data action. Raises Forbidden (AuthorizationFailed, DenyAssignmentAuthorizationFailed).
        """
        access = self.access(principal)
        if not access.allows(action, scope, data=data):
            _refuse(principal, access, action, scope, data=data)

    def check_linked(self, principal: Principal, action: str, scope: str, linked: str, places: Iterable[str]) -> None:
        """Return if `principal`, who may do `action` at `scope`, may do `linked` at the places that the request names.

        Raises Forbidden (LinkedAuthorizationFailed).
        """
        access = self.access(principal)
        refused = [place for place in places if not access.allows(linked, place)]
        if refused:
            raise Forbidden(
                "LinkedAuthorizationFailed",
                f"The client '{principal.name}' with object id '{principal.object_id}' has permission to perform "
                f"action '{action}' on scope '{scope}'; however, it does not have permission to perform action(s) "
                f"'{linked}' on the linked scope(s) '{','.join(refused)}' (respectively) or the linked scope(s) are "
                "invalid.",
            )

    def allows(self, principal: Principal, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether `principal` may do `action` at `scope`."""
        return self.access(principal).allows(action, scope, data=data)

    def access(self, principal: Principal) -> PrincipalAccess:
        """All that `principal` may do now, by itself and by the groups that it is in."""
        return self.access_of([principal.object_id, *principal.groups])

    def access_of(self, ids: Iterable[str]) -> PrincipalAccess:
        """What a principal may do whose own and whose groups' object ids these are."""
        versions = tuple(self._state.version(type) for type in _TYPES)  # before the reading: see the class
        key = frozenset(id.lower() for id in ids)
        with self._lock:
            if versions != self._versions:
                self._versions = versions
                self._kept.clear()
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        made = PrincipalAccess([*self._grants(key)], [*self._denials(key)])
        with self._lock:
            if versions == self._versions:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = made
        return made

    def definition(self, id: str) -> RoleDefinition | None:
        """The role of a GUID, built in or custom."""
        built_in = built_in_roles().get(id.lower())
        if built_in is not None:
            return built_in
        document = self._state.get(custom_role_id(id))
        return None if document is None else custom_role(document)

    def assign(self, principal: Principal, role: str, scope: str) -> Document:
        """Give `principal` the role of this GUID at `scope`; doing it again changes nothing."""
        name = derived_id("role assignment", principal.object_id, role, folded(scope))
        id = f"{scope.rstrip('/')}/providers/{ROLE_ASSIGNMENT}/{name}"
        kept = self._state.get(id)
        if kept is not None:
            return kept
        properties = {
            "roleDefinitionId": f"/providers/{ROLE_DEFINITION}/{role}",
            "principalId": principal.object_id.lower(),
            "principalType": "User" if principal.kind is PrincipalKind.USER else "ServicePrincipal",
            "scope": scope,
        }
        with self._state.transaction() as transaction:
            document, _ = transaction.put(
                id=id, type=ROLE_ASSIGNMENT, scope=scope.rstrip("/"), name=name, body={"properties": properties}
            )
        return document

    def _grants(self, ids: frozenset[str]) -> Iterable[Grant]:
        for document in self._state.list(ROLE_ASSIGNMENT, where=In(("properties", "principalId"), tuple(sorted(ids)))):
            properties = document.body["properties"]
            if properties.get("condition"):
                continue  # conditions are not evaluated, and what is not understood grants nothing
            role = self.definition(role_id_of(properties))
            if role is not None and any(covers(each, document.scope) for each in role.assignable_scopes):
                yield Grant(
                    folded(document.scope), role, document.id, properties["principalId"], properties["principalType"]
                )

    def _denials(self, ids: frozenset[str]) -> Iterable[Denial]:
        for document in self._state.list(DENY_ASSIGNMENT):
            properties = document.body["properties"]
            if _named(properties.get("principals"), ids | {EVERYONE}) and not _named(
                properties.get("excludePrincipals"), ids
            ):
                yield Denial(
                    folded(document.scope),
                    document.id,
                    properties.get("denyAssignmentName", document.name),
                    _denied(properties),
                    here_only=bool(properties.get("doNotApplyToChildScopes")),
                )


def _denied(properties: dict[str, Any]) -> tuple[Permission, ...]:
    """What a deny assignment denies; one that a caller made never keeps anybody from finding and removing it."""
    listed = permissions_of(properties["permissions"])
    if properties.get("isSystemProtected") is not False:
        return listed
    return tuple(replace(each, not_actions=(*each.not_actions, *_ALWAYS_LEFT)) for each in listed)


def custom_role_id(guid: str) -> str:
    """The id under which a custom role is kept, wherever it may be assigned."""
    return f"/providers/{ROLE_DEFINITION}/{guid.lower()}"


def custom_role(document: Document) -> RoleDefinition:
    """The role that a document defines."""
    properties = document.body["properties"]
    return RoleDefinition(
        document.name.lower(),
        properties["roleName"],
        permissions_of(properties["permissions"]),
        tuple(properties["assignableScopes"]),
    )


def role_id_of(properties: dict[str, Any]) -> str:
    """The GUID of the role that a role assignment gives."""
    return str(properties["roleDefinitionId"]).rpartition("/")[2].lower()


def _named(principals: Sequence[dict[str, Any]] | None, ids: frozenset[str]) -> bool:
    return any(str(each.get("id")).lower() in ids for each in principals or ())


def _refuse(principal: Principal, access: PrincipalAccess, action: str, scope: str, *, data: bool) -> NoReturn:
    denial = access.denied_by(action, scope, data=data)
    if denial is not None and access.granted_by(action, scope, data=data) is not None:
        raise Forbidden(
            "DenyAssignmentAuthorizationFailed",
            f"The client '{principal.name}' with object id '{principal.object_id}' has permission to perform action "
            f"'{action}' on scope '{scope}'; however, the access is denied because of the deny assignment with name "
            f"'{denial.name}' and Id '{denial.id.rpartition('/')[2]}' at scope '{denial.scope}'.",
        )
    raise Forbidden(
        "AuthorizationFailed",
        f"The client '{principal.name}' with object id '{principal.object_id}' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
        "granted, please refresh your credentials.",
    )
