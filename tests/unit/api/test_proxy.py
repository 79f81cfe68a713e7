"""The proxy leads to the server by the public names, and nowhere else."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from vedette.access.addresses import make_addresses
from vedette.api.proxy import Proxy, Refusal, requested


@pytest.mark.parametrize(
    ("line", "host", "port"),
    [
        (b"CONNECT management.azure.com:443 HTTP/1.1", "management.azure.com", 443),
        (b"CONNECT Management.Azure.com:443 HTTP/1.0", "management.azure.com", 443),
        (b"CONNECT [::1]:8443 HTTP/1.1", "::1", 8443),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1", "127.0.0.1", 1),
    ],
)
def test_where_a_request_asks_to_go(line: bytes, host: str, port: int) -> None:
    assert requested(line + b"\r\nHost: x\r\n\r\n") == (host, port)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"", "400"),
        (b"nonsense", "400"),
        (b"CONNECT a:443", "400"),
        (b"CONNECT a:443 FTP/1.1", "400"),
        (b"CONNECT a HTTP/1.1", "400"),
        (b"CONNECT :443 HTTP/1.1", "400"),
        (b"CONNECT a: HTTP/1.1", "400"),
        (b"CONNECT a:0 HTTP/1.1", "400"),
        (b"CONNECT a:65536 HTTP/1.1", "400"),
        (b"CONNECT a:4\xb23 HTTP/1.1", "400"),
        (b"CONNECT a/b:443 HTTP/1.1", "400"),
        (b"CONNECT user@a:443 HTTP/1.1", "400"),
        (b"CONNECT " + b"a" * 300 + b":443 HTTP/1.1", "400"),
        (b"GET / HTTP/1.1", "405"),
        (b"GET http://management.azure.com/ HTTP/1.1", "405"),
    ],
)
def test_malformed_requests(line: bytes, status: str) -> None:
    with pytest.raises(Refusal) as refused:
        requested(line + b"\r\n\r\n")
    assert refused.value.status.startswith(status)


def bound() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


def through(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]], *, upstream_up: bool = True
) -> bytes:
    """What `talk` gives when it speaks to a proxy whose upstream shouts back what it hears."""

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1024):
            writer.write(chunk.upper())
            await writer.drain()
        writer.close()

    async def scene() -> bytes:
        upstream = await asyncio.start_server(shout, "127.0.0.1", 0)
        port = upstream.sockets[0].getsockname()[1]
        if not upstream_up:
            upstream.close()
            await upstream.wait_closed()
        listener = bound()
        proxy_port = listener.getsockname()[1]
        addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=proxy_port)
        proxy = Proxy(addresses, ("127.0.0.1", port))
        await proxy.start(listener)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy_port)
        try:
            return await asyncio.wait_for(talk(reader, writer), 10)
        finally:
            writer.close()
            await proxy.close()
            upstream.close()

    return asyncio.run(scene())


def asking(request: bytes, *, then: bytes = b"") -> bytes:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(request)
        if then:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(then)
            writer.write_eof()
            return head + await reader.read()
        return await reader.read()

    return through(talk)


@pytest.mark.parametrize(
    "target",
    ["management.azure.com:443", "w.ods.opinsights.azure.com:443", "help.kusto.windows.net:443", "localhost:8443"],
)
def test_a_tunnel_to_a_name_that_is_ours(target: str) -> None:
    answer = asking(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode(), then=b"hello")
    assert answer == b"HTTP/1.1 200 Connection established\r\n\r\nHELLO"


@pytest.mark.parametrize(
    "target", ["example.com:443", "management.azure.com:80", "localhost:22", "127.0.0.1:80", "169.254.169.254:80"]
)
def test_every_other_name_is_refused_with_a_sentence(target: str) -> None:
    answer = asking(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode()).decode()
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert target.partition(":")[0] in answer


def test_a_plain_request_is_told_what_this_is() -> None:
    answer = asking(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").decode()
    assert answer.startswith("HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n")
    assert "CONNECT proxy" in answer


def test_a_head_that_is_too_large() -> None:
    answer = asking(b"CONNECT management.azure.com:443 HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_head_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.api.proxy.HEAD_TIMEOUT", 0.05)
    assert asking(b"CONNECT management.azure.com:443 HTTP/1.1\r\n").startswith(b"HTTP/1.1 408 ")


def test_an_upstream_that_is_gone_ends_the_tunnel() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert through(talk, upstream_up=False).startswith(b"HTTP/1.1 502 ")


def test_tunnels_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.api.proxy.MAX_TUNNELS", 0)
    assert asking(b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 503 ")


def test_closing_the_proxy_ends_open_tunnels() -> None:
    async def scene() -> bytes:
        upstream = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        listener = bound()
        addresses = make_addresses("127.0.0.1", https_port=1, http_port=2, proxy_port=3)
        proxy = Proxy(addresses, ("127.0.0.1", upstream.sockets[0].getsockname()[1]))
        await proxy.start(listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.wait_for(proxy.close(), 5)
        rest = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        upstream.close()
        return rest

    assert asyncio.run(scene()) == b""
