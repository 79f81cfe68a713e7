"""Limits of size and time, compression and its bombs, and what is not JSON."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.api import bodies
from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.core.errors import InvalidInput, TimedOut, TooLarge, VedetteError

LIMIT = 2 * MEGABYTE


async def _echo(request: Request) -> Response:
    """Give the body back as it was read, or the code of the refusal."""
    try:
        return Response(await read_body(request, LIMIT))
    except VedetteError as error:
        return Response(error.code, 400)


def send(content: bytes | AsyncIterator[bytes], encoding: str | None = None) -> httpx.Response:
    headers = {"content-encoding": encoding} if encoding is not None else {}

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=[Route("/", _echo, methods=["POST"])]))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/", content=content, headers=headers)

    return anyio.run(post)


async def chunks(chunk: bytes, times: int) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield chunk


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("content", "encoding", "read"),
    [
        (b"plain", None, b"plain"),
        (b"plain", "identity", b"plain"),
        (b"", None, b""),
        (gzip.compress(b"packed"), "gzip", b"packed"),
        (gzip.compress(b"packed"), " X-GZip ", b"packed"),
        (gzip.compress(b"two ") + gzip.compress(b"members"), "gzip", b"two members"),
        (gzip.compress(bytes(range(256)) * 400), "gzip", bytes(range(256)) * 400),
        (zlib.compress(b"packed"), "deflate", b"packed"),
        (raw_deflate(b"packed without a header"), "deflate", b"packed without a header"),
        (b"x" * LIMIT, None, b"x" * LIMIT),
    ],
)
def test_bodies_that_are_read(content: bytes, encoding: str | None, read: bytes) -> None:
    assert send(content, encoding).content == read


@pytest.mark.parametrize(
    ("content", "encoding", "code"),
    [
        (b"x" * (LIMIT + 1), None, b"RequestTooLarge"),
        (gzip.compress(b"x" * (LIMIT + 1)), "gzip", b"RequestTooLarge"),
        (gzip.compress(gzip.compress(b"x")), "gzip, gzip", b"UnsupportedContentEncoding"),
        (b"x", "zstd", b"UnsupportedContentEncoding"),
        (b"not gzip", "gzip", b"InvalidContentEncoding"),
        (gzip.compress(b"cut short")[:-4], "gzip", b"InvalidContentEncoding"),
        (gzip.compress(b"x") + b"tail", "gzip", b"InvalidContentEncoding"),
        (zlib.compress(b"x") + b"tail", "deflate", b"InvalidContentEncoding"),
        (b"", "gzip", b"InvalidContentEncoding"),
    ],
)
def test_bodies_that_are_refused(content: bytes, encoding: str | None, code: bytes) -> None:
    answer = send(content, encoding)
    assert (answer.status_code, answer.content) == (400, code)


def test_a_body_of_unknown_length_is_counted_as_it_comes() -> None:
    assert send(chunks(b"x" * 65536, 33)).content == b"RequestTooLarge"
    assert send(chunks(b"x" * 65536, 32)).content == b"x" * LIMIT


def test_a_body_without_end_is_given_up() -> None:
    assert send(chunks(b"x" * MEGABYTE, 10_000)).content == b"RequestTooLarge"


def test_a_bomb_is_noticed_before_it_has_gone_off() -> None:
    bomb = gzip.compress(b"\0" * (512 * MEGABYTE // 8), 9)
    tracemalloc.start()
    try:
        assert send(bomb, "gzip").content == b"RequestTooLarge"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * LIMIT


def test_a_body_may_not_unpack_to_a_hundred_times_its_size() -> None:
    async def post() -> None:
        packed = gzip.compress(b"\0" * (32 * MEGABYTE))

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": packed, "more_body": False}

        request = Request({"type": "http", "method": "POST", "headers": [(b"content-encoding", b"gzip")]}, receive)
        with pytest.raises(TooLarge, match="100 times its size"):
            await read_body(request, 64 * MEGABYTE)

    anyio.run(post)


def test_a_sender_that_never_finishes_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "ARRIVAL_SECONDS", 0.02)

    async def wait() -> None:
        request = Request({"type": "http", "method": "POST", "headers": []}, anyio.sleep_forever)
        with pytest.raises(TimedOut) as cut:
            await read_body(request, LIMIT)
        assert cut.value.code == "RequestTimeout"

    anyio.run(wait)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[NaN]", b"[Infinity]", b'["\xff"]', b'"\\ud800"', b"[" * 10_000 + b"]" * 10_000, b"[1,]", b"1e999"],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_json(body)
    assert refusal.value.code == "InvalidJsonBody"


def test_a_byte_order_mark_is_forgiven() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]
