"""What one principal may do: the roles that it holds and where, less what is denied to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.access.role_definitions import Permission, RoleDefinition
from vedette.access.scopes import folded, within

_MOST_KEPT = 2048


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that is held: `scope` is the folded id where it is assigned, `assignment` the assignment's id."""

    scope: str
    role: RoleDefinition
    assignment: str
    principal_id: str
    principal_type: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A deny assignment that concerns the principal; with `here_only` it does not reach below its folded `scope`."""

    scope: str
    id: str
    name: str
    permissions: tuple[Permission, ...]
    here_only: bool = False

    def reaches(self, scope: str) -> bool:
        """Whether a folded id is denied anything by it."""
        return scope == self.scope if self.here_only else within(self.scope, scope)


class PrincipalAccess:
    """Asked for one principal, and true as long as no assignment changes. Safe in any thread.

    A deny assignment stands above every role:
    https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
    """

    def __init__(self, grants: Sequence[Grant], denials: Sequence[Denial] = ()) -> None:
        self._grants = tuple(grants)
        self._denials = tuple(denials)
        self._of_action: dict[tuple[str, bool], tuple[tuple[Grant, ...], tuple[Denial, ...]]] = {}

    def allows(self, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether `action` (`Microsoft.X/type/read`) may be done at the ARM id `scope`; `data` for a data action."""
        at, (grants, denials) = folded(scope), self._about(action, data)
        return any(within(each.scope, at) for each in grants) and not any(each.reaches(at) for each in denials)

    def granted_by(self, action: str, scope: str, *, data: bool = False) -> Grant | None:
        """A grant of `action` at `scope`, whatever is denied."""
        at = folded(scope)
        return next((each for each in self._about(action, data)[0] if within(each.scope, at)), None)

    def denied_by(self, action: str, scope: str, *, data: bool = False) -> Denial | None:
        """A denial of `action` at `scope`."""
        at = folded(scope)
        return next((each for each in self._about(action, data)[1] if each.reaches(at)), None)

    def scopes_of(self, action: str) -> list[str]:
        """The folded ids at which roles that grant `action` are held, whatever is denied."""
        return [each.scope for each in self._about(action, False)[0]]

    def has_role(self, scope: str) -> bool:
        """Whether any role is held at `scope`, inherited ones included."""
        return bool(self.grants_at(scope))

    def has_role_in(self, scope: str) -> bool:
        """Whether any role is held at `scope`, above it or on anything in it."""
        at = folded(scope)
        return any(within(each.scope, at) or within(at, each.scope) for each in self._grants)

    def grants_at(self, scope: str) -> list[Grant]:
        """The roles held at `scope`, inherited ones included."""
        at = folded(scope)
        return [each for each in self._grants if within(each.scope, at)]

    def _about(self, action: str, data: bool) -> tuple[tuple[Grant, ...], tuple[Denial, ...]]:
        """The grants and denials of an action, wherever they are; worked out once for each action."""
        known = self._of_action.get((action, data))
        if known is None:
            if len(self._of_action) >= _MOST_KEPT:
                self._of_action.clear()
            known = (
                tuple(each for each in self._grants if each.role.grants(action, data=data)),
                tuple(each for each in self._denials if any(p.covers(action, data=data) for p in each.permissions)),
            )
            self._of_action[action, data] = known
        return known
