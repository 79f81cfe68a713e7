"""Which program a request to the token endpoint is from, and the proof that it is that one."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request

from vedette.access.client_assertions import ASSERTION_TYPE, BadAssertion
from vedette.access.directory_objects import principal_of
from vedette.access.oauth_clients import OAuthClient, find_client
from vedette.access.principals import Principal
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.oauth_request import TENANT_ALIASES, required
from vedette.api.request_addresses import address_of
from vedette.api.services import Services

_ASSERTION_ERRORS = {
    BadAssertion.UNKNOWN_KEY: Aadsts.ASSERTION_UNKNOWN_KEY,
    BadAssertion.SIGNATURE: Aadsts.ASSERTION_UNKNOWN_KEY,
    BadAssertion.EXPIRED_CERTIFICATE: Aadsts.ASSERTION_UNKNOWN_KEY,
    BadAssertion.TIMES: Aadsts.ASSERTION_TIMES,
    BadAssertion.AUDIENCE: Aadsts.ASSERTION_AUDIENCE,
    BadAssertion.CLIENT: Aadsts.ASSERTION_CLIENT,
}


def client_of(services: Services, client_id: str) -> OAuthClient:
    """The program of a client id. Raises OAuthError for an unknown or disabled one."""
    client = find_client(services.directory, client_id, services.addresses.own())
    if client is None:
        raise OAuthError(Aadsts.UNKNOWN_APPLICATION, client_id, services.estate.tenant_id)
    if not all(holder.is_enabled for holder in client.holders):
        raise OAuthError(Aadsts.DISABLED_APPLICATION, client.id)
    return client


async def proven_client(
    request: Request, services: Services, form: Mapping[str, str], *, secret_needed: bool
) -> tuple[OAuthClient, bool]:
    """The program that sent a form, and whether it proved so with a secret or a certificate.

    With `secret_needed` it must have. Raises OAuthError.
    """
    basic_id, basic_secret = _basic(request)
    if basic_id and form.get("client_id", basic_id).lower() != basic_id.lower():
        raise OAuthError(Aadsts.TWO_CLIENTS)
    client = client_of(services, basic_id or required(form, "client_id"))
    secret, assertion = basic_secret or form.get("client_secret", ""), form.get("client_assertion", "")
    if not secret and not assertion:
        if secret_needed:
            raise OAuthError(Aadsts.MISSING_SECRET)
        return client, False
    if not client.holders:
        raise OAuthError(Aadsts.PUBLIC_CLIENT)
    if assertion:
        _check_assertion(services, client, form, assertion)
    else:
        address = address_of(request)
        if services.sign_ins.client_failures.is_locked(client.id, address, services.wall_clock.now()):
            raise OAuthError(Aadsts.CLIENT_LOCKED)
        await services.secret_checks.run(_check_secret, services, client, secret, address)
    return client, True


def principal_of_client(services: Services, client: OAuthClient) -> Principal:
    """A program that proved who it is, as a caller in its own name."""
    _, principal = client.holders
    return principal_of(principal, services.estate.tenant_id, services.directory.groups_of(principal.id))


def _check_secret(services: Services, client: OAuthClient, secret: str, address: str) -> None:
    failures = services.sign_ins.client_failures
    state = services.directory.secret_state(client.holders, secret)
    if state == "valid":
        failures.succeeded(client.id, address)
    else:
        failures.failed(client.id, address, services.wall_clock.now())
        raise OAuthError(Aadsts.EXPIRED_SECRET if state == "expired" else Aadsts.WRONG_SECRET, client.id)


def _check_assertion(services: Services, client: OAuthClient, form: Mapping[str, str], assertion: str) -> None:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError(Aadsts.BAD_ASSERTION_TYPE, ASSERTION_TYPE)
    problem = services.sign_ins.assertions.problem(
        assertion,
        client_id=client.id,
        holders=client.holders,
        audiences=_audiences(services),
        now=services.wall_clock.now(),
    )
    if problem is not None:
        raise OAuthError(_ASSERTION_ERRORS.get(problem, Aadsts.BAD_ASSERTION), problem.value)


def _audiences(services: Services) -> frozenset[str]:
    """What an assertion may be for: the token endpoints and authorities of this tenant, at every address of ours."""
    tenants = (*TENANT_ALIASES, services.estate.tenant_id)
    bases = (*services.addresses.own(), "https://login.microsoftonline.com", "https://login.windows.net")
    endings = ("", "/v2.0", "/oauth2/token", "/oauth2/v2.0/token")
    named = {f"{base}/{tenant}{ending}" for base in bases for tenant in tenants for ending in endings}
    return frozenset(named | {f"https://sts.windows.net/{services.estate.tenant_id}"})


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
