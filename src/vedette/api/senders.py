"""Who may send to a workspace: holders of a token with the data action, and of the workspace's shared key.

A program that ships logs for years has no use for a token of an hour; the key is what it already has for the Data
Collector. It comes as Basic (workspace id and key) or, as Elasticsearch's clients send it, as ApiKey.
"""

import base64
import binascii
import hmac
from typing import Final

from starlette.requests import Request

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize, has_key
from vedette.api.services import Services
from vedette.core.errors import NotFound, Unauthenticated

WRITE: Final = "Microsoft.Insights/Telemetry/Write"
"""The data action that lets a token's holder send, at the workspace; Monitoring Metrics Publisher has it."""


async def sending_workspace(request: Request, services: Services) -> Workspace:
    """The workspace of the path's `workspace_id`, for a caller who may send to it.

    Raises Unauthenticated, Forbidden, NotFound.
    """
    workspace = services.workspaces.by_id(request.path_params["workspace_id"])
    if has_key(request.scope):
        if workspace is None or not _is_key_of(request.headers["authorization"], workspace):
            raise Unauthenticated(
                "AuthenticationFailed", "Authentication failed. The user is the workspace's id, the password its key."
            )
        return workspace
    principal = await authenticate(request, services)
    if workspace is None:
        raise NotFound("WorkspaceNotFoundError", "There is no such workspace here.")
    authorize(services, principal, action=WRITE, scope=workspace.resource_id, data=True)
    return workspace


def _is_key_of(authorization: str, workspace: Workspace) -> bool:
    """Whether the credential `base64(id:key)` is one of the workspace's two; compared in constant time."""
    try:
        given = base64.b64decode(authorization.partition(" ")[2].strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    id, _, key = given.partition(b":")
    matches = [
        hmac.compare_digest(known.encode(), key) for known in (workspace.primary_key, workspace.secondary_key) if known
    ]
    return id.lower() == workspace.id.lower().encode() and any(matches)
