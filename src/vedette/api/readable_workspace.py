"""The workspace that a request to one of Vedette's own APIs names, and what its caller may read of it."""

from starlette.requests import Request

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate
from vedette.api.query_scope import of_workspace
from vedette.api.services import Services
from vedette.core.errors import NotFound
from vedette.logs.scope import QueryScope


async def named_workspace(request: Request, services: Services) -> tuple[Principal, Workspace]:
    """The caller, and the workspace of the path's `workspace_id`, whatever may be done there. Raises Unauthenticated,
    NotFound."""
    principal = await authenticate(request, services)
    workspace = services.workspaces.by_id(request.path_params["workspace_id"])
    if workspace is None:
        raise NotFound("WorkspaceNotFoundError", "There is no such workspace here.")
    return principal, workspace


async def readable_workspace(request: Request, services: Services) -> QueryScope:
    """The workspace of the path's `workspace_id`, with the tables that the caller may query. Raises Unauthenticated,
    NotFound, Forbidden."""
    principal, workspace = await named_workspace(request, services)
    return of_workspace(services, principal, workspace).scope
