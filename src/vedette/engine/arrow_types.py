"""What holds the values of each type in Arrow, on the way into and out of an engine."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from vedette.kql.types import ScalarType

ARROW_TYPES: Final[Mapping[ScalarType, pa.DataType]] = {
    ScalarType.bool: pa.bool_(),
    ScalarType.int: pa.int32(),
    ScalarType.long: pa.int64(),
    ScalarType.real: pa.float64(),
    ScalarType.decimal: pa.string(),
    ScalarType.string: pa.string(),
    ScalarType.datetime: pa.timestamp("us"),
    ScalarType.timespan: pa.int64(),
    ScalarType.guid: pa.string(),
    ScalarType.dynamic: pa.string(),
}
"""A timespan is its ticks of 100 ns, a dynamic JSON text (null for null), decimal and guid are text."""
