"""The login surface: where tokens are got, by programs and by people; its handlers are in the `oauth_*` modules.

https://learn.microsoft.com/entra/identity-platform/v2-protocols; the first version of each endpoint has no
`v2.0` in its path.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.principals import PrincipalKind
from vedette.access.token_claims import pairwise_subject
from vedette.api.authentication import authenticate
from vedette.api.json_response import JsonResponse
from vedette.api.oauth_authorize import authorize, log_out
from vedette.api.oauth_device import device_auth, device_code
from vedette.api.oauth_discovery import discovery, instance, keys, user_realm
from vedette.api.oauth_errors import Aadsts, OAuthError, refusal
from vedette.api.oauth_request import V1, V2
from vedette.api.oauth_token import token
from vedette.api.services import Services
from vedette.api.sign_in_pages import message_page
from vedette.core.ids import GUID

_Handler = Callable[[Request, Services], Awaitable[Response]]
_Refusal = Callable[[Request, Services, OAuthError], Response]


def routes(services: Services) -> list[BaseRoute]:
    """The routes of the login surface; all of them are open, for this is where a token is got."""

    def answered(handler: _Handler, refused: _Refusal = _as_json) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request, services)
            except OAuthError as error:
                return refused(request, services, error)

        return endpoint

    def both(
        path: str, handler: Callable[[Request, Services, str], Awaitable[Response]], page: bool = False
    ) -> list[Route]:
        """An endpoint that takes a posted form, in both versions; a page is got, and posts to itself."""
        methods = ["GET", "POST"] if page else ["POST"]
        refused = _as_page if page else _as_json
        return [
            Route(
                f"/{{tenant}}/oauth2{infix}/{path}", answered(partial(_of, handler, version), refused), methods=methods
            )
            for infix, version in (("", V1), ("/v2.0", V2))
        ]

    return [
        Route("/common/discovery/instance", answered(instance)),
        Route("/common/userrealm/{user}", answered(user_realm)),
        Route("/{tenant}/.well-known/openid-configuration", answered(partial(_of, discovery, V1))),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", answered(partial(_of, discovery, V2))),
        Route("/{tenant}/discovery/keys", answered(keys)),
        Route("/{tenant}/discovery/v2.0/keys", answered(keys)),
        *both("token", token),
        *both("devicecode", device_code),
        *both("authorize", authorize, page=True),
        Route("/{tenant}/oauth2/deviceauth", answered(device_auth, _as_page), methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/logout", answered(log_out, _as_page)),
        Route("/{tenant}/oauth2/v2.0/logout", answered(log_out, _as_page)),
    ]


def closed_routes(services: Services) -> list[BaseRoute]:
    """Who the bearer of a token is: https://learn.microsoft.com/entra/identity-platform/userinfo. It needs no role,
    for it tells nothing that the token does not."""

    async def user_info(request: Request) -> Response:
        principal = await authenticate(request, services)
        claims = {
            "sub": pairwise_subject(principal, principal.application_id or ""),
            "name": principal.name,
        }
        if principal.kind is PrincipalKind.USER:
            claims["preferred_username"] = principal.user_name or principal.name
        return JsonResponse(claims)

    return [Route("/oidc/userinfo", user_info, methods=["GET", "POST"])]


async def _of(
    handler: Callable[[Request, Services, str], Awaitable[Response]],
    version: str,
    request: Request,
    services: Services,
) -> Response:
    return await handler(request, services, version)


def _as_json(request: Request, services: Services, error: OAuthError) -> Response:
    asked = request.headers.get("client-request-id", "")
    return refusal(
        error,
        trace_id=request.state.request_id,
        correlation_id=asked if GUID.fullmatch(asked) else request.state.request_id,
        now=services.wall_clock.now(),
    )


def _as_page(_request: Request, _services: Services, error: OAuthError) -> Response:
    title = "This page cannot be shown here" if error.kind is Aadsts.NEEDS_TLS else "Sign-in cannot go on"
    return message_page(title, error.message, status=400)
