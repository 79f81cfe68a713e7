"""Batches of a result that is too large to be held: the first in memory, the rest in a file without a name."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, overload

import pyarrow as pa
import structlog

from vedette.core.errors import StorageFull
from vedette.engine.disk_space import check_room

log = structlog.get_logger("vedette.engine")

HELD_BYTES: Final = 8_000_000
"""Bytes of a result that are held in memory; what is beyond them goes to the disk, where there is one to go to."""


class Batches(Sequence[pa.RecordBatch]):
    """Record batches: some held, then those of a file (each from one of `ends` to the next), then some held again. They
    are read from the disk each time that they are asked for. The file is gone with the last that knows of it, or with
    the process."""

    def __init__(
        self,
        schema: pa.Schema,
        first: Sequence[pa.RecordBatch],
        file: IO[bytes] | None = None,
        ends: Sequence[int] = (0,),
        last: Sequence[pa.RecordBatch] = (),
    ) -> None:
        self._schema = schema
        self._first = tuple(first)
        self._file = file
        self._ends = tuple(ends)
        self._last = tuple(last)

    def __len__(self) -> int:
        return len(self._first) + len(self._ends) - 1 + len(self._last)

    @overload
    def __getitem__(self, index: int) -> pa.RecordBatch: ...

    @overload
    def __getitem__(self, index: slice) -> "Sequence[pa.RecordBatch]": ...

    def __getitem__(self, index: int | slice) -> "pa.RecordBatch | Sequence[pa.RecordBatch]":
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        if at < len(self._first):
            return self._first[at]
        at -= len(self._first)
        spilled = len(self._ends) - 1
        return self._read(at) if at < spilled else self._last[at - spilled]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return (self[index] for index in range(len(self)))

    def _read(self, position: int) -> pa.RecordBatch:
        assert self._file is not None
        start, end = self._ends[position : position + 2]
        message = os.pread(self._file.fileno(), end - start, start)
        return pa.ipc.read_record_batch(pa.py_buffer(message), self._schema)


class Spill:
    """Takes the batches of one result as they come. `directory` is where its file may be; None: everything is held.
    A disk that takes no more, or has only its reserve, is no error: then the rest is held, and the limits of the query
    bound that."""

    def __init__(self, schema: pa.Schema, directory: Path | None, held_bytes: int | None = None) -> None:
        self._schema = schema
        self._directory = directory
        self._room = HELD_BYTES if held_bytes is None else held_bytes
        self._first: list[pa.RecordBatch] = []
        self._last: list[pa.RecordBatch] = []
        self._file: IO[bytes] | None = None
        self._ends = [0]

    def add(self, batch: pa.RecordBatch) -> None:
        """Take one batch more."""
        self._room -= batch.nbytes
        if self._room >= 0 or self._directory is None:
            self._first.append(batch)
            return
        if not self._last:
            try:
                self._write(batch, self._directory)
                return
            except (OSError, StorageFull) as error:
                log.warning("a large result is held in memory, for the disk does not take it", error=str(error))
        self._last.append(batch)

    def finish(self) -> Batches:
        """All that was taken, in order."""
        return Batches(self._schema, self._first, self._file, self._ends, self._last)

    def _write(self, batch: pa.RecordBatch, directory: Path) -> None:
        check_room(directory, 0)
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115  it lives as long as its batches
        message = batch.serialize()
        rest, at = memoryview(message), self._ends[-1]
        while rest:
            written = os.pwrite(self._file.fileno(), rest, at)
            rest, at = rest[written:], at + written
        self._ends.append(self._ends[-1] + message.size)
