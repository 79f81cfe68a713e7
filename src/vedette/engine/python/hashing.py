"""xxHash64 of values, as Kusto's hash() and its distinct counts take them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from vedette.engine.python.arrays import arrow_of, nulls_of, numpy_of
from vedette.engine.python.function import PythonFunction

_P1, _P2, _P3, _P4, _P5 = (
    np.uint64(prime)
    for prime in (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    )
)


def of_texts(texts: pa.Array) -> pa.Array:
    """The hash of each text's UTF-8 bytes, as a signed number."""
    hashes = (None if text is None else xxhash.xxh64_intdigest(text.encode()) for text in texts.to_pylist())
    return pa.array([None if number is None else _signed(number) for number in hashes], pa.int64())


def of_numbers(numbers: pa.Array) -> pa.Array:
    """The hash of each number's eight bytes, least first; a real by its bits."""
    hashed = hashes_of(np.ascontiguousarray(numpy_of(numbers)).view(np.uint64))
    return arrow_of(hashed.view(np.int64), nulls=nulls_of(numbers))


def of_bytes(digits: pa.Array) -> pa.Array:
    """The hash of bytes that are given in hex."""
    hashes = (None if text is None else xxhash.xxh64_intdigest(bytes.fromhex(text)) for text in digits.to_pylist())
    return pa.array([None if number is None else _signed(number) for number in hashes], pa.int64())


def hashes_of(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """xxHash64 of inputs of exactly eight bytes, all at once."""
    with np.errstate(over="ignore"):
        mixed = (_P5 + np.uint64(8)) ^ (_rotated(words * _P2, 31) * _P1)
        mixed = _rotated(mixed, 27) * _P1 + _P4
        mixed = (mixed ^ (mixed >> np.uint64(33))) * _P2
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _P3
        return mixed ^ (mixed >> np.uint64(32))


def _rotated(words: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint64]:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_hashing_text": PythonFunction(of_texts, ("VARCHAR",), "BIGINT", vectorized=True),
    "py_hashing_long": PythonFunction(of_numbers, ("BIGINT",), "BIGINT", vectorized=True),
    "py_hashing_real": PythonFunction(of_numbers, ("DOUBLE",), "BIGINT", vectorized=True),
    "py_hashing_bytes": PythonFunction(of_bytes, ("VARCHAR",), "BIGINT", vectorized=True),
}
"""By the names that SQL calls them by."""
