"""What clients read before they sign in: where everything is, what is served, and the keys that tokens are signed with.

https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from vedette.access.client_assertions import ALGORITHMS
from vedette.access.directory_defaults import DEFAULT_DOMAIN
from vedette.access.signing_keys import ALGORITHM
from vedette.api.json_response import JsonResponse
from vedette.api.oauth_request import V1, tenant_of
from vedette.api.oauth_scopes import IDENTITY_SCOPES
from vedette.api.oauth_token import GRANT_TYPES
from vedette.api.request_addresses import base_of
from vedette.api.services import Services


async def instance(request: Request, services: Services) -> Response:
    """What msal asks about an authority that it does not know by name."""
    base = base_of(request, services)
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


async def discovery(request: Request, services: Services, version: str) -> Response:
    """The OpenID configuration of a tenant. Raises OAuthError."""
    tenant, base = tenant_of(request, services), base_of(request, services)
    suffix = "" if version == V1 else "/v2.0"
    root = f"{base}/{tenant}/oauth2{suffix}"
    return JsonResponse(
        {
            "issuer": services.tokens.issuer(base, version),
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/token",
            "device_authorization_endpoint": f"{root}/devicecode",
            "end_session_endpoint": f"{root}/logout",
            "userinfo_endpoint": f"{base}/oidc/userinfo",
            "jwks_uri": f"{base}/{tenant}/discovery{suffix}/keys",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
                "private_key_jwt",
                "none",
            ],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "grant_types_supported": list(GRANT_TYPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": sorted(IDENTITY_SCOPES),
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nbf",
                "auth_time",
                "nonce",
                "tid",
                "oid",
                "appid",
                "azp",
                "ver",
                "name",
                "preferred_username",
                "upn",
                "groups",
                "roles",
            ],
            "claims_parameter_supported": True,
            "request_uri_parameter_supported": False,
            "http_logout_supported": False,
            "frontchannel_logout_supported": False,
            "tenant_region_scope": None,
            "cloud_instance_name": urlsplit(base).netloc,
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }
    )


async def keys(request: Request, services: Services) -> Response:
    """The JSON Web Key Set. Raises OAuthError."""
    tenant_of(request, services)
    return JsonResponse(services.tokens.jwks())


async def user_realm(request: Request, services: Services) -> Response:
    """Where a user signs in, which msal asks before it sends a password: here, in every case.

    It says nothing of whether there is such a user.
    """
    name: str = request.path_params["user"]
    domain = name.rpartition("@")[2] or DEFAULT_DOMAIN
    return JsonResponse(
        {
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain[:256],
            "cloud_instance_name": urlsplit(base_of(request, services)).netloc,
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }
    )
