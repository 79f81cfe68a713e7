"""What a query gave: Arrow batches, at most as many as its limits allow."""

from dataclasses import dataclass

import pyarrow as pa

from vedette.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The rows of one query as Arrow record batches. `bytes` is their size in memory.

    They are held, not streamed from the engine: their size is bounded, every failure is known before the first row
    is sent, and a slow reader keeps nothing open in the engine.
    """

    schema: pa.Schema
    batches: tuple[pa.RecordBatch, ...]
    rows: int
    bytes: int
    truncated: bool


def read_within(reader: pa.RecordBatchReader, limits: Limits) -> EngineResult:
    """Read until the end or until a limit, whichever comes first; what lies beyond is never computed."""
    batches: list[pa.RecordBatch] = []
    rows = 0
    size = 0
    for batch in reader:
        fitting = _rows_that_fit(batch, limits.rows - rows, limits.bytes - size)
        kept = batch.slice(0, fitting)
        if fitting:
            batches.append(kept)
            rows += fitting
            size += kept.nbytes
        if fitting < batch.num_rows:
            return EngineResult(reader.schema, tuple(batches), rows, size, truncated=True)
    return EngineResult(reader.schema, tuple(batches), rows, size, truncated=False)


def _rows_that_fit(batch: pa.RecordBatch, rows: int, size: int) -> int:
    fitting = min(batch.num_rows, rows)
    if batch.nbytes <= size:
        return fitting
    return max(0, min(fitting, batch.num_rows * size // batch.nbytes))
