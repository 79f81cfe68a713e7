"""Cuts a stream of records into posts that the Data Collector takes, each with the rows it holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

BATCH_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """A JSON array of records; `first` and `last` are their 1-based numbers in the stream."""

    body: bytes
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many records it holds."""
        return self.last - self.first + 1


def batches(records: Iterable[dict[str, Any]], size: int = BATCH_BYTES) -> Iterator[Batch]:
    """The records as JSON arrays of at most `size` bytes; a record larger than that goes alone."""
    parts: list[bytes] = []
    length = 1
    number = 0
    for number, record in enumerate(records, 1):
        part = orjson.dumps(record)
        if parts and length + len(part) + 1 > size:
            yield _batch(parts, number - 1)
            parts, length = [], 1
        parts.append(part)
        length += len(part) + 1
    if parts:
        yield _batch(parts, number)


def _batch(parts: list[bytes], last: int) -> Batch:
    return Batch(b"[" + b",".join(parts) + b"]", last - len(parts) + 1, last)
