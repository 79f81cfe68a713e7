"""Who asks a management endpoint, and how that is told: tokens, and what a refusal of them says."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import httpx

from vedette.content.refused import Refused
from vedette.core.errors import Unavailable

_EARLY = 300.0  # seconds before its end at which a token is replaced


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, and for how many seconds it is good from now."""

    text: str = field(repr=False)
    seconds: float


class Credential(Protocol):
    """Gives tokens; may be asked from any thread, one at a time."""

    def token(self, http: httpx.Client, scope: str) -> Token:
        """A token for that scope. Raises Refused, Unauthenticated and Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Application:
    """An application and its secret, and where they are exchanged for a token."""

    token_url: str
    client_id: str
    secret: str = field(repr=False)

    def token(self, http: httpx.Client, scope: str) -> Token:
        """By the client credentials grant. Raises Refused and Unavailable."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "scope": scope,
        }
        try:
            answer = http.post(self.token_url, data=form)
        except httpx.TransportError as error:
            raise unreachable(urlsplit(self.token_url).netloc, error) from error
        if not answer.is_success:
            raise refused(answer)
        told = answer.json()
        return Token(str(told["access_token"]), float(told.get("expires_in") or 0))


class Bearer:
    """The token that an endpoint is asked with, which is replaced before its end; may be asked for from any thread."""

    def __init__(self, http: httpx.Client, endpoint: str, credential: Credential) -> None:
        self._http = http
        self._scope = f"{endpoint}/.default"
        self._credential = credential
        self._signing_in = threading.Lock()
        self._token = ""
        self._until = 0.0

    def text(self) -> str:
        """The token. Raises Refused, Unauthenticated and Unavailable."""
        with self._signing_in:
            if not self._token or time.monotonic() > self._until:
                given = self._credential.token(self._http, self._scope)
                self._token = given.text
                self._until = time.monotonic() + max(0.0, given.seconds - _EARLY)
            return self._token

    def forget(self, token: str) -> None:
        """Let the next request sign in again, unless another thread did since."""
        with self._signing_in:
            if self._token == token:
                self._token = ""


def unreachable(place: str, error: httpx.TransportError) -> Unavailable:
    """What is raised where no answer came from an address."""
    return Unavailable("ConnectionFailed", f"{place} cannot be reached: {str(error) or type(error).__name__}.")


def refused(answer: httpx.Response) -> Refused:
    """An answer's error, in whichever of the APIs' envelopes it came."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    body = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    match body:
        case {"error": {"code": str(code), "message": str(message)}} | {"code": str(code), "message": str(message)}:
            pass
        case {"error": str(code), "error_description": str(message)}:
            pass
        case _:
            code = f"HTTP{answer.status_code}"
            message = f"{answer.url.host} answered {answer.status_code} {answer.url.path}."
    return Refused(answer.status_code, code, message, body)
