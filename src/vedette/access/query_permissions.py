"""Which log tables a caller may read: all of a workspace, some of it, or those of a resource.

https://learn.microsoft.com/azure/azure-monitor/logs/manage-access and …/logs/granular-rbac-log-analytics
"""

from typing import Final

from vedette.access.principals import Principal
from vedette.access.roles import Roles

READ_WORKSPACE: Final = "Microsoft.OperationalInsights/workspaces/query/read"
"""The action of asking a workspace anything at all."""

_READ_TABLE: Final = "Microsoft.OperationalInsights/workspaces/query/{table}/read"
_READ_DATA: Final = "Microsoft.OperationalInsights/workspaces/tables/data/read"
_READ_OF_RESOURCE: Final = "Microsoft.Insights/logs/{table}/read"


class QueryPermissions:
    """What one caller may read, from the roles that it holds now. Made for a request and not kept."""

    def __init__(self, roles: Roles, principal: Principal) -> None:
        self._access = roles.access(principal)

    def may_query(self, workspace: str) -> bool:
        """Whether the workspace of an ARM id may be asked; which of its tables is another question."""
        return self._access.allows(READ_WORKSPACE, workspace)

    def may_read(self, workspace: str, table: str) -> bool:
        """Whether the table of a workspace may be read, by a role for the workspace, or for this table in it."""
        place = f"{workspace}/tables/{table}"
        return self._access.allows(_READ_TABLE.format(table=table), place) or self._access.allows(
            _READ_DATA, place, data=True
        )

    def has_role(self, resource_id: str) -> bool:
        """Whether the caller holds any role at all for a resource; which of its rows that opens is another question."""
        return self._access.has_role(resource_id)

    def may_read_of(self, resource_id: str, table: str) -> bool:
        """Whether of a table the rows of a resource may be read, whichever workspace they are in."""
        return self._access.allows(_READ_OF_RESOURCE.format(table=table), resource_id)
