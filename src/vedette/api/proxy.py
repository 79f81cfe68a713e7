"""The CONNECT proxy that lets unmodified programs reach this server by the public Azure names they have hard-coded.

It hands a tunnel to one of those names to the server's own TLS port, and refuses every other name: nothing leaves the
machine through it. https://www.rfc-editor.org/rfc/rfc9110#name-connect
"""

import asyncio
import socket
from contextlib import suppress

import structlog

from vedette.access.addresses import Addresses
from vedette.access.public_names import is_public_name

MAX_HEAD = 16 * 1024  # bytes
MAX_TUNNELS = 512
HEAD_TIMEOUT = 10.0  # seconds
_CHUNK = 64 * 1024

log = structlog.get_logger("vedette.proxy")


class Refusal(Exception):
    """A request that gets no tunnel: the status line's words and a sentence for the person who reads it."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Proxy:
    """A listening proxy; `close` ends its tunnels too."""

    def __init__(self, addresses: Addresses, upstream: tuple[str, int]) -> None:
        """`upstream` is the host and port of the server's own TLS listener."""
        self._addresses = addresses
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()

    async def start(self, listener: socket.socket) -> None:
        """Begin to answer on a bound socket."""
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=MAX_HEAD)

    def stop_listening(self) -> None:
        """Take no more connections; open tunnels go on."""
        if self._server is not None:
            self._server.close()

    async def close(self) -> None:
        """Stop listening and end every tunnel."""
        self.stop_listening()
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # the stream server runs this in a task
        self._tunnels.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError) as error:
            log.debug("tunnel ended", reason=type(error).__name__)
        finally:
            self._tunnels.discard(task)
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._tunnels) > MAX_TUNNELS:
                raise Refusal("503 Service Unavailable", "The proxy has as many tunnels open as it allows.")
            async with asyncio.timeout(HEAD_TIMEOUT):
                head = await _read_head(reader)
            host, port = requested(head)
            self._allow(host, port)
        except Refusal as refusal:
            await _refuse(writer, refusal)
            return
        except TimeoutError:
            await _refuse(writer, Refusal("408 Request Timeout", "The request did not arrive in time."))
            return
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self._upstream)
        except OSError:
            await _refuse(writer, Refusal("502 Bad Gateway", "The server does not take connections."))
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await _join(reader, writer, upstream_reader, upstream_writer)
        finally:
            await _close(upstream_writer)

    def _allow(self, host: str, port: int) -> None:
        """Raises Refusal unless the name is one this server stands in for, or its own."""
        if is_public_name(host):
            if port != 443:
                raise Refusal("403 Forbidden", f"'{host}' is reached on port 443 only, not {port}.")
            return
        name = f"[{host}]" if ":" in host else host
        if f"https://{name}:{port}" not in self._addresses.own():
            raise Refusal(
                "403 Forbidden",
                f"'{host}:{port}' is not a name that Vedette stands in for, and its proxy leads nowhere else. "
                "Programs that need other hosts should name them in NO_PROXY.",
            )


def requested(head: bytes) -> tuple[str, int]:
    """The host (lower case) and port that a request head asks a tunnel to. Raises Refusal."""
    line = head.split(b"\r\n", 1)[0]
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        raise Refusal("400 Bad Request", "The request is not HTTP/1.")
    if parts[0] != b"CONNECT":
        raise Refusal(
            "405 Method Not Allowed",
            "This is Vedette's CONNECT proxy: set it as HTTPS_PROXY (or run a program under `vedette exec`) "
            "to reach the server by the public Azure names.",
        )
    host, separator, port = parts[1].decode("latin-1").rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not separator or not _is_host(bare) or not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise Refusal("400 Bad Request", "CONNECT takes a host and a port, such as management.azure.com:443.")
    return bare.lower(), int(port)


def _is_host(text: str) -> bool:
    return text.isascii() and 0 < len(text) <= 253 and all(each.isalnum() or each in ".-:_" for each in text)


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise Refusal("431 Request Header Fields Too Large", "The head of the request is too large.") from error
    except asyncio.IncompleteReadError as error:
        raise Refusal("400 Bad Request", "The request ended before its head did.") from error


async def _refuse(writer: asyncio.StreamWriter, refusal: Refusal) -> None:
    body = f"{refusal.sentence}\n".encode()
    allow = "Allow: CONNECT\r\n" if refusal.status.startswith("405") else ""
    head = (
        f"HTTP/1.1 {refusal.status}\r\n{allow}Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream_reader: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
) -> None:
    """Copy both ways until the server has said everything, or one side fails."""
    sending = asyncio.create_task(_copy(reader, upstream_writer))
    try:
        await _copy(upstream_reader, writer)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK):
        target.write(chunk)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # the other side went first; the socket is closed either way
        await writer.wait_closed()
