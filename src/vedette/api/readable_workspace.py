"""The workspace that a request to one of Vedette's own APIs names, for a caller who may query it."""

from starlette.requests import Request

from vedette.access.query_permissions import READ_WORKSPACE as READ
from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.services import Services
from vedette.core.errors import NotFound


async def readable_workspace(request: Request, services: Services) -> Workspace:
    """The workspace of the path's `workspace_id`. Raises Unauthenticated, NotFound, Forbidden."""
    principal = await authenticate(request, services)
    workspace = services.workspaces.by_id(request.path_params["workspace_id"])
    if workspace is None:
        raise NotFound("WorkspaceNotFoundError", "There is no such workspace here.")
    authorize(services, principal, action=READ, scope=workspace.resource_id)
    return workspace
