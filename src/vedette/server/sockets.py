"""The sockets that the server listens on, bound before anything is started."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass

from vedette.access.addresses import Addresses, make_addresses
from vedette.agents.sockets import bind_syslog
from vedette.agents.syslog_listener import SyslogSockets
from vedette.core.settings import Settings
from vedette.core.sockets import bind

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Sockets:
    """One for each listener; `metrics` only where it is asked for."""

    https: socket.socket
    http: socket.socket
    proxy: socket.socket
    metrics: socket.socket | None
    syslog: SyslogSockets


def bind_all(settings: Settings, sockets: ExitStack) -> Sockets:
    """The three listeners' sockets, bound and not yet listening, so that nobody connects before there is an answer."""
    return Sockets(
        https=sockets.enter_context(_bind(settings.host, settings.port)),
        http=sockets.enter_context(_bind(_LOOPBACK, 0)),
        proxy=sockets.enter_context(_bind(_LOOPBACK, 0)),
        metrics=None if settings.metrics is None else sockets.enter_context(_bind(*settings.metrics, "--metrics")),
        syslog=bind_syslog(settings.syslog, sockets),
    )


def _bind(host: str, port: int, options: str = "--host and --port") -> socket.socket:
    return bind(host, port, socket.SOCK_STREAM, advice=f"Choose another with {options} (0 picks a free port).")


def addresses_of_server(settings: Settings, bound: Sockets) -> Addresses:
    """Where clients reach the sockets."""
    return make_addresses(
        settings.host,
        https_port=bound.https.getsockname()[1],
        http_port=bound.http.getsockname()[1],
        proxy_port=bound.proxy.getsockname()[1],
    )


def upstream_host(host: str) -> str:
    """Where the proxy finds the TLS listener."""
    return {"0.0.0.0": _LOOPBACK, "::": "::1"}.get(host, host.strip("[]"))
