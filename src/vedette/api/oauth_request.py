"""What requests to the login surface are read for: the tenant, the query, the form, and whether they came over TLS."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from vedette.access.directory_defaults import DEFAULT_DOMAIN
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.services import Services

V1, V2 = "1.0", "2.0"
TENANT_ALIASES = frozenset({"common", "organizations", "adfs", DEFAULT_DOMAIN})

_MOST_FIELDS = 100


def tenant_of(request: Request, services: Services) -> str:
    """The tenant as the path names it, in lower case. Raises OAuthError for one that is not here."""
    tenant: str = request.path_params["tenant"]
    if tenant.lower() not in TENANT_ALIASES and tenant.lower() != services.estate.tenant_id:
        raise OAuthError(Aadsts.TENANT_NOT_FOUND, tenant)
    return tenant.lower()


def require_tls(request: Request) -> None:
    """A password is not typed into a page that came in the clear, on loopback neither. Raises OAuthError."""
    if request.url.scheme != "https":
        raise OAuthError(Aadsts.NEEDS_TLS)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form. Raises OAuthError for what is none, and for a field that is there twice."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise OAuthError(Aadsts.NOT_A_FORM)
    body = await read_body(request, MEGABYTE)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise OAuthError(Aadsts.NOT_A_FORM) from error
    return _once(pairs)


def query_of(request: Request) -> dict[str, str]:
    """The parameters of the query. Raises OAuthError for one that is there twice."""
    return _once(request.query_params.multi_items())


def required(form: Mapping[str, str], name: str, called: str | None = None) -> str:
    """A field's value. Raises OAuthError where it is absent or empty."""
    value = form.get(name, "")
    if not value:
        raise OAuthError(Aadsts.MISSING_PARAMETER, called or name)
    return value


def client_capabilities(form: Mapping[str, str]) -> list[str]:
    """What `claims` says that the client can do, such as `CP1`: it understands challenges for other claims.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge. Raises OAuthError for what is no JSON object.
    """
    text = form.get("claims", "")
    if not text:
        return []
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OAuthError(Aadsts.BAD_CLAIMS) from error
    match asked:
        case {"access_token": {"xms_cc": {"values": [*values]}}}:
            return [str(value) for value in values[:10]]
        case dict():
            return []
        case _:
            raise OAuthError(Aadsts.BAD_CLAIMS)


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise OAuthError(Aadsts.REPEATED_PARAMETER, name)
        form[name] = value
    return form
