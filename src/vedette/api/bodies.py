"""Request bodies, read as they arrive and never beyond a limit of size, of time, or of what they unpack to."""

import zlib
from typing import Any, Final

import anyio
import orjson
from starlette.requests import Request

from vedette.core.errors import InvalidInput, TimedOut, TooLarge

MEGABYTE: Final = 1024 * 1024
ARRIVAL_SECONDS: Final = 180.0
"""How long a client may take to send its whole body."""

INFLATION: Final = 100
"""Most bytes that a byte of a compressed body may unpack to, beyond the first megabyte."""

_DISCARD: Final = 64 * MEGABYTE
_PIECE: Final = 1 * MEGABYTE
_WINDOW_BITS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_NOT_ZLIB: Final = -15  # some senders of `deflate` leave out zlib's header
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


async def read_body(request: Request, limit: int) -> bytes:
    """The body, unpacked if its Content-Encoding is gzip or deflate; at most `limit` bytes, both as sent and unpacked.

    A body that is too long is read to its end, within bounds, and thrown away, so that the sender sees the answer
    and not a broken connection. Raises TooLarge (RequestTooLarge), TimedOut (RequestTimeout) and InvalidInput
    (UnsupportedContentEncoding, InvalidContentEncoding).
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit + _DISCARD:
        raise _too_large(limit)
    sink = _sink(request.headers.get("content-encoding", ""), limit)
    try:
        with anyio.fail_after(ARRIVAL_SECONDS):
            await _receive(request, sink, limit)
    except TimeoutError as error:
        raise TimedOut(
            "RequestTimeout", f"The body did not arrive within {ARRIVAL_SECONDS:.0f} seconds. Send smaller requests."
        ) from error
    return sink.finish()


def parse_json(body: bytes) -> Any:
    """The JSON value of a body in UTF-8, with or without a byte order mark.

    Raises InvalidInput (InvalidJsonBody) that says where; NaN, Infinity and nesting deeper than 1024 are refused too.
    """
    try:
        return orjson.loads(body.removeprefix(_BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidJsonBody", f"The body is not JSON: {error}.") from error


class _Plain:
    """Collects a body that is sent as it is."""

    def __init__(self) -> None:
        self._collected = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._collected += chunk

    def finish(self) -> bytes:
        return bytes(self._collected)


class _Inflating:
    """Collects a compressed body, unpacking each chunk at once so that a bomb is noticed before it has gone off."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._bits = _WINDOW_BITS[encoding]
        self._unpacker = zlib.decompressobj(self._bits)
        self._limit = limit
        self._sent = 0
        self._collected = bytearray()

    def feed(self, chunk: bytes) -> None:
        if self._sent == 0 and self._bits == _WINDOW_BITS["deflate"] and not _has_zlib_header(chunk):
            self._unpacker = zlib.decompressobj(_NOT_ZLIB)
        self._sent += len(chunk)
        try:
            self._unpack(chunk)
        except zlib.error as error:
            raise _bad_packing(str(error)) from error

    def finish(self) -> bytes:
        self._collected += self._unpacker.flush()
        self._check_size()
        if not self._unpacker.eof:
            raise _bad_packing("it ends too early")
        return bytes(self._collected)

    def _unpack(self, packed: bytes) -> None:
        while packed:
            if self._unpacker.eof:
                if self._bits == _WINDOW_BITS["deflate"]:
                    raise _bad_packing("something follows its end")
                self._unpacker = zlib.decompressobj(self._bits)
            self._collected += self._unpacker.decompress(packed, _PIECE)
            self._check_size()
            packed = self._unpacker.unconsumed_tail or self._unpacker.unused_data

    def _check_size(self) -> None:
        size = len(self._collected)
        if size > self._limit:
            raise _too_large(self._limit)
        if size > MEGABYTE + INFLATION * self._sent:
            raise TooLarge("RequestTooLarge", f"The body unpacks to more than {INFLATION} times its size.")


def _sink(encoding: str, limit: int) -> _Plain | _Inflating:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name not in _WINDOW_BITS:
        raise InvalidInput(
            "UnsupportedContentEncoding",
            f"The Content-Encoding '{encoding[:80]}' is not read here. Use gzip or deflate.",
        )
    return _Inflating(name, limit)


async def _receive(request: Request, sink: _Plain | _Inflating, limit: int) -> None:
    received = 0
    refusal: TooLarge | InvalidInput | None = None
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit + _DISCARD:
            raise _too_large(limit)
        if received > limit:
            refusal = refusal or _too_large(limit)
        if refusal is None and chunk:
            try:
                sink.feed(chunk)
            except (TooLarge, InvalidInput) as error:
                refusal = error
    if refusal is not None:
        raise refusal


def _has_zlib_header(chunk: bytes) -> bool:
    return len(chunk) < 2 or (chunk[0] & 0x0F == 8 and int.from_bytes(chunk[:2]) % 31 == 0)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "RequestTooLarge", f"The body is larger than {limit // MEGABYTE} MB. Split it into smaller requests."
    )


def _bad_packing(reason: str) -> InvalidInput:
    return InvalidInput("InvalidContentEncoding", f"The body cannot be unpacked: {reason}.")
