"""Texts compressed by gzip and zlib, in base64."""

import base64
import binascii
import zlib
from collections.abc import Mapping

from vedette.engine.python.function import PythonFunction

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_MOST_BYTES = 64 * 1024 * 1024
_TABLES = 100


def gzip(text: str | None) -> str | None:
    """A text's UTF-8 by gzip, in base64."""
    if text is None:
        return None
    data = text.encode()
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return base64.b64encode(head + _deflated(data) + tail).decode()


def zlib_text(text: str | None) -> str | None:
    """A text's UTF-8 by zlib, in base64."""
    if text is None:
        return None
    data = text.encode()
    return base64.b64encode(b"\x78\x01" + _deflated(data) + zlib.adler32(data).to_bytes(4, "big")).decode()


def gunzip(encoded: str | None) -> str | None:
    """The text that `gzip` was given; None for what is no such thing."""
    return _inflated(encoded, _GZIP)


def zlib_decompressed(encoded: str | None) -> str | None:
    """The text that `zlib_text` was given; None for what is no such thing."""
    return _inflated(encoded, _ZLIB)


def _deflated(data: bytes) -> bytes:
    """Short texts are stored as they are, as Kusto's compressor does, for the tables cost it more than they spare."""
    packed = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    smaller = packed.compress(data) + packed.flush()
    if len(smaller) + _TABLES < len(data):
        return smaller
    stored = zlib.compressobj(0, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stored.compress(data) + stored.flush()


def _inflated(encoded: str | None, form: int) -> str | None:
    """Raises ValueError for a text that unfolds to more than a query may hold."""
    try:
        packed = base64.b64decode(encoded or "", validate=True)
    except binascii.Error:
        return None
    unpacker = zlib.decompressobj(form)
    try:
        data = unpacker.decompress(packed, _MOST_BYTES)
        text = data.decode()
    except (zlib.error, UnicodeDecodeError):
        return None
    if unpacker.unconsumed_tail:
        raise ValueError(f"a compressed text unfolds to more than {_MOST_BYTES} bytes")
    return text if unpacker.eof else None


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_compression_gzip": PythonFunction(gzip, ("VARCHAR",), "VARCHAR"),
    "py_compression_gunzip": PythonFunction(gunzip, ("VARCHAR",), "VARCHAR"),
    "py_compression_zlib": PythonFunction(zlib_text, ("VARCHAR",), "VARCHAR"),
    "py_compression_unzlib": PythonFunction(zlib_decompressed, ("VARCHAR",), "VARCHAR"),
}
"""By the names that SQL calls them by."""
