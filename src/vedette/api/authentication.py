"""The bearer check: no route answers without a token that verifies, except those that the app lists as open."""

from collections.abc import Sequence

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.access.principals import Principal
from vedette.access.tokens import Tokens
from vedette.api.planes import Plane, plane_of
from vedette.api.services import Services
from vedette.core.errors import Unauthenticated

_USER_INFO = "/oidc/userinfo"  # tells no more than the token, whatever that is for
_AT_A_TIME = 10  # tokens of other issuers, which may wait for these, on threads of their own
_KEY_SCHEMES = (b"basic ", b"apikey ")


class BearerCheck:
    """The middleware that lets a request through to a route that is not open only with a token.

    It comes before routing: a new route is closed without saying so, and an unknown path tells a stranger nothing.
    A request with a workspace's key is let through to `key_routes`, whose handlers check it (`senders.py`).
    """

    def __init__(
        self, app: ASGIApp, tokens: Tokens, open_routes: Sequence[BaseRoute], key_routes: Sequence[BaseRoute] = ()
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._open_routes = open_routes
        self._key_routes = key_routes
        self._limiter: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with `state.principal`. Raises Unauthenticated."""
        if scope["type"] == "http" and not self._is_open(scope):
            if self._limiter is None:
                self._limiter = CapacityLimiter(_AT_A_TIME)
            principal = await verified(self._tokens, bearer_token(Request(scope)), self._limiter)
            if scope["path"].lower() != _USER_INFO:
                self._tokens.check_plane(principal, is_graph=plane_of(scope["path"]) is Plane.GRAPH)
            scope.setdefault("state", {})["principal"] = principal
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        return _matches(scope, self._open_routes) or (has_key(scope) and _matches(scope, self._key_routes))


def _matches(scope: Scope, routes: Sequence[BaseRoute]) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


def has_key(scope: Scope) -> bool:
    """Whether the request comes with a workspace's key, as Basic or ApiKey, in place of a token."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    return len(values) == 1 and values[0].lower().startswith(_KEY_SCHEMES)


async def authenticate(request: Request, services: Services) -> Principal:
    """Whose request this is. Raises Unauthenticated."""
    principal = getattr(request.state, "principal", None)
    if isinstance(principal, Principal):
        return principal
    return await verified(services.tokens, bearer_token(request))


async def verified(tokens: Tokens, token: str, limiter: CapacityLimiter | None = None) -> Principal:
    """Whose token it is; another issuer may have to be asked for its keys meanwhile. Raises Unauthenticated."""
    return await run_sync(tokens.verify, token, limiter=limiter) if tokens.is_external(token) else tokens.verify(token)


def authorize(services: Services, principal: Principal, *, action: str, scope: str, data: bool = False) -> None:
    """Return if `principal` may do `action` at `scope`. Raises Forbidden."""
    services.roles.check(principal, action, scope, data=data)


def bearer_token(request: Request) -> str:
    """The token of the Authorization header. Raises Unauthenticated (code AuthenticationFailed)."""
    values = request.headers.getlist("authorization")
    if not values:
        raise Unauthenticated("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    if len(values) > 1:
        raise Unauthenticated("AuthenticationFailed", "Authentication failed. There are two 'Authorization' headers.")
    scheme, _, token = values[0].strip().partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated(
            "AuthenticationFailed", "Authentication failed. The 'Authorization' scheme must be Bearer."
        )
    if not token.strip():
        raise Unauthenticated("AuthenticationFailed", "Authentication failed. The bearer token is empty.")
    return token.strip()
