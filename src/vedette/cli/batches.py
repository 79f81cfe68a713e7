"""Cuts a stream of rows into batches: for each table a JSON array of what is for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from vedette.formats.event_files import json_value
from vedette.formats.rows import TableRow

BATCH_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """JSON arrays by table; `first` and `last` are the 1-based numbers of their rows in the stream."""

    bodies: dict[str, bytes]
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many rows it holds."""
        return self.last - self.first + 1


@dataclass(slots=True)
class _Parts:
    tables: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])
    length: int = 0
    count: int = 0

    def add(self, table: str, part: bytes) -> None:
        self.tables.setdefault(table, []).append(part)
        self.length += len(part) + 1
        self.count += 1


def batches(rows: Iterable[TableRow], size: int = BATCH_BYTES) -> Iterator[Batch]:
    """The rows in batches of about `size` bytes of JSON; a row larger than that goes alone."""
    parts = _Parts()
    number = 0
    for number, row in enumerate(rows, 1):
        part = orjson.dumps(row.row, default=json_value, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
        if parts.count and parts.length + len(part) + 2 > size:
            yield _batch(parts, number - 1)
            parts = _Parts()
        parts.add(row.table, part)
    if parts.count:
        yield _batch(parts, number)


def _batch(parts: _Parts, last: int) -> Batch:
    bodies = {table: b"[" + b",".join(of_table) + b"]" for table, of_table in parts.tables.items()}
    return Batch(bodies, last - parts.count + 1, last)
