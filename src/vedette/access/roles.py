"""Role assignments and the one question they answer: may this principal do this here? Denied unless a role grants it.

Rules: https://learn.microsoft.com/azure/role-based-access-control/role-definitions and …/scope-overview.
"""

import re
from functools import lru_cache

from vedette.access.principals import Principal
from vedette.access.role_definitions import BUILT_IN_ROLES, RoleDefinition
from vedette.core.errors import Forbidden
from vedette.core.ids import derived_id
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore

ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_DEFINITIONS = {definition.id: definition for definition in BUILT_IN_ROLES}


class Roles:
    """The assignments of the tenant, kept as state documents of type Microsoft.Authorization/roleAssignments."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def check(self, principal: Principal, action: str, scope: str, *, data: bool = False) -> None:
        """Return if `principal` may do `action` (`Microsoft.X/type/read`) at the ARM id `scope`.

        `data` asks for a data action. Raises Forbidden (code AuthorizationFailed).
        """
        if not self.allows(principal, action, scope, data=data):
            raise Forbidden(
                "AuthorizationFailed",
                f"The client '{principal.name}' with object id '{principal.object_id}' does not have authorization to "
                f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
                "granted, please refresh your credentials.",
            )

    def allows(self, principal: Principal, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether any role that `principal` holds at `scope` or above it grants `action`."""
        return any(grants(role, action, data=data) for role in self.roles(principal, scope))

    def roles(self, principal: Principal, scope: str) -> list[RoleDefinition]:
        """The roles that `principal` holds at `scope`, inherited ones included."""
        return [role for assigned, role in self.held(principal) if covers(assigned, scope)]

    def held(self, principal: Principal) -> list[tuple[str, RoleDefinition]]:
        """The roles that `principal` holds anywhere, each with the ARM id where it is assigned."""
        assignments = self._state.list(
            ROLE_ASSIGNMENT, where=Compare(("properties", "principalId"), "eq", principal.object_id)
        )
        given = ((assignment.scope, _definition(assignment)) for assignment in assignments)
        return [(scope, role) for scope, role in given if role is not None]

    def assign(self, principal: Principal, role: RoleDefinition, scope: str) -> Document:
        """Give `principal` the role at `scope`; doing it again changes nothing."""
        name = derived_id("role assignment", principal.object_id, role.id, _folded(scope))
        id = f"{scope.rstrip('/')}/providers/{ROLE_ASSIGNMENT}/{name}"
        kept = self._state.get(id)
        if kept is not None:
            return kept
        properties = {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role.id}",
            "principalId": principal.object_id,
            "principalType": "ServicePrincipal",
            "scope": scope,
        }
        with self._state.transaction() as transaction:
            document, _ = transaction.put(
                id=id, type=ROLE_ASSIGNMENT, scope=_folded(scope), name=name, body={"properties": properties}
            )
        return document


def covers(assigned: str, scope: str) -> bool:
    """Whether an assignment at the ARM id `assigned` reaches `scope`: the same, or above it by whole segments."""
    above, below = _folded(assigned), _folded(scope)
    return above == "/" or below == above or below.startswith(f"{above}/")


def grants(role: RoleDefinition, action: str, *, data: bool = False) -> bool:
    """Whether the role's actions contain `action` and its exclusions do not; they never reach another role."""
    granted, excluded = (role.data_actions, role.not_data_actions) if data else (role.actions, role.not_actions)
    return _matches_any(granted, action) and not _matches_any(excluded, action)


def _matches_any(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """`*` stands for any run of characters, slashes included; letter case does not matter."""
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE | re.DOTALL)


def _folded(scope: str) -> str:
    return "/" + scope.strip("/").lower()


def _definition(assignment: Document) -> RoleDefinition | None:
    """The role an assignment gives: none if it is not built in, or given under a condition, which is not evaluated."""
    properties = assignment.body["properties"]
    if properties.get("condition"):
        return None
    role_id = str(properties["roleDefinitionId"])
    return _DEFINITIONS.get(role_id.rpartition("/")[2].lower())
