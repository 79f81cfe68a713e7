"""Signing in in a browser: the authorization endpoint with its login page, and signing out.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code. A person
lets every program in that the tenant knows; there is no page on which to consent to each of its scopes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vedette.access.directory_objects import DirectoryObject
from vedette.access.grants import CODE_LIFETIME, Authorization
from vedette.access.oauth_clients import OAuthClient
from vedette.api.browser_sessions import (
    form_token,
    is_own_form,
    signed_in,
    with_form_token,
    with_session,
    without_session,
)
from vedette.api.oauth_clients import client_of
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.oauth_request import client_capabilities, form_of, query_of, require_tls, required, tenant_of
from vedette.api.oauth_scopes import scope_begun
from vedette.api.oauth_token import user_of_password
from vedette.api.services import Services
from vedette.api.sign_in_pages import message_page, posting_page, security_headers, sign_in_page

_MODES: Final = ("query", "fragment", "form_post")
_LONGEST: Final = 4000  # characters of what is handed back to the program


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A checked request: which program waits where for a code."""

    client: OAuthClient
    redirect_uri: str
    state: str
    mode: str
    scope: str
    nonce: str
    challenge: str
    prompt: frozenset[str]
    name: str


async def authorize(request: Request, services: Services, version: str) -> Response:
    """Show the login page, take its form, or send a code on at once for somebody who is signed in.

    Raises OAuthError for what cannot be told to the program, because it is not sure which one that is.
    """
    tenant_of(request, services)
    require_tls(request)
    query = query_of(request)
    client, redirect_uri = _program(services, query)
    state, mode = query.get("state", "")[:_LONGEST], query.get("response_mode", "query")
    try:
        wanted = _wanted(services, query, version, client, redirect_uri, state, mode)
        if request.method == "POST":
            return await _signed_in_by_form(request, services, wanted)
        return await run_sync(_begun, request, services, wanted)
    except OAuthError as error:
        answer = {"error": error.kind.value.error, "error_description": error.message}
        return _sent_on(redirect_uri, mode, answer | ({"state": state} if state else {}))


async def log_out(request: Request, services: Services) -> Response:
    """End the browser's session: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request.

    A program is returned to only at an address that it has registered.
    """
    tenant_of(request, services)
    query = query_of(request)
    current = await run_sync(signed_in, request, services)
    if current is not None:
        await run_sync(services.sign_ins.sessions.end, current[0].id)
    target = query.get("post_logout_redirect_uri", "")
    client_id = query.get("client_id") or services.tokens.client_of_identity(query.get("id_token_hint", ""))
    if target and client_id and client_of(services, client_id).may_redirect(target):
        state = {"state": query["state"]} if query.get("state") else {}
        return without_session(RedirectResponse(_with(target, state, "query"), 302, security_headers(target=target)))
    return without_session(message_page("Signed out", "You are signed out of this server in this browser."))


def _program(services: Services, query: Mapping[str, str]) -> tuple[OAuthClient, str]:
    client = client_of(services, required(query, "client_id"))
    redirect_uri = required(query, "redirect_uri")
    if not client.may_redirect(redirect_uri):
        raise OAuthError(Aadsts.WRONG_REDIRECT, redirect_uri[:200], client.id)
    return client, redirect_uri


def _wanted(
    services: Services,
    query: Mapping[str, str],
    version: str,
    client: OAuthClient,
    redirect_uri: str,
    state: str,
    mode: str,
) -> _Wanted:
    if required(query, "response_type") != "code":
        raise OAuthError(Aadsts.UNSUPPORTED_RESPONSE_TYPE, query["response_type"][:100])
    if mode not in _MODES:
        raise OAuthError(Aadsts.MISSING_PARAMETER, "response_mode")
    client_capabilities(query)
    scope, challenge = scope_begun(query, version, services.tokens), query.get("code_challenge", "")
    if challenge and query.get("code_challenge_method") != "S256":
        raise OAuthError(Aadsts.MISSING_CHALLENGE)
    if not challenge and client.is_public_redirect(redirect_uri) and not client.may_redirect_with_secret(redirect_uri):
        raise OAuthError(Aadsts.MISSING_CHALLENGE)
    return _Wanted(
        client,
        redirect_uri,
        state,
        mode,
        scope[:_LONGEST],
        query.get("nonce", "")[:_LONGEST],
        challenge[:128],
        frozenset(query.get("prompt", "").split()),
        query.get("login_hint", "")[:256],
    )


def _begun(request: Request, services: Services, wanted: _Wanted) -> Response:
    current = signed_in(request, services)
    again = bool(wanted.prompt & {"login", "select_account"})
    other = current is not None and wanted.name and wanted.name.lower() != current[1].shown["userPrincipalName"].lower()
    if current is not None and not again and not other:
        return _approved(services, wanted, current[1], current[0].signed_in)
    if "none" in wanted.prompt:
        raise OAuthError(Aadsts.LOGIN_REQUIRED)
    return _asking(request, wanted, name=wanted.name)


async def _signed_in_by_form(request: Request, services: Services, wanted: _Wanted) -> Response:
    form = await form_of(request)
    name = form.get("username", "")
    if not is_own_form(request, services, form):
        return _asking(request, wanted, error="The page was open for too long. Please try again.", name=name)
    try:
        user = await user_of_password(request, services, name, form.get("password", ""))
    except OAuthError as refused:
        return _asking(request, wanted, error=refused.kind.value.sentence, name=name)
    answer = await run_sync(_approved, services, wanted, user)
    return await run_sync(with_session, answer, services, user)


def _asking(request: Request, wanted: _Wanted, *, error: str = "", name: str = "") -> Response:
    token = form_token(request)
    page = sign_in_page(
        program=wanted.client.name, token=token, error=error, name=name[:256], target=wanted.redirect_uri
    )
    return with_form_token(page, token)


def _approved(
    services: Services, wanted: _Wanted, user: DirectoryObject, signed_in: datetime | None = None
) -> Response:
    now = services.wall_clock.now()
    authorization = Authorization(
        user.id,
        wanted.client.id,
        wanted.redirect_uri,
        wanted.scope,
        wanted.nonce,
        wanted.challenge,
        signed_in or now,
        now + CODE_LIFETIME,
    )
    answer = {"code": services.sign_ins.grants.authorize(authorization, now)}
    return _sent_on(wanted.redirect_uri, wanted.mode, answer | ({"state": wanted.state} if wanted.state else {}))


def _sent_on(redirect_uri: str, mode: str, answer: Mapping[str, str]) -> Response:
    """The answer to the program, at the address it has registered."""
    if mode == "form_post":
        return posting_page(redirect_uri, answer)
    return RedirectResponse(_with(redirect_uri, answer, mode), 302, security_headers(target=redirect_uri))


def _with(uri: str, answer: Mapping[str, str], mode: str) -> str:
    if not answer:
        return uri
    mark = "#" if mode == "fragment" else "&" if urlsplit(uri).query else "?"
    return f"{uri}{mark}{urlencode(answer)}"
