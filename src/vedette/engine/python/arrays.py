"""Arrow arrays as NumPy arrays and back, by their buffers: in the server pyarrow is loaded without NumPy (see
`cli/lean_start.py`), so its own `to_numpy` fails there."""

from typing import Any

import numpy as np
import pyarrow as pa

_DTYPES: dict[pa.DataType, Any] = {
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.float64(): np.float64,
    pa.timestamp("us"): np.int64,
}
_TYPES: dict[str, pa.DataType] = {"int32": pa.int32(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}


def numpy_of(array: pa.Array | pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """The values of an array of numbers, bools or datetimes (microseconds since 1970); what stands at a null is
    anything."""
    whole = _whole(array)
    values = whole.buffers()[1]
    if values is None:
        return np.zeros(len(whole), _DTYPES.get(whole.type, np.bool_))
    if pa.types.is_boolean(whole.type):
        return _bits(values, whole.offset, len(whole))
    size = np.dtype(_DTYPES[whole.type]).itemsize
    return np.frombuffer(values, _DTYPES[whole.type], len(whole), whole.offset * size)


def nulls_of(array: pa.Array | pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """Where an array is null."""
    whole = _whole(array)
    validity = whole.buffers()[0]
    if validity is None:
        return np.full(len(whole), pa.types.is_null(whole.type))
    return ~_bits(validity, whole.offset, len(whole))


def arrow_of(values: np.ndarray[Any, Any], type: pa.DataType | None = None, nulls: Any = None) -> pa.Array:
    """An Arrow array of a NumPy one, null where `nulls` says so. `type` may differ in meaning only, as a timestamp does
    from its microseconds."""
    wanted = _TYPES[values.dtype.name] if type is None else type
    if wanted in _DTYPES:
        values = values.astype(_DTYPES[wanted])
    data = np.packbits(values, bitorder="little") if wanted == pa.bool_() else np.ascontiguousarray(values)
    validity = None if nulls is None else pa.py_buffer(np.packbits(~nulls, bitorder="little").tobytes())
    return pa.Array.from_buffers(wanted, len(values), [validity, pa.py_buffer(data.tobytes())])


def _whole(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _bits(buffer: pa.Buffer, offset: int, count: int) -> np.ndarray[Any, Any]:
    packed = np.frombuffer(buffer, np.uint8)
    return np.unpackbits(packed, count=offset + count, bitorder="little")[offset:].astype(np.bool_)
