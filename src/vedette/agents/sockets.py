"""Binds the sockets of the listeners, or says in a sentence why that cannot be."""

import socket
from contextlib import ExitStack

from vedette.access.workspaces import Workspace, Workspaces
from vedette.agents.syslog_listener import SyslogSockets
from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.settings import SyslogSettings
from vedette.core.sockets import bind

_UDP_BUFFER = 8_000_000  # asked of the system, which may give less
_ADVICE = "Choose another with --syslog or --syslog-tls; ports below 1024 need a privilege."
_TRIES = 20  # at finding a port that is free for TCP and UDP


def bind_syslog(settings: SyslogSettings, sockets: ExitStack) -> SyslogSockets:
    """The sockets that the settings ask for; `sockets` closes them. Raises InvalidInput and Unavailable."""
    tcp = udp = tls = None
    if settings.address:
        tcp, udp = _bind_pair(*_parts(settings.address, "--syslog"), sockets)
    if settings.tls_address:
        tls = sockets.enter_context(_bind(*_parts(settings.tls_address, "--syslog-tls"), socket.SOCK_STREAM))
    return SyslogSockets(tcp, udp, tls)


def addresses_of(sockets: SyslogSockets) -> dict[str, str]:
    """HOST:PORT of what is listened on, under the names that the ready file has for it."""
    pairs = {"syslog": sockets.tcp, "syslog_tls": sockets.tls}
    return {name: "{}:{}".format(*bound.getsockname()[:2]) for name, bound in pairs.items() if bound is not None}


def syslog_workspace(settings: SyslogSettings, workspaces: Workspaces, first: str) -> Workspace:
    """The workspace that syslog goes to. Raises InvalidInput when there is none of that name."""
    wanted = settings.workspace or first
    for workspace in workspaces.all():
        if wanted.lower() in (workspace.id.lower(), workspace.name.lower()):
            return workspace
    names = ", ".join(workspace.name for workspace in workspaces.all())
    raise InvalidInput("UnknownWorkspace", f"There is no workspace '{wanted}' for syslog; there is {names}.")


def _parts(address: str, option: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or not port.isascii() or int(port) > 65535:
        raise InvalidInput("InvalidAddress", f"{option} takes HOST:PORT, such as 0.0.0.0:514; '{address}' is not that.")
    return host or "0.0.0.0", int(port)


def _bind_pair(host: str, port: int, sockets: ExitStack) -> tuple[socket.socket, socket.socket]:
    """TCP and UDP on the same port; 0 picks one that is free for both."""
    for attempt in range(_TRIES):
        tcp = _bind(host, port, socket.SOCK_STREAM)
        try:
            udp = _bind(host, tcp.getsockname()[1], socket.SOCK_DGRAM)
        except Unavailable:
            tcp.close()
            if port or attempt == _TRIES - 1:
                raise
            continue
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UDP_BUFFER)
        return sockets.enter_context(tcp), sockets.enter_context(udp)
    raise Unavailable("AddressInUse", f"No port of {host} is free for TCP and UDP.")


def _bind(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    bound = bind(host, port, kind, purpose="for syslog", advice=_ADVICE)
    bound.setblocking(False)
    return bound
