"""What a query gave: Arrow batches, at most as many as its limits allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vedette.engine.limits import Limits
from vedette.engine.spilling import Spill


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The rows of one query as Arrow record batches. `bytes` is their size in memory.

    They are kept, not streamed from the engine: their size is bounded, every failure is known before the first row is
    sent, and a slow reader keeps nothing open in the engine. What is too much for memory is on the disk meanwhile.
    """

    schema: pa.Schema
    batches: Sequence[pa.RecordBatch]
    rows: int
    bytes: int
    truncated: bool


def read_within(reader: pa.RecordBatchReader, limits: Limits, directory: Path | None = None) -> EngineResult:
    """Read until the end or until a limit, whichever comes first; what lies beyond is never computed. A large result
    is kept in a file in `directory`, where there is one."""
    spill = Spill(reader.schema, directory)
    rows = 0
    size = 0
    truncated = False
    for batch in reader:
        fitting = _rows_that_fit(batch, limits.rows - rows, limits.bytes - size)
        kept = batch.slice(0, fitting)
        if fitting:
            spill.add(kept)
            rows += fitting
            size += kept.nbytes
        if fitting < batch.num_rows:
            truncated = True
            break
    return EngineResult(reader.schema, spill.finish(), rows, size, truncated)


def _rows_that_fit(batch: pa.RecordBatch, rows: int, size: int) -> int:
    fitting = min(batch.num_rows, rows)
    if batch.nbytes <= size:
        return fitting
    return max(0, min(fitting, batch.num_rows * size // batch.nbytes))
