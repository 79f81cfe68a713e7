"""Speaks the management API of this server or of Azure: pages, tokens, what passes by itself, long-running operations.

A request is tried again where the endpoint is busy (429, as long as it says, by every thread), away (5xx, a lost
connection) or in the middle of another change of the same thing (409); never for ever. Every page of a list is
followed, and a page that fails fails the list: nothing is left out in silence.
"""

import ssl
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from vedette.content.credentials import Bearer, Credential, refused, unreachable
from vedette.content.pauses import pause
from vedette.content.refused import Refused
from vedette.core.errors import TimedOut, Unavailable

AZURE = "https://management.azure.com"
_TRIES = 8
_CONFLICTS = 4
_LONGEST_PAUSE = 120.0
_LONGEST_OPERATION = 3600.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
_MOST_PAGES = 100_000
_ENDED = frozenset({"succeeded", "failed", "canceled"})
_LASTING_CONFLICTS = ("etag", "newer", "already exists", "kind", "precondition", "exists already")
"""What is said of a conflict that waiting does not end."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request came to. `uncertain` says that an earlier try of it was cut off, and may have been carried out."""

    status: int
    body: Mapping[str, Any]
    headers: httpx.Headers
    uncertain: bool = False


class ManagementClient:
    """Asks one management endpoint; its methods may be called from any thread."""

    def __init__(self, http: httpx.Client, endpoint: str, credential: Credential) -> None:
        self._http = http
        self.endpoint = endpoint.rstrip("/")
        self._bearer = Bearer(http, self.endpoint, credential)
        self._not_before = 0.0

    def pages(self, path: str, parameters: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, by its `nextLink`. Raises Refused and Unavailable."""
        link: str | None = str(httpx.URL(f"{self.endpoint}{path}", params=dict(parameters)))
        seen: set[str] = set()
        while link:
            if link in seen or len(seen) >= _MOST_PAGES:
                raise Unavailable("EndlessList", f"{self.endpoint} names a page of '{path}' again and again.")
            seen.add(link)
            page = self.ask("GET", link)
            yield list(page.get("value") or [])
            link = self._own(page.get("nextLink"))

    def all(self, path: str, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
        """The whole of a list. Raises Refused and Unavailable."""
        return [each for page in self.pages(path, parameters) for each in page]

    def ask(
        self, method: str, url: str, parameters: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The JSON object at a path or a link of this endpoint. Raises Refused and Unavailable."""
        return dict(self.send(method, url, parameters, body).body)

    def send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Sent:
        """One request, tried again where that may help. Raises Refused and Unavailable."""
        url = url if "://" in url else f"{self.endpoint}{url}"
        given = dict(parameters) if parameters else None
        tries, conflicts, uncertain, token_refused = 0, 0, False, False
        while True:
            self._wait_my_turn()
            token = self._bearer.text()
            sent_headers = {**(headers or {}), "Authorization": f"Bearer {token}"}
            try:
                answer = self._http.request(method, url, params=given, json=body, headers=sent_headers)
            except httpx.TransportError as error:
                tries += 1
                if tries == _TRIES:
                    raise unreachable(self.endpoint, error) from error
                uncertain = uncertain or not isinstance(error, httpx.ConnectError)
                time.sleep(pause(tries, {}, longest=_LONGEST_PAUSE))
                continue
            if answer.is_success:
                return Sent(answer.status_code, _object(answer), answer.headers, uncertain)
            if answer.status_code == 401 and not token_refused:
                token_refused = True
                self._bearer.forget(token)
            elif answer.status_code in _PASSING and tries < _TRIES - 1:
                tries += 1
                uncertain = uncertain or answer.status_code in (408, 504)
                self._hold_back(answer, pause(tries, answer.headers, longest=_LONGEST_PAUSE))
            elif answer.status_code == 409 and conflicts < _CONFLICTS - 1 and _may_pass(answer):
                conflicts += 1
                time.sleep(pause(conflicts, answer.headers, longest=_LONGEST_PAUSE))
            else:
                refusal = refused(answer)
                refusal.details["uncertain"] = uncertain
                raise refusal

    def finish(self, sent: Sent, url: str) -> Mapping[str, Any]:
        """Wait for the end of what a request began; what its status says at last, or the answer where nothing lasts.

        Raises Refused where it failed, TimedOut after an hour.
        https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
        """
        asynchronous = sent.headers.get("azure-asyncoperation")
        place = self._own(asynchronous or (sent.headers.get("location") if sent.status == 202 else None))
        if place is None:
            return sent.body
        until = time.monotonic() + _LONGEST_OPERATION
        now, turn = sent, 0
        while time.monotonic() < until:
            turn += 1
            time.sleep(pause(min(turn, 5), now.headers, start=0.1, longest=_LONGEST_PAUSE))
            now = self.send("GET", place)
            status = str(now.body.get("status", "")).lower() if asynchronous else ""
            if asynchronous and status in ("failed", "canceled"):
                error = cast("dict[str, Any]", now.body.get("error") or {})
                code = str(error.get("code") or status.capitalize())
                raise Refused(409, code, str(error.get("message") or f"What '{url}' began has {status}."), now.body)
            if (asynchronous and status in _ENDED) or (not asynchronous and now.status != 202):
                return now.body
        raise TimedOut("OperationTooLong", f"What '{url}' began has not ended within an hour.")

    def _own(self, link: Any) -> str | None:
        """A link that is followed, which must be at this endpoint, for the token goes there."""
        if not link:
            return None
        asked, told = urlsplit(self.endpoint), urlsplit(str(link))
        if (asked.scheme, asked.hostname, asked.port or 443) != (told.scheme, told.hostname, told.port or 443):
            raise Unavailable("StrangeLink", f"{self.endpoint} names a next page at another place, '{told.netloc}'.")
        return str(link)

    def _hold_back(self, answer: httpx.Response, seconds: float) -> None:
        """Pause; where the endpoint is asked too much, with every other thread."""
        if answer.status_code == 429:
            self._not_before = max(self._not_before, time.monotonic() + seconds)
        else:
            time.sleep(seconds)

    def _wait_my_turn(self) -> None:
        seconds = self._not_before - time.monotonic()
        if seconds > 0:
            time.sleep(seconds)


@contextmanager
def management_client(endpoint: str, credential: Credential, ca: str | None) -> Generator[ManagementClient]:
    """A client of an endpoint; with `ca` it trusts that CA alone and goes through no proxy. Raises Unavailable."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise Unavailable("NoServer", f"The CA '{ca}' cannot be read: {error.strerror}.") from error
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    with httpx.Client(
        verify=context, timeout=_TIMEOUT, trust_env=ca is None, follow_redirects=False, limits=limits
    ) as http:
        yield ManagementClient(http, endpoint, credential)


def _may_pass(answer: httpx.Response) -> bool:
    """Whether a conflict is with a change that is going on, and not with what is there."""
    told = answer.text.lower()
    return not any(each in told for each in _LASTING_CONFLICTS)


def _object(answer: httpx.Response) -> dict[str, Any]:
    if not answer.content:
        return {}
    try:
        told = answer.json()
    except ValueError as error:
        raise Unavailable(
            "NotManagement", f"{answer.url.host} does not answer with JSON at {answer.url.path}."
        ) from error
    if isinstance(told, list):
        return {"value": told}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}
