"""The token endpoint: a grant, checked, becomes an access token, and for people an id_token and a refresh token.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and its siblings; the first version takes
`resource` where the second takes `scope`, and writes its numbers as text.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from vedette.access.directory_objects import DirectoryObject, principal_of
from vedette.access.grants import DeviceState
from vedette.access.principals import Principal
from vedette.access.sessions import BadSession, SessionRefused
from vedette.access.sign_ins import BadSignIn, SignInRefused
from vedette.access.signing_keys import LIFETIME
from vedette.access.well_known import CONSOLE
from vedette.api.browser_sessions import signed_in
from vedette.api.json_response import NOT_CACHED, JsonResponse
from vedette.api.oauth_clients import principal_of_client, proven_client
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.oauth_request import V1, client_capabilities, form_of, required, tenant_of
from vedette.api.oauth_scopes import Asked, asked_in, client_audience
from vedette.api.request_addresses import address_of, base_of
from vedette.api.services import Services
from vedette.core.base64url import base64url

Form = Mapping[str, str]

_SESSION_ERRORS: Final = {
    BadSession.UNKNOWN: Aadsts.BAD_GRANT,
    BadSession.OTHER_CLIENT: Aadsts.BAD_GRANT,
    BadSession.EXPIRED: Aadsts.EXPIRED_GRANT,
    BadSession.REUSED: Aadsts.REVOKED_GRANT,
    BadSession.NOT_PROVEN: Aadsts.MISSING_SECRET,
    BadSession.SIGNED_OUT: Aadsts.SIGNED_OUT,
}
_SIGN_IN_ERRORS: Final = {
    BadSignIn.WRONG: Aadsts.WRONG_PASSWORD,
    BadSignIn.LOCKED: Aadsts.LOCKED,
    BadSignIn.DISABLED: Aadsts.DISABLED_USER,
}


@dataclass(frozen=True, slots=True)
class _Granted:
    """A person who lets a program act for them."""

    user: DirectoryObject
    client_id: str
    asked: Asked
    signed_in: datetime
    nonce: str = ""
    refresh_token: str = ""  # that takes the place of the one presented
    code: str = ""
    proven: bool = False  # the program proved who it is


async def token(request: Request, services: Services, version: str) -> Response:
    """Answer a request to the token endpoint. Raises OAuthError."""
    tenant_of(request, services)
    form = await form_of(request)
    capabilities = client_capabilities(form)
    more: dict[str, Any] = {"xms_cc": capabilities} if capabilities else {}
    grant = required(form, "grant_type")
    if grant == "client_credentials":
        return await _for_client(request, services, form, version, more)
    if grant not in _GRANTS:
        raise OAuthError(Aadsts.UNSUPPORTED_GRANT, grant[:100])
    granted = await _GRANTS[grant](request, services, form, version)
    return await run_sync(_for_user, request, services, form, version, granted, more)


async def user_of_password(request: Request, services: Services, name: str, password: str) -> DirectoryObject:
    """The user of a name and password. Raises OAuthError for who is not let in, and Throttled."""
    try:
        return await services.password_checks.run(services.sign_ins.user, name, password, address_of(request))
    except SignInRefused as refused:
        raise OAuthError(_SIGN_IN_ERRORS[refused.reason]) from refused


async def _for_client(
    request: Request, services: Services, form: Form, version: str, more: Mapping[str, Any]
) -> Response:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
    anybody = services.sign_ins.anybody
    if anybody:
        principal = services.directory.caller(anybody)
        if principal is None:
            raise OAuthError(Aadsts.UNKNOWN_APPLICATION, anybody, services.estate.tenant_id)
    else:
        client, _ = await proven_client(request, services, form, secret_needed=True)
        principal = await run_sync(principal_of_client, services, client)
    if version == V1 and form.get("resource"):
        audience = form["resource"]
    else:  # ADFS-style clients send a scope to the first version too
        audience = client_audience(required(form, "scope", "resource" if version == V1 else None))
    if not services.tokens.accepts_audience(audience):
        raise OAuthError(Aadsts.UNKNOWN_RESOURCE, audience)
    return await run_sync(_answer, request, services, principal, audience, version, {}, more)


def _for_user(
    request: Request, services: Services, form: Form, version: str, granted: _Granted, more: Mapping[str, Any]
) -> Response:
    tenant_id = services.estate.tenant_id
    if granted.user.is_revoked(granted.signed_in):
        raise OAuthError(Aadsts.REVOKED_GRANT)
    groups = services.directory.groups_of(granted.user.id)
    caller = replace(
        principal_of(granted.user, tenant_id, groups),
        application_id=granted.client_id,
        scopes=granted.asked.granted,
    )
    beside: dict[str, Any] = {"scope": " ".join(granted.asked.told)}
    if "openid" in granted.asked.identity:
        beside["id_token"] = services.tokens.issue_identity(
            caller,
            granted.client_id,
            base=base_of(request, services),
            version=version,
            nonce=granted.nonce,
            signed_in=granted.signed_in,
        )
    if granted.refresh_token:
        beside["refresh_token"] = granted.refresh_token
    elif "offline_access" in granted.asked.identity:
        session, beside["refresh_token"] = services.sign_ins.sessions.start(
            granted.user.id,
            granted.client_id,
            signed_in=granted.signed_in,
            proven=granted.proven,
            bound=granted.client_id == CONSOLE,
        )
        if granted.code:
            services.sign_ins.grants.remember(granted.code, session.id)
    if form.get("client_info") == "1":
        beside["client_info"] = base64url(orjson.dumps({"uid": granted.user.id, "utid": tenant_id}))
    return _answer(request, services, caller, granted.asked.audience, version, beside, more)


def _answer(
    request: Request,
    services: Services,
    principal: Principal,
    audience: str,
    version: str,
    beside: Mapping[str, Any],
    more: Mapping[str, Any],
) -> Response:
    issued = services.tokens.issue(principal, audience, base=base_of(request, services), version=version, more=more)
    lifetime = int(LIFETIME.total_seconds())
    times: dict[str, Any] = {"expires_in": lifetime, "ext_expires_in": lifetime}
    if version == V1:
        times = {name: str(value) for name, value in times.items()}
        times |= {"expires_on": str(issued.expires), "not_before": str(issued.not_before), "resource": audience}
    return JsonResponse({"token_type": "Bearer", **times, "access_token": issued.text, **beside}, headers=NOT_CACHED)


async def _code(request: Request, services: Services, form: Form, version: str) -> _Granted:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow"""
    client, proven = await proven_client(request, services, form, secret_needed=False)
    code = required(form, "code")
    now = services.wall_clock.now()
    found, redeemed = services.sign_ins.grants.redeem(code, now)
    if redeemed:
        if found is not None and found.session_id:
            await run_sync(services.sign_ins.sessions.end, found.session_id)
        raise OAuthError(Aadsts.REDEEMED_CODE)
    if found is None:
        raise OAuthError(Aadsts.EXPIRED_GRANT)
    if found.client_id != client.id:
        raise OAuthError(Aadsts.BAD_GRANT)
    if required(form, "redirect_uri") != found.redirect_uri:
        raise OAuthError(Aadsts.WRONG_REDIRECT_AT_TOKEN)
    if not proven and not client.is_public_redirect(found.redirect_uri):
        raise OAuthError(Aadsts.MISSING_SECRET)
    if not proven and not found.challenge:
        raise OAuthError(Aadsts.MISSING_CHALLENGE)
    if not _verifies(form.get("code_verifier", ""), found.challenge):
        raise OAuthError(Aadsts.WRONG_VERIFIER)
    user = _user(services, found.user_id)
    asked = asked_in(form, version, services.tokens, found.scope)
    return _Granted(user, client.id, asked, found.signed_in, found.nonce, code=code, proven=proven)


async def _refresh(request: Request, services: Services, form: Form, version: str) -> _Granted:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token"""
    client, proven = await proven_client(request, services, form, secret_needed=False)
    _public_or_proven(client.is_public or bool(client.public_redirects), proven, client.id)
    asked = asked_in(form, version, services.tokens)
    presented = required(form, "refresh_token")
    in_browser = await run_sync(signed_in, request, services) if client.id == CONSOLE else None
    refresh = partial(
        services.sign_ins.sessions.refresh, proven=proven, browser_user=in_browser[1].id if in_browser else ""
    )
    try:
        session, renewed = await run_sync(refresh, presented, client.id)
    except SessionRefused as error:
        raise OAuthError(_SESSION_ERRORS[error.reason]) from error
    user = _user(services, session.user_id)
    if user.is_revoked(session.signed_in):
        await run_sync(services.sign_ins.sessions.end, session.id)
        raise OAuthError(Aadsts.REVOKED_GRANT)
    return _Granted(user, client.id, asked, session.signed_in, refresh_token=renewed)


async def _password(request: Request, services: Services, form: Form, version: str) -> _Granted:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc"""
    client, proven = await proven_client(request, services, form, secret_needed=False)
    _public_or_proven(client.is_public, proven, client.id)
    asked = asked_in(form, version, services.tokens)
    name, password = required(form, "username"), required(form, "password")
    user = await user_of_password(request, services, name, password)
    return _Granted(user, client.id, asked, services.wall_clock.now(), proven=proven)


async def _device(request: Request, services: Services, form: Form, version: str) -> _Granted:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code"""
    client, proven = await proven_client(request, services, form, secret_needed=False)
    _public_or_proven(client.is_public, proven, client.id)
    code = form.get("device_code") or required(form, "code", "device_code")
    device = services.sign_ins.grants.poll(code, services.wall_clock.now())
    if device is None or device.client_id != client.id:
        raise OAuthError(Aadsts.DEVICE_UNKNOWN)
    match device.state:
        case DeviceState.PENDING:
            raise OAuthError(Aadsts.DEVICE_PENDING)
        case DeviceState.DECLINED:
            raise OAuthError(Aadsts.DEVICE_DECLINED)
        case DeviceState.EXPIRED:
            raise OAuthError(Aadsts.DEVICE_EXPIRED)
        case DeviceState.APPROVED:
            user = _user(services, device.user_id)
            asked = asked_in(form, version, services.tokens, device.scope)
            return _Granted(user, client.id, asked, device.signed_in or services.wall_clock.now(), proven=proven)


_GRANTS: Final[Mapping[str, Callable[[Request, Services, Form, str], Awaitable[_Granted]]]] = {
    "authorization_code": _code,
    "refresh_token": _refresh,
    "password": _password,
    "urn:ietf:params:oauth:grant-type:device_code": _device,
    "device_code": _device,  # as the first version of the endpoint has it
}
GRANT_TYPES: Final = ("client_credentials", *(name for name in _GRANTS if name != "device_code"))
"""What the discovery document says is served."""


def _user(services: Services, user_id: str) -> DirectoryObject:
    user = services.sign_ins.user_of(user_id)
    if user is None:
        raise OAuthError(Aadsts.DISABLED_USER)
    return user


def _public_or_proven(is_public: bool, proven: bool, client_id: str) -> None:
    if not is_public and not proven:
        raise OAuthError(Aadsts.NOT_A_PUBLIC_CLIENT, client_id)


def _verifies(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one that the challenge was made of (RFC 7636); so it is where neither was sent."""
    if not challenge:
        return not verifier
    made = base64url(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(made.encode(), challenge.encode())
