"""xxHash64 of many numbers at once is what the library says of each."""

import struct

import numpy as np
import pyarrow as pa
import xxhash

from vedette.engine.python import hashing


def test_numbers_hash_as_their_eight_bytes() -> None:
    numbers = [0, 1, -1, 5000, 2**63 - 1, -(2**63)]
    expected = [xxhash.xxh64_intdigest(struct.pack("<q", number)) for number in numbers]
    assert hashing.hashes_of(np.array(numbers, dtype=np.int64).view(np.uint64)).tolist() == expected


def test_nulls_stay() -> None:
    assert hashing.of_numbers(pa.array([None, 5000], pa.int64())).to_pylist() == [None, 7755241107725382121]
    assert hashing.of_texts(pa.array([None, "World"])).to_pylist() == [None, 1846988464401551951]
