"""Calls of vectorised functions: constant arguments are worked on once, rows with a null give null."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.engine.python.arrays import arrow_of, numpy_of

Places = tuple[np.ndarray, np.ndarray]
"""Longitudes and latitudes in degrees."""


def places(longitude: Any, latitude: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Longitudes and latitudes of rows, and whether each is a place on Earth."""
    longitudes, latitudes = numbers(longitude), numbers(latitude)
    return longitudes, latitudes, (np.abs(longitudes) <= 180) & (np.abs(latitudes) <= 90)


def numbers(column: Any) -> np.ndarray:
    """A column of reals, null as NaN."""
    return numpy_of(pc.fill_null(_flat(column), float("nan")))


def integers(column: Any, null: int) -> np.ndarray:
    """A column of integers, null as the given number."""
    return numpy_of(pc.fill_null(_flat(column), null)).astype(np.int64)


def for_each_text(
    column: Any, valid: np.ndarray, work: Callable[[str, np.ndarray], np.ndarray | None], type: pa.DataType
) -> pa.Array:
    """Work once for each different text on the rows (positions) that have it; None as the outcome makes them null."""
    encoded = _flat(column).dictionary_encode()
    codes = numpy_of(pc.fill_null(encoded.indices, -1))
    values = np.zeros(len(codes), dtype=np.bool_ if type == pa.bool_() else np.float64)
    known = np.zeros(len(codes), dtype=bool)
    for code, text in enumerate(encoded.dictionary.to_pylist()):
        rows = np.flatnonzero((codes == code) & valid)
        outcome = work(text, rows) if len(rows) else None
        if outcome is not None:
            values[rows], known[rows] = outcome, True
    return arrow_of(values, type, ~known)


def _flat(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
