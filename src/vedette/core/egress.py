"""Requests that the server makes of other servers on somebody's behalf: only to hosts that its settings allow.

Import it when there is something to send: what speaks HTTP is loaded with it.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import SplitResult, urlsplit

import httpx

from vedette.core.errors import InvalidInput, TooLarge, Unavailable
from vedette.core.outside_hosts import OUR_HEADERS, PORTS, SENT, addresses_of, is_named, named, port_of, shown
from vedette.core.public_addresses import is_public
from vedette.core.settings import EgressSettings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


def check_allowed(url: str, settings: EgressSettings) -> None:
    """Return if requests may go to an address.

    Raises InvalidInput (EgressNotAllowed, which tells the flag that allows it, or EgressInvalid for no address).
    """
    _allowed(url, settings)


def send(
    method: str,
    url: str,
    settings: EgressSettings,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float | None = None,
) -> Answer:
    """Make a request and read its answer, whatever its status; redirects are answers like others.

    What a name means is looked up once and connected to, so that it cannot become a private address in between.
    Raises InvalidInput (EgressNotAllowed; EgressInvalid for what cannot be sent, and for an answer that leads to no
    address), Unavailable (EgressFailed) where there is no answer in time, TooLarge.
    """
    parts = _allowed(url, settings)
    deadline = monotonic() + (settings.seconds if seconds is None else seconds)
    *others, last = _addresses(parts, settings)
    for address in others:
        try:
            return _send(method, parts, address, settings, headers or {}, body, deadline)
        except httpx.ConnectError:
            continue
    try:
        return _send(method, parts, last, settings, headers or {}, body, deadline)
    except httpx.ConnectError as error:
        raise Unavailable("EgressFailed", f"'{shown(url)}' does not answer: {error}.") from error


def _allowed(url: str, settings: EgressSettings) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _invalid("an address of a request", error) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidInput("EgressNotAllowed", f"Requests go to http:// and https:// only, not '{shown(url)}'.")
    port = _port(parts)
    if is_named(settings.hosts, parts.hostname, port):
        return parts
    name = named(parts.hostname, port)
    raise InvalidInput(
        "EgressNotAllowed", f"Requests may not go to '{name}': the server allows it with --egress-host {name}."
    )


def _port(parts: SplitResult) -> int:
    try:
        return port_of(parts)
    except ValueError as error:
        raise InvalidInput("EgressNotAllowed", f"'{shown(parts.geturl())}' has a port that is none.") from error


def _addresses(parts: SplitResult, settings: EgressSettings) -> list[str]:
    assert parts.hostname is not None
    try:
        addresses = addresses_of(parts.hostname, _port(parts))
    except OSError as error:
        raise Unavailable("EgressFailed", f"There is no host '{parts.hostname}'.") from error
    except ValueError as error:  # a part of the name is empty or too long
        raise _invalid(f"the host '{parts.hostname[:100]}'", error) from error
    if not settings.private_addresses and not all(map(is_public, addresses)):
        raise InvalidInput(
            "EgressNotAllowed",
            f"Requests may not go to '{parts.hostname}', which is in a private network: the server allows that with "
            "--egress-private.",
        )
    return addresses


def _send(
    method: str,
    parts: SplitResult,
    address: str,
    settings: EgressSettings,
    headers: Mapping[str, str],
    body: bytes,
    deadline: float,
) -> Answer:
    """The answer of one address. Raises httpx.ConnectError where nothing listens."""
    given = {name: value for name, value in headers.items() if name.lower() not in OUR_HEADERS}
    sent = {**SENT, **given, "Host": parts.netloc.rpartition("@")[2]}
    where = shown(parts.geturl())
    try:
        url = httpx.URL(parts.geturl()).copy_with(host=address)
        with (
            httpx.Client(
                timeout=max(deadline - monotonic(), 0.001), trust_env=False, verify=_trust(settings)
            ) as client,
            client.stream(
                method, url, headers=sent, content=body, extensions={"sni_hostname": parts.hostname}
            ) as response,
        ):
            content = _read(response, where, settings, deadline)
            urlsplit(response.headers.get("location", ""))
            return Answer(response.status_code, dict(response.headers), content)
    except httpx.ConnectError:
        raise
    except (ValueError, httpx.InvalidURL, httpx.LocalProtocolError) as error:
        raise _invalid(f"a request to '{where}' or where its answer leads", error) from error
    except httpx.HTTPError as error:
        raise Unavailable("EgressFailed", f"'{where}' gave no answer: {str(error) or type(error).__name__}.") from error


def _invalid(what: str, error: Exception) -> InvalidInput:
    """The error's own text would show what is sent, which may be secret."""
    return InvalidInput("EgressInvalid", f"It cannot be sent as it is written: {what} ({type(error).__name__}).")


def _trust(settings: EgressSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca is not None:
        context.load_verify_locations(settings.ca)
    return context


def _read(response: httpx.Response, where: str, settings: EgressSettings, deadline: float) -> bytes:
    content = bytearray()
    for piece in response.iter_raw():
        content += piece
        if len(content) > settings.bytes:
            raise TooLarge("EgressTooLarge", f"'{where}' answered more than {settings.bytes} bytes.")
        if monotonic() > deadline:
            raise Unavailable("EgressFailed", f"'{where}' was not read in the time that there is.")
    return bytes(content)
