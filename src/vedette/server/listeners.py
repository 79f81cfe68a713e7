"""The HTTP listeners of the process, with and without TLS."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from vedette.access.certificates import Certificates
from vedette.core.errors import InvalidInput

REQUESTS_GRACE = 3
"""Seconds that requests are given at the end, answering for a stopped query included."""

_CLOSING_GRACE = 1.0  # seconds that idle connections are given to end


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals alone, for two of them share this process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: `_stop_on_signals` has them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle and wait for requests; a client that does not answer the closing is left behind."""
        asyncio.get_running_loop().call_later(_CLOSING_GRACE, self._abort_idle)
        await super().shutdown(sockets)

    def _abort_idle(self) -> None:
        """Over TLS the other side has to agree to an end, which one that only keeps a connection open never does."""
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()


def make_listener(app: Starlette, certificates: Certificates | None) -> Listener:
    """A listener for the application, over TLS where there are certificates."""
    context = None if certificates is None else _https_context(certificates)
    return Listener(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=REQUESTS_GRACE,
            ssl_context_factory=None if context is None else lambda _config, _default: context,
        )
    )


def _https_context(certificates: Certificates) -> ssl.SSLContext:
    context = tls_context(certificates, client_ca=None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_context(certificates: Certificates, client_ca: Path | None) -> ssl.SSLContext:
    """Raises InvalidInput for a `client_ca` that holds no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.certificate, certificates.key)
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except OSError as error:
            raise InvalidInput("InvalidCertificates", f"'{client_ca}' holds no certificates: {error}.") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context
