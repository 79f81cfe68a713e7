"""Fetches the files that queries name, within what the settings allow: hosts, addresses, size, time, redirects."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from vedette.core.errors import InvalidInput, TimedOut, TooLarge, Unavailable
from vedette.core.outside_hosts import OUR_HEADERS, PORTS, SENT, addresses_of, is_named, named, port_of, shown
from vedette.core.public_addresses import is_public
from vedette.core.settings import ExternalDataSettings

MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's bytes as they came, the address that they came from in the end, and the answer's headers."""

    content: bytes
    uri: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent beside the address."""

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


def fetch(
    uri: str,
    settings: ExternalDataSettings,
    deadline: float,
    stopped: Callable[[], bool],
    asked: Asked = Asked(),
) -> Fetched:
    """The file at an address. `deadline` is of `monotonic`; `stopped` is asked between pieces.

    Raises InvalidInput (ExternalDataNotAllowed, InvalidQueryValue), TooLarge, TimedOut, Unavailable.
    """
    deadline = min(deadline, monotonic() + settings.seconds)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            parts = _allowed(uri, settings)
            answer = _get_from_any(parts, settings, deadline, stopped, asked)
            if isinstance(answer, Fetched):
                return answer
            uri = urljoin(uri, answer)
        except (ValueError, httpx.InvalidURL) as error:  # its text may show what is secret
            message = f"externaldata: '{shown(uri)}' or where it leads cannot be asked for as it is written."
            raise InvalidInput("InvalidQueryValue", message) from error
        asked = Asked()
    raise Unavailable("ExternalDataUnavailable", f"externaldata: '{shown(uri)}' is redirected too often.")


def _allowed(uri: str, settings: ExternalDataSettings) -> SplitResult:
    parts = urlsplit(uri)
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidInput("InvalidQueryValue", f"externaldata reads http:// and https:// only, not '{shown(uri)}'.")
    if ";" in parts.path.rpartition("/")[2]:
        raise InvalidInput("InvalidQueryValue", "externaldata takes no account keys after the address.")
    if is_named(settings.hosts, parts.hostname, port_of(parts)):
        return parts
    name = named(parts.hostname, port_of(parts))
    raise InvalidInput(
        "ExternalDataNotAllowed",
        f"externaldata may not read from '{name}': the setting external_data.hosts does not name it "
        f"(vedette up --external-data-host {name}).",
    )


def _get_from_any(
    parts: SplitResult,
    settings: ExternalDataSettings,
    deadline: float,
    stopped: Callable[[], bool],
    asked: Asked,
) -> Fetched | str:
    """The content from the first of the host's addresses that answers, or where it is said to be instead."""
    *others, last = _addresses(parts, settings)
    for address in others:
        try:
            return _get(parts, address, settings, deadline, stopped, asked)
        except httpx.ConnectError:
            continue
    try:
        return _get(parts, last, settings, deadline, stopped, asked)
    except httpx.ConnectError as error:
        message = f"externaldata: '{parts.hostname}' does not answer: {error}"
        raise Unavailable("ExternalDataUnavailable", message) from error


def _addresses(parts: SplitResult, settings: ExternalDataSettings) -> list[str]:
    """The addresses of the host, which are then those connected to: what a name means cannot change in between."""
    assert parts.hostname is not None
    try:
        addresses = addresses_of(parts.hostname, port_of(parts))
    except OSError as error:
        raise Unavailable("ExternalDataUnavailable", f"externaldata: there is no host '{parts.hostname}'.") from error
    if not settings.private_addresses and not all(map(is_public, addresses)):
        raise InvalidInput(
            "ExternalDataNotAllowed",
            f"externaldata may not read from '{parts.hostname}', which is in a private network: the setting "
            "external_data.private_addresses is off.",
        )
    return addresses


def _get(
    parts: SplitResult,
    address: str,
    settings: ExternalDataSettings,
    deadline: float,
    stopped: Callable[[], bool],
    asked: Asked,
) -> Fetched | str:
    """The content, or where it is said to be instead. Raises httpx.ConnectError where nothing listens."""
    assert parts.hostname is not None
    url = httpx.URL(parts.geturl()).copy_with(host=address)
    given = {name: value for name, value in asked.headers if name.lower() not in OUR_HEADERS}
    headers = {**SENT, **given, "Host": parts.netloc.rpartition("@")[2]}
    left = max(deadline - monotonic(), 0.001)
    where = shown(parts.geturl())
    try:
        with closing(httpx.Client(timeout=left, trust_env=False, follow_redirects=False)) as client:
            extensions = {"sni_hostname": parts.hostname}
            with client.stream(
                asked.method, url, headers=headers, content=asked.body, extensions=extensions
            ) as response:
                if response.is_redirect and "location" in response.headers:
                    return response.headers["location"]
                if response.status_code != httpx.codes.OK:
                    message = f"externaldata: '{where}' answered {response.status_code}."
                    raise Unavailable("ExternalDataUnavailable", message)
                content = _read(response, where, settings, deadline, stopped)
                return Fetched(content, parts.geturl(), dict(response.headers))
    except httpx.TimeoutException as error:
        raise _late(where) from error
    except httpx.ConnectError:
        raise
    except httpx.HTTPError as error:
        message = f"externaldata: '{where}' cannot be read: {str(error) or type(error).__name__}"
        raise Unavailable("ExternalDataUnavailable", message) from error


def _read(
    response: httpx.Response,
    where: str,
    settings: ExternalDataSettings,
    deadline: float,
    stopped: Callable[[], bool],
) -> bytes:
    pieces = bytearray()
    for piece in response.iter_raw():
        pieces += piece
        if len(pieces) > settings.bytes:
            raise too_large(where, settings)
        if monotonic() > deadline:
            raise _late(where)
        if stopped():
            raise Unavailable("QueryCancelled", "The query was stopped before it was done.")
    return bytes(pieces)


def too_large(where: str, settings: ExternalDataSettings) -> TooLarge:
    """The refusal of files that are larger than a query may read."""
    limit = settings.bytes // 1_000_000
    return TooLarge("ExternalDataTooLarge", f"externaldata: '{where}' takes the query over its limit of {limit} MB.")


def _late(where: str) -> TimedOut:
    return TimedOut("GatewayTimeout", f"externaldata: '{where}' was not read in the time that there is.")
