"""The login surface: OpenID discovery, the signing key, and tokens for client credentials with a secret.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow; the v1 endpoint takes
`resource` where v2 takes `scope`, and writes its numbers as text.
"""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.tokens import ALGORITHM, LIFETIME
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.json_response import JsonResponse
from vedette.api.oauth_errors import Aadsts, OAuthError, refusal
from vedette.api.services import Services

TENANT_ALIASES = frozenset({"common", "organizations", "adfs"})

_V1, _V2 = "1.0", "2.0"
_NOT_CACHED = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
_IDENTITY_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_Handler = Callable[[Request, Services], Awaitable[Response]]


def routes(services: Services) -> list[BaseRoute]:
    """The routes of the login surface; all of them are open, for this is where a token is got."""

    def answered(handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request, services)
            except OAuthError as error:
                return _refusal(request, services, error)

        return endpoint

    return [
        Route("/common/discovery/instance", answered(_instance)),
        Route("/{tenant}/.well-known/openid-configuration", answered(_discovery_v1)),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", answered(_discovery_v2)),
        Route("/{tenant}/discovery/keys", answered(_keys)),
        Route("/{tenant}/discovery/v2.0/keys", answered(_keys)),
        Route("/{tenant}/oauth2/token", answered(_token_v1), methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/token", answered(_token_v2), methods=["POST"]),
    ]


def _refusal(request: Request, services: Services, error: OAuthError) -> Response:
    asked = request.headers.get("client-request-id", "")
    return refusal(
        error,
        trace_id=request.state.request_id,
        correlation_id=asked if _GUID.fullmatch(asked) else request.state.request_id,
        now=services.wall_clock.now(),
    )


async def _instance(request: Request, services: Services) -> Response:
    """What msal asks about an authority that it does not know by name."""
    base = _base(request, services)
    endpoint = request.query_params.get("authorization_endpoint", "")
    tenant = urlsplit(endpoint).path.strip("/").partition("/")[0] or "common"
    host = urlsplit(base).netloc
    return JsonResponse(
        {
            "tenant_discovery_endpoint": f"{base}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }
    )


async def _discovery_v1(request: Request, services: Services) -> Response:
    return _discovery(request, services, _V1)


async def _discovery_v2(request: Request, services: Services) -> Response:
    return _discovery(request, services, _V2)


def _discovery(request: Request, services: Services, version: str) -> Response:
    """https://openid.net/specs/openid-connect-discovery-1_0.html, with the fields that Azure adds."""
    tenant = _tenant(request, services)
    base = _base(request, services)
    suffix = "" if version == _V1 else "/v2.0"
    return JsonResponse(
        {
            "issuer": services.tokens.issuer(base, version),
            "authorization_endpoint": f"{base}/{tenant}/oauth2{suffix}/authorize",
            "token_endpoint": f"{base}/{tenant}/oauth2{suffix}/token",
            "device_authorization_endpoint": f"{base}/{tenant}/oauth2{suffix}/devicecode",
            "end_session_endpoint": f"{base}/{tenant}/oauth2{suffix}/logout",
            "userinfo_endpoint": f"{base}/oidc/userinfo",
            "jwks_uri": f"{base}/{tenant}/discovery{suffix}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["token"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": sorted(_IDENTITY_SCOPES),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "tid", "oid", "appid", "azp", "ver"],
            "tenant_region_scope": None,
            "cloud_instance_name": urlsplit(base).netloc,
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }
    )


async def _keys(request: Request, services: Services) -> Response:
    _tenant(request, services)
    return JsonResponse(services.tokens.jwks())


async def _token_v1(request: Request, services: Services) -> Response:
    _tenant(request, services)
    form = await _form(request)
    principal = await _client(request, services, form)
    # ADFS-style clients send a scope to this endpoint.
    audience = form["resource"] if form.get("resource") else _scope_audience(_required(form, "scope", "resource"))
    _known(services, audience)
    token = services.tokens.issue(principal, audience, base=_base(request, services), version=_V1)
    lifetime = str(int(LIFETIME.total_seconds()))
    return JsonResponse(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "expires_on": str(token.expires),
            "not_before": str(token.not_before),
            "resource": token.audience,
            "access_token": token.text,
        },
        headers=_NOT_CACHED,
    )


async def _token_v2(request: Request, services: Services) -> Response:
    _tenant(request, services)
    form = await _form(request)
    principal = await _client(request, services, form)
    audience = _scope_audience(_required(form, "scope"))
    _known(services, audience)
    token = services.tokens.issue(principal, audience, base=_base(request, services), version=_V2)
    lifetime = int(LIFETIME.total_seconds())
    return JsonResponse(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token.text,
        },
        headers=_NOT_CACHED,
    )


def _tenant(request: Request, services: Services) -> str:
    tenant: str = request.path_params["tenant"]
    if tenant.lower() not in TENANT_ALIASES and tenant.lower() != services.estate.tenant_id:
        raise OAuthError(Aadsts.TENANT_NOT_FOUND, tenant)
    return tenant.lower()


def _base(request: Request, services: Services) -> str:
    return services.addresses.base(request.headers.get("host"))


async def _form(request: Request) -> dict[str, str]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise OAuthError(Aadsts.NOT_A_FORM)
    body = await read_body(request, MEGABYTE)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=100)
    except ValueError as error:
        raise OAuthError(Aadsts.NOT_A_FORM) from error
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise OAuthError(Aadsts.REPEATED_PARAMETER, name)
        form[name] = value
    return form


def _required(form: Mapping[str, str], name: str, called: str | None = None) -> str:
    value = form.get(name, "")
    if not value:
        raise OAuthError(Aadsts.MISSING_PARAMETER, called or name)
    return value


async def _client(request: Request, services: Services, form: Mapping[str, str]) -> Principal:
    """The client whose id and secret the form, or HTTP Basic, holds."""
    grant = _required(form, "grant_type")
    if grant != "client_credentials":
        raise OAuthError(Aadsts.UNSUPPORTED_GRANT, grant)
    basic_id, basic_secret = _basic(request)
    client_id = basic_id or _required(form, "client_id")
    secret = basic_secret or form.get("client_secret", "")
    principal = services.directory.service_principal(client_id)
    if principal is None:
        raise OAuthError(Aadsts.UNKNOWN_APPLICATION, client_id, services.estate.tenant_id)
    if not secret:
        raise OAuthError(Aadsts.UNSUPPORTED_CREDENTIAL if "client_assertion" in form else Aadsts.MISSING_SECRET)
    if not await run_sync(services.directory.has_secret, client_id, secret):
        raise OAuthError(Aadsts.WRONG_SECRET, client_id)
    return principal


def _basic(request: Request) -> tuple[str, str]:
    """The id and secret of an HTTP Basic header, form-encoded inside as RFC 6749 §2.3.1 has it; empty without one."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError(Aadsts.MISSING_SECRET) from error
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _scope_audience(scope: str) -> str:
    """The resource of `<resource>/.default`; its own final slash, if it has one, stays."""
    resources = [name for name in scope.split() if name not in _IDENTITY_SCOPES]
    if len(resources) != 1 or not resources[0].endswith("/.default"):
        raise OAuthError(Aadsts.BAD_SCOPE, scope)
    return resources[0].removesuffix("/.default")


def _known(services: Services, audience: str) -> None:
    if not services.tokens.accepts_audience(audience):
        raise OAuthError(Aadsts.UNKNOWN_RESOURCE, audience, services.estate.tenant_id)
