"""The two cookies of the sign-in pages: one ties a form to the browser it was shown in, one says who is in."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from vedette.access.directory_objects import DirectoryObject
from vedette.access.sessions import BROWSER_LIFETIME, Session
from vedette.api.services import Services

# The prefix makes browsers insist on TLS and on this host alone.
_FORM: Final = "__Host-vedette-form"
_SESSION: Final = "__Host-vedette-session"


def form_token(request: Request) -> str:
    """What a form must hold to be taken from this browser; kept while the browser is, so that tabs get on."""
    known = request.cookies.get(_FORM, "")
    return known if len(known) == 43 else secrets.token_urlsafe(32)


def with_form_token(response: Response, token: str) -> Response:
    """The answer, with the token in the browser's cookie."""
    response.set_cookie(_FORM, token, secure=True, httponly=True, samesite="lax", path="/")
    return response


def is_own_form(request: Request, services: Services, form: Mapping[str, str]) -> bool:
    """Whether a form was sent from a page of ours that this very browser was shown.

    A browser that keeps to itself where a form is from says `null`; then the cookie and the form's token must do.
    """
    origin = request.headers.get("origin", "null")
    if origin != "null" and services.addresses.base(origin.partition("://")[2]) != origin.lower():
        return False
    cookie = request.cookies.get(_FORM, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), form.get("token", "").encode())


def signed_in(request: Request, services: Services) -> tuple[Session, DirectoryObject] | None:
    """Who is signed in in this browser, as long as they may be."""
    session = services.sign_ins.sessions.browser(request.cookies.get(_SESSION, ""))
    user = None if session is None else services.sign_ins.user_of(session.user_id)
    return None if session is None or user is None or user.is_revoked(session.signed_in) else (session, user)


def with_session(response: Response, services: Services, user: DirectoryObject) -> Response:
    """The answer, with a new session of the user in the browser's cookie."""
    _, text = services.sign_ins.sessions.start(user.id)
    response.set_cookie(
        _SESSION,
        text,
        max_age=int(BROWSER_LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def without_session(response: Response) -> Response:
    """The answer, with the session taken from the browser."""
    response.delete_cookie(_SESSION, secure=True, httponly=True, samesite="lax", path="/")
    return response
