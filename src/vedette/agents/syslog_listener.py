"""Listens for syslog: datagrams, TCP and TLS. A TCP sender is read no faster than its messages become durable.

https://www.rfc-editor.org/rfc/rfc5426 (UDP), rfc6587 (TCP), rfc5425 (TLS)
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog

from vedette.agents.framing import Frames
from vedette.agents.intake import Append, Intake, Received
from vedette.agents.sources import Sources
from vedette.core.clock import Clock
from vedette.core.periodic import Periodic
from vedette.formats.rows import Row
from vedette.formats.syslog_rows import Relay

CONNECTIONS: Final = 2_000
"""Most connections at a time; more are closed as they come."""

_QUIET_SECONDS = 0.1  # at the end: nothing has come for so long, so nothing more is on its way
_DRAIN_SECONDS = 1.0  # at the end: however much comes
_EVERY_MINUTE = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SyslogSockets:
    """The bound sockets, listening once the listener is started; a pair for plain syslog, one for TLS."""

    tcp: socket.socket | None = None
    udp: socket.socket | None = None
    tls: socket.socket | None = None


class SyslogListener:
    """Receives from `start` to `stop`; everything received over TCP before `stop` returns is stored.

    `resource_id` is what rows say in `_ResourceId`, empty for nothing.
    """

    def __init__(self, append: Append, clock: Clock, resource_id: str = "") -> None:
        self._append = append
        self._clock = clock
        self._resource_id = resource_id
        self._collector = socket.gethostname()
        self._sources = Sources()
        self._intake = Intake(append, self._sources, self._resume)
        self._connections: set[_Connection] = set()
        self._paused: set[_Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._datagrams: asyncio.DatagramTransport | None = None
        self._storing: asyncio.Task[None] | None = None
        self._told_dropped = 0
        self._heard = 0.0  # on the loop's clock

    async def start(self, sockets: SyslogSockets, tls: ssl.SSLContext | None) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._storing = loop.create_task(self._intake.run())
        if sockets.tcp is not None:
            self._servers.append(await loop.create_server(lambda: _Connection(self), sock=sockets.tcp))
        if sockets.tls is not None:
            self._servers.append(await loop.create_server(lambda: _Connection(self), sock=sockets.tls, ssl=tls))
        if sockets.udp is not None:
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=sockets.udp)

    async def stop(self) -> None:
        """Take no more senders, read what those that are there have sent, and store it."""
        for server in self._servers:
            server.close()
        loop = asyncio.get_running_loop()
        end = loop.time() + _DRAIN_SECONDS
        while self._connections and loop.time() < end and (self._paused or loop.time() - self._heard < _QUIET_SECONDS):
            await asyncio.sleep(_QUIET_SECONDS / 4)
        if self._datagrams is not None:
            self._datagrams.close()
        for connection in list(self._connections):
            connection.end()
        self._intake.close()
        if self._storing is not None:
            await self._storing

    def add_periodic(self, periodic: Periodic) -> None:
        """Have Heartbeat rows written for those who send, and an Operation row when datagrams were dropped."""
        periodic.add("heartbeats of syslog sources", _EVERY_MINUTE, self.tell)

    def tell(self, now: datetime) -> None:
        """Store the rows of the minute that ends; called from a thread."""
        heartbeats = self._sources.heartbeats(now, self._resource_id)
        if heartbeats:
            self._append("Heartbeat", heartbeats).result()
        dropped = self._intake.counts.dropped
        if dropped > self._told_dropped:
            self._append("Operation", [_dropped_row(now, dropped - self._told_dropped)]).result()
            self._told_dropped = dropped

    def outcomes(self) -> dict[tuple[str, ...], float]:
        """How many messages came since the start, by what became of them."""
        counts = self._intake.counts
        return {("stored",): counts.stored, ("dropped",): counts.dropped, ("refused",): counts.refused}

    def received(self, messages: Sequence[bytes], peer: str) -> None:
        """Take in what came over a connection."""
        self._heard = asyncio.get_running_loop().time()
        self._intake.add(self._received(messages, peer))

    def received_datagram(self, data: bytes, peer: str) -> None:
        """Take in a datagram if there is room for it."""
        if self._intake.is_full:
            self._intake.counts.dropped += 1
        else:
            self._intake.add(self._received([data], peer))

    def admit(self, connection: "_Connection") -> bool:
        """Whether there may be one more connection."""
        if len(self._connections) >= CONNECTIONS:
            _log.warning("syslog connection refused: there are too many", connections=len(self._connections))
            return False
        self._connections.add(connection)
        return True

    def hold(self, connection: "_Connection") -> bool:
        """Whether the connection must not be read now; it is resumed when there is room."""
        if self._intake.is_full:
            self._paused.add(connection)
        return self._intake.is_full

    def forget(self, connection: "_Connection") -> None:
        """The connection is gone."""
        self._connections.discard(connection)
        self._paused.discard(connection)

    def _received(self, messages: Sequence[bytes], peer: str) -> list[Received]:
        relay, now = Relay(peer, self._collector, self._resource_id), self._clock.now()
        return [Received(message, relay, now) for message in messages]

    def _resume(self) -> None:
        paused, self._paused = self._paused, set()
        for connection in paused:
            connection.resume()


class _Connection(asyncio.Protocol):
    """One sender over TCP or TLS."""

    def __init__(self, listener: SyslogListener) -> None:
        self._listener = listener
        self._frames = Frames()
        self._peer = ""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class
        self._peer = _address(transport.get_extra_info("peername"))
        if not self._listener.admit(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._listener.received(self._frames.feed(data), self._peer)
        if self._listener.hold(self) and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False  # the sender is done: close

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def end(self) -> None:
        """Stop reading; what is there of an unfinished message is a message."""
        if self._transport is not None:
            self._transport.pause_reading()
            self._transport.close()
        self._finish()

    def _finish(self) -> None:
        self._listener.received(self._frames.finish(), self._peer)
        if self._frames.cut:
            _log.warning("syslog messages were cut at their greatest length", sender=self._peer, count=self._frames.cut)
            self._frames.cut = 0
        self._listener.forget(self)


class _Datagrams(asyncio.DatagramProtocol):
    """Everybody who sends datagrams."""

    def __init__(self, listener: SyslogListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        stripped = data.strip(b"\r\n\0 ")
        if stripped:
            self._listener.received_datagram(stripped, _address(addr))


def _address(peer: Any) -> str:
    """The address of a peer, an IPv4 one that came over IPv6 as IPv4."""
    return str(peer[0]).removeprefix("::ffff:") if peer else ""


def _dropped_row(now: datetime, count: int) -> Row:
    return {
        "TimeGenerated": now,
        "OperationCategory": "Ingestion",
        "OperationStatus": "Warning",
        "OperationKey": "Syslog",
        "Detail": f"{count} datagrams were dropped, for they came faster than they could be stored. Send over TCP.",
    }
