"""Which servers requests may go to, and where those are: what all have in common that the server fetches and sends."""

import socket
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

PORTS: Final = {"http": 80, "https": 443}
OUR_HEADERS: Final = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Headers that are the server's own to send, in lower case."""

SENT: Final = {"User-Agent": "vedette", "Accept-Encoding": "identity"}


def shown(url: str) -> str:
    """An address without what may be secret in it; of what is no address nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def port_of(parts: SplitResult) -> int:
    """The port of an http or https address. Raises ValueError for one that is none."""
    return parts.port or PORTS[parts.scheme]


def is_named(hosts: Iterable[str], host: str, port: int) -> bool:
    """Whether one of the names, `*.names` or either with `:port` means this host; without a port the usual two are."""
    return any(_fits(each, host, port) for each in hosts)


def named(host: str, port: int) -> str:
    """The host as a setting would name it."""
    return host if port in PORTS.values() else f"{host}:{port}"


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host, each once. Raises OSError for one that is not there, ValueError for no name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _fits(allowed: str, host: str, port: int) -> bool:
    name, _, wanted = allowed.lower().partition(":")
    if (wanted != str(port)) if wanted else port not in PORTS.values():
        return False
    return host == name or (name.startswith("*.") and host.endswith(name[1:]))
