"""Compressed texts."""

import base64
import gzip
import zlib

import pytest

from vedette.engine.python import compression


@pytest.mark.parametrize("text", ["", "1234567890qwertyuiop", "long " * 1000, "é😀"])
def test_what_is_compressed_is_what_gzip_and_zlib_read(text: str) -> None:
    assert gzip.decompress(base64.b64decode(compression.gzip(text) or "")).decode() == text
    assert zlib.decompress(base64.b64decode(compression.zlib_text(text) or "")).decode() == text
    assert compression.gunzip(compression.gzip(text)) == text
    assert compression.zlib_decompressed(compression.zlib_text(text)) == text


def test_long_texts_become_shorter() -> None:
    assert len(compression.gzip("long " * 1000) or "") < 200


@pytest.mark.parametrize("encoded", ["x0x0x0", "AAAA", "", base64.b64encode(gzip.compress(b"\xff")).decode()])
def test_what_is_not_valid_is_nothing(encoded: str) -> None:
    assert compression.gunzip(encoded) is None


def test_a_text_cannot_unfold_without_bound() -> None:
    bomb = base64.b64encode(zlib.compress(b"0" * (65 * 1024 * 1024))).decode()
    with pytest.raises(ValueError, match="unfolds to more than"):
        compression.zlib_decompressed(bomb)
