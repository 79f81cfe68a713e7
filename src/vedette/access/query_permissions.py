"""Which log tables a caller may read: all of a workspace, some of it, or those of a resource.

https://learn.microsoft.com/azure/azure-monitor/logs/manage-access and …/logs/granular-rbac-log-analytics
"""

from collections.abc import Callable
from typing import Final

from vedette.access.principals import Principal
from vedette.access.role_definitions import RoleDefinition
from vedette.access.roles import Roles, covers, grants

READ_WORKSPACE: Final = "Microsoft.OperationalInsights/workspaces/query/read"
"""The action of asking a workspace anything at all."""

_READ_TABLE: Final = "Microsoft.OperationalInsights/workspaces/query/{table}/read"
_READ_DATA: Final = "Microsoft.OperationalInsights/workspaces/tables/data/read"
_READ_OF_RESOURCE: Final = "Microsoft.Insights/logs/{table}/read"


class QueryPermissions:
    """What one caller may read, from the roles that it holds now. Made for a request and not kept."""

    def __init__(self, roles: Roles, principal: Principal) -> None:
        self._held = roles.held(principal)
        self._known: dict[tuple[str, str], bool] = {}

    def may_query(self, workspace: str) -> bool:
        """Whether the workspace of an ARM id may be asked; which of its tables is another question."""
        return any(grants(role, READ_WORKSPACE) for role in self._at(workspace))

    def may_read(self, workspace: str, table: str) -> bool:
        """Whether the table of a workspace may be read, by a role for the workspace, or for this table in it."""
        action = _READ_TABLE.format(table=table)
        return self._once(
            f"{workspace}/tables/{table}",
            table,
            lambda role: grants(role, action) or grants(role, _READ_DATA, data=True),
        )

    def has_role(self, resource_id: str) -> bool:
        """Whether the caller holds any role at all for a resource; which of its rows that opens is another question."""
        return bool(self._at(resource_id))

    def may_read_of(self, resource_id: str, table: str) -> bool:
        """Whether of a table the rows of a resource may be read, whichever workspace they are in."""
        action = _READ_OF_RESOURCE.format(table=table)
        return self._once(resource_id, table, lambda role: grants(role, action))

    def _once(self, scope: str, table: str, is_enough: Callable[[RoleDefinition], bool]) -> bool:
        key = (scope, table)
        if key not in self._known:
            self._known[key] = any(is_enough(role) for role in self._at(scope))
        return self._known[key]

    def _at(self, scope: str) -> list[RoleDefinition]:
        return [role for assigned, role in self._held if covers(assigned, scope)]
