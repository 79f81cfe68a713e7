"""The form of a Python function that makes rows of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from vedette.engine.arrow_types import ARROW_TYPES
from vedette.engine.python.arrays import arrow_of
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows given to a table function: an Arrow array of `ARROW_TYPES` for each column, in the rows' order.

    `results` are the types of the columns that it has to give.
    """

    count: int
    types: tuple[ScalarType, ...]
    columns: tuple[pa.Array, ...]
    results: tuple[ScalarType, ...]

    def values(self, position: int) -> list[Any]:
        """A column as Python values: naive datetimes in UTC, timespans as ticks, dynamics parsed."""
        return [python_value(value, self.types[position]) for value in self.columns[position].to_pylist()]


@dataclass(frozen=True, slots=True)
class PythonTableFunction:
    """`call(rows, *arguments)` gives a sequence for each result column: a list, a NumPy array or an Arrow array, whose
    values are as in `ARROW_TYPES`; a NumPy datetime counts microseconds. Arguments are as `Rows.values` gives values.

    It may raise RowsRefused.
    """

    call: Callable[..., Sequence[Any]]


def python_value(value: Any, type: ScalarType) -> Any:
    """A value that came through Arrow as Python has it."""
    return orjson.loads(value) if type is ScalarType.dynamic and value is not None else value


def arrow_column(values: Any, type: ScalarType) -> pa.Array:
    """A result column of exactly the type; a string is never null."""
    wanted = ARROW_TYPES[type]
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, np.ndarray):
        values = _from_numpy(values)
    array = values.cast(wanted) if isinstance(values, pa.Array) else pa.array(values, wanted)
    return array.fill_null("") if type is ScalarType.string and array.null_count else array


def _from_numpy(values: Any) -> Any:
    kind = values.dtype.kind
    return arrow_of(values.view(np.int64) if kind == "M" else values) if kind in "bifM" else list(values)
