"""Speaks the management API of this server or of Azure with an application's credentials: pages, retries, tokens."""

import os
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from vedette.cli.client import Refused
from vedette.cli.ready import Server
from vedette.core.errors import InvalidInput, Unavailable, VedetteError

AZURE = "https://management.azure.com"
_AUTHORITY = "https://login.microsoftonline.com"
_TRIES = 6
_LONGEST_PAUSE = 60.0
_EARLY = 300.0  # seconds before its end at which a token is replaced
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class Application:
    """An application and its secret, and where they are exchanged for a token of the endpoint."""

    token_url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str

    @staticmethod
    def of_environment(endpoint: str) -> "Application":
        """The one that AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET name. Raises InvalidInput.

        https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
        """
        names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise InvalidInput("NoCredentials", f"To sign in at '{endpoint}', set {' and '.join(missing)}.")
        tenant, client_id, secret = (os.environ[name] for name in names)
        authority = os.environ.get("AZURE_AUTHORITY_HOST") or _AUTHORITY
        authority = authority if "://" in authority else f"https://{authority}"
        return Application(
            f"{authority.rstrip('/')}/{tenant}/oauth2/v2.0/token", client_id, secret, f"{endpoint}/.default"
        )

    @staticmethod
    def of_server(server: Server) -> "Application":
        """The one that a server made for its own commands."""
        token_url = f"{server.https}/{server.tenant_id}/oauth2/v2.0/token"
        return Application(token_url, server.client_id, server.client_secret, f"{server.https}/.default")


class ArmClient:
    """Asks one management endpoint; its methods may be called from any thread.

    A refusal that passes by itself is tried again, as long as the endpoint says or longer each time.
    """

    def __init__(self, http: httpx.Client, endpoint: str, application: Application) -> None:
        self._http = http
        self._endpoint = endpoint.rstrip("/")
        self._application = application
        self._signing_in = threading.Lock()
        self._token = ""
        self._until = 0.0

    def pages(self, path: str, parameters: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, by its `nextLink`. Raises Refused and Unavailable."""
        link: str | None = str(httpx.URL(f"{self._endpoint}{path}", params=dict(parameters)))
        while link:
            page = self.ask("GET", link)
            yield list(page.get("value") or [])
            link = self._own(page.get("nextLink"))

    def ask(self, method: str, url: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a path or a link of this endpoint. Raises Refused and Unavailable."""
        url = url if "://" in url else f"{self._endpoint}{url}"
        given = dict(parameters) if parameters else None
        for left in reversed(range(_TRIES)):
            bearer = self._bearer()
            try:
                answer = self._http.request(method, url, params=given, headers={"Authorization": f"Bearer {bearer}"})
            except httpx.TransportError as error:
                if not left:
                    raise Unavailable(
                        "ConnectionFailed", f"{self._endpoint} cannot be reached: {_told(error)}."
                    ) from error
                time.sleep(_pause(left))
                continue
            if answer.is_success:
                return dict(answer.json()) if answer.content else {}
            if answer.status_code == 401 and left == _TRIES - 1:
                self._forget(bearer)
            elif answer.status_code not in _PASSING or not left:
                raise _refused(answer)
            else:
                time.sleep(_pause(left, answer))
        raise AssertionError

    def _own(self, link: Any) -> str | None:
        """A link to the next page, which must be at this endpoint, for the token goes there."""
        if not link:
            return None
        asked, told = urlsplit(self._endpoint), urlsplit(str(link))
        if (asked.scheme, asked.hostname, asked.port or 443) != (told.scheme, told.hostname, told.port or 443):
            raise Unavailable("StrangeLink", f"{self._endpoint} names a next page at another place, '{told.netloc}'.")
        return str(link)

    def _bearer(self) -> str:
        with self._signing_in:
            if not self._token or time.monotonic() > self._until:
                self._sign_in()
            return self._token

    def _forget(self, token: str) -> None:
        """Let the next request sign in again, unless another thread did since."""
        with self._signing_in:
            if self._token == token:
                self._token = ""

    def _sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._application.client_id,
            "client_secret": self._application.secret,
            "scope": self._application.scope,
        }
        try:
            answer = self._http.post(self._application.token_url, data=form)
        except httpx.TransportError as error:
            place = urlsplit(self._application.token_url).netloc
            raise Unavailable("ConnectionFailed", f"{place} cannot be reached: {_told(error)}.") from error
        if not answer.is_success:
            raise _refused(answer)
        told = answer.json()
        self._token = str(told["access_token"])
        self._until = time.monotonic() + max(0.0, float(told.get("expires_in") or 0) - _EARLY)


@contextmanager
def arm_client(endpoint: str, application: Application, ca: str | None) -> Iterator[ArmClient]:
    """A client of an endpoint; with `ca` it trusts that CA alone and goes through no proxy. Raises Unavailable."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise Unavailable("NoServer", f"The CA '{ca}' cannot be read: {error.strerror}.") from error
    with httpx.Client(verify=context, timeout=_TIMEOUT, trust_env=ca is None, follow_redirects=False) as http:
        yield ArmClient(http, endpoint, application)


def _pause(left: int, answer: httpx.Response | None = None) -> float:
    said = answer.headers.get("Retry-After", "") if answer is not None else ""
    return min(float(said), _LONGEST_PAUSE) if said.isdigit() else 0.5 * 2 ** (_TRIES - 1 - left)


def _refused(answer: httpx.Response) -> VedetteError:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    match body:
        case {"error": {"code": str(code), "message": str(message)}}:
            pass
        case {"error": str(code), "error_description": str(message)}:
            pass
        case _:
            code, message = (
                f"HTTP{answer.status_code}",
                f"{answer.url.host} answered {answer.status_code} {answer.url.path}.",
            )
    return Refused(answer.status_code, code, message, body if isinstance(body, dict) else {})


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
