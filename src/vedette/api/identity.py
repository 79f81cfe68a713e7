"""What the server's own command asks of its directory beside Microsoft Graph: new keys to sign tokens with."""

from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.authentication import authenticate
from vedette.api.graph_permissions import check
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services

_PERMISSIONS: Final = frozenset({"Directory.ReadWrite.All"})


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/identity/rotateKeys`, for whoever may change all of the directory."""

    async def rotate_keys(request: Request) -> Response:
        principal = await authenticate(request, services)
        check(services, principal, _PERMISSIONS)
        key = await run_sync(services.tokens.keys.rotate)
        return JsonResponse({"kid": key.kid})

    return [Route("/vedette/identity/rotateKeys", rotate_keys, methods=["POST"])]
