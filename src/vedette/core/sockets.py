"""Binds a socket, or says in a sentence why that cannot be."""

import socket

from vedette.core.errors import Unavailable


def bind(host: str, port: int, kind: socket.SocketKind, *, purpose: str = "", advice: str) -> socket.socket:
    """A socket of that kind, bound and not yet listening; port 0 picks a free one. `purpose`, such as `for syslog`, and
    `advice`, what to do about it, go into the refusal. Raises Unavailable (AddressUnknown, AddressInUse)."""
    try:
        family, _, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=kind, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise Unavailable("AddressUnknown", f"'{host}' is not an address of this machine: {error.strerror}.") from error
    bound = socket.socket(family, kind, protocol)
    if kind is socket.SOCK_STREAM:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        listen = f"listen {purpose}" if purpose else "listen"
        raise Unavailable(
            "AddressInUse", f"Cannot {listen} on {host} port {port}: {error.strerror}. {advice}"
        ) from error
    return bound
