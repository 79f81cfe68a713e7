"""What a query request is asked of, for its caller: a workspace, several, or a resource wherever its rows are.

https://learn.microsoft.com/azure/azure-monitor/logs/api/cross-workspace-queries and …/azure-resource-queries
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vedette.access.principals import Principal
from vedette.access.query_permissions import READ_WORKSPACE, QueryPermissions
from vedette.access.workspaces import Workspace, Workspaces
from vedette.api.query_request import invalid
from vedette.api.services import Services
from vedette.core.errors import Forbidden, NotFound
from vedette.logs.intake import workspace_of_schema
from vedette.logs.scope import QueryScope
from vedette.logs.tables import built_in_names
from vedette.sentinel.subscriptions import LOCATION

MOST_WORKSPACES: Final = 100

_WORKSPACE_TYPE: Final = "/providers/microsoft.operationalinsights/workspaces/"
_SCOPE = re.compile(r"/subscriptions/[^/]+(/resourcegroups/[^/]+)?(/providers(/[^/]+){3,})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a query goes: the scope that it runs over, and the workspaces in that, the one of the path first."""

    scope: QueryScope
    workspaces: tuple[Workspace, ...]
    permissions: QueryPermissions

    def data_sources(self, read: Iterable[tuple[str, str]], workspaces: Workspaces) -> list[dict[str, Any]]:
        """Which workspaces' tables (as schema and name) were read: of each what was read in it."""
        tables: dict[str, list[str]] = {}
        for schema, table in read:
            tables.setdefault(workspace_of_schema(schema), []).append(table)
        found = ((workspaces.by_id(id), names) for id, names in tables.items())
        return [
            {"resourceId": workspace.resource_id, "region": LOCATION, "tables": names}
            for workspace, names in found
            if workspace is not None
        ]

    def permissions_told(self) -> dict[str, Any]:
        """The workspaces and the resource that were asked for, with the tables in them that may not be read."""
        told: dict[str, Any] = {"workspaces": [self._told(workspace) for workspace in self.readable_workspaces()]}
        if self.scope.under:
            told["resources"] = [{"resourceId": self.scope.under}]
        return told

    def readable_workspaces(self) -> list[Workspace]:
        """The workspaces that the caller may ask themselves; of others a resource opens tables, and no more."""
        return [each for each in self.workspaces if self.permissions.may_query(each.resource_id)]

    def _told(self, workspace: Workspace) -> dict[str, Any]:
        may_read = self.scope.may_read_table
        denied = [name for name in sorted(built_in_names()) if not may_read(workspace.id, name)]
        return {"resourceId": workspace.resource_id} | ({"denyTables": denied} if denied else {})


def of_workspace(services: Services, principal: Principal, workspace: Workspace, others: Sequence[str] = ()) -> Asked:
    """A workspace together with `others`, by name, qualified name, GUID or ARM id, each under the caller's permission.

    Raises InvalidInput for a name that means none or several, Forbidden (AuthorizationFailed).
    """
    permissions = QueryPermissions(services.roles, principal)
    found = {workspace.id.lower(): workspace}
    for name in others:
        other = _named(services, permissions, name)
        found[other.id.lower()] = other
    if len(found) > MOST_WORKSPACES:
        raise invalid(f"A query is asked of at most {MOST_WORKSPACES} workspaces.", "TooManyWorkspaces", "workspaces")
    for each in found.values():
        _check(principal, permissions, each)
    return _asked(services, permissions, tuple(found.values()))


def of_resource(services: Services, principal: Principal, resource_id: str, others: Sequence[str] = ()) -> Asked:
    """A resource, a resource group or a subscription by its ARM id: the rows whose _ResourceId is that or below it, in
    all workspaces that the caller may query and those whose tables a role for the resource opens.

    Raises NotFound (ResourceNotFoundError) for what cannot have rows, and as `of_workspace` does for a workspace.
    """
    resource_id = "/" + resource_id.strip("/")
    workspace = services.workspaces.by_resource_id(resource_id)
    if workspace is not None:
        return of_workspace(services, principal, workspace, others)
    if _SCOPE.fullmatch(resource_id) is None or _is_workspace(resource_id):
        raise NotFound("ResourceNotFoundError", "The resource that the path names has no logs here.")
    if others:
        raise invalid("A query of a resource names no workspaces.", "UnsupportedWorkspaces", "workspaces")
    permissions = QueryPermissions(services.roles, principal)
    has_role = permissions.has_role(resource_id)
    workspaces = [each for each in services.workspaces.all() if has_role or permissions.may_query(each.resource_id)]
    if not workspaces:
        raise _forbidden(principal, resource_id)
    return _asked(services, permissions, tuple(workspaces), resource_id)


def workspace_named(services: Services, name: str) -> list[Workspace]:
    """The workspaces that a name means: a GUID, an ARM id, `subscription/group/name`, or a bare name."""
    wanted = name.strip().strip("/").lower()
    return [workspace for workspace in services.workspaces.all() if wanted in _names_of(workspace)]


def _asked(
    services: Services, permissions: QueryPermissions, workspaces: tuple[Workspace, ...], under: str = ""
) -> Asked:
    resource_ids = {workspace.id.lower(): workspace.resource_id for workspace in workspaces}

    def may_read_table(workspace_id: str, table: str) -> bool:
        resource_id = resource_ids.get(workspace_id.lower())
        if resource_id is None:
            other = services.workspaces.by_id(workspace_id)
            resource_id = "" if other is None else other.resource_id
        may_ask = not under or permissions.may_query(resource_id)
        return (may_ask and permissions.may_read(resource_id, table)) or (
            bool(under) and permissions.may_read_of(under, table)
        )

    def other(name: str) -> str | None:
        found = [each for each in workspace_named(services, name) if permissions.may_query(each.resource_id)]
        return found[0].id if len(found) == 1 else None

    ids = tuple(workspace.id for workspace in workspaces)
    return Asked(QueryScope(ids, under, other, may_read_table), workspaces, permissions)


def _named(services: Services, permissions: QueryPermissions, name: str) -> Workspace:
    found = workspace_named(services, name)
    if not found:
        raise invalid(f"There is no workspace '{name[:200]}' here.", "UnknownWorkspace", "workspaces")
    readable = [each for each in found if permissions.may_query(each.resource_id)]
    if len(readable) > 1:
        message = f"There are several workspaces '{name[:200]}'. Name one by its GUID or its resource id."
        raise invalid(message, "AmbiguousWorkspace", "workspaces")
    return (readable or found)[0]


def _check(principal: Principal, permissions: QueryPermissions, workspace: Workspace) -> None:
    if not permissions.may_query(workspace.resource_id):
        raise _forbidden(principal, workspace.resource_id)


def _forbidden(principal: Principal, scope: str) -> Forbidden:
    return Forbidden(
        "AuthorizationFailed",
        f"The client '{principal.name}' with object id '{principal.object_id}' does not have authorization to perform "
        f"action '{READ_WORKSPACE}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )


def _is_workspace(resource_id: str) -> bool:
    """Whether the id names a workspace, or something below one."""
    return _WORKSPACE_TYPE in f"{resource_id.lower()}/"


def _names_of(workspace: Workspace) -> set[str]:
    resource_id = workspace.resource_id.strip("/")
    segments = resource_id.split("/")
    qualified = "/".join((segments[1], segments[3], workspace.name))
    return {name.lower() for name in (workspace.id, workspace.name, resource_id, qualified)}
