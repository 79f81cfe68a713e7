"""Geohashes: cells of longitude and latitude, each named by a text that begins with the name of the cell around it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from vedette.engine.python.byrow import integers, places
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import geometry_text, point_text
from vedette.engine.python.listing import as_listed

_DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz"
_BYTES = np.frombuffer(_DIGITS.encode(), dtype=np.uint8)
_LONGEST = 18
_AROUND = ((-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0))
"""The neighbors of a cell by steps east and north: clockwise from the north-west."""


def of_points(longitude: Any, latitude: Any, length: Any) -> pa.Array:
    """The geohash of each point; '' where the point or the length (1 to 18) is invalid.

    https://learn.microsoft.com/kusto/query/geo-point-to-geohash-function
    """
    east, north, valid = places(longitude, latitude)
    lengths = integers(length, 0)
    valid &= (lengths >= 1) & (lengths <= _LONGEST)
    texts = np.full(len(valid), "", dtype=f"<U{_LONGEST}")
    for wanted in np.unique(lengths[valid]):
        rows = np.flatnonzero(valid & (lengths == wanted))
        texts[rows] = _texts(east[rows], north[rows], int(wanted))
    return pa.array(texts.tolist(), type=pa.string())


def center(geohash: str | None) -> str | None:
    """The middle of a cell as a Point."""
    west_south = _bounds(geohash)
    if west_south is None:
        return None
    west, south, east, north = west_south
    return point_text(((west + east) / 2, (south + north) / 2))


def outline(geohash: str | None) -> str | None:
    """A cell as a Polygon, counterclockwise from its south-west corner."""
    bounds = _bounds(geohash)
    if bounds is None:
        return None
    west, south, east, north = bounds
    return geometry_text(polygons=[(((west, south), (east, south), (east, north), (west, north), (west, south)),)])


def neighbors(geohash: str | None) -> list[str] | None:
    """The cells around a cell, of its length: eight, and five at a pole."""
    found = _cell(geohash)
    if found is None:
        return None
    column, row, length = found
    columns, rows = (1 << bits for bits in _bits(length))
    return as_listed(
        [_text((column + east) % columns, row + north, length) for east, north in _AROUND if 0 <= row + north < rows]
    )


def _bits(length: int) -> tuple[int, int]:
    """How many bits of a geohash of that length are of longitude, and of latitude."""
    return (5 * length + 1) // 2, 5 * length // 2


def _cell(geohash: str | None) -> tuple[int, int, int] | None:
    """A cell by its column from the west, its row from the south and its length."""
    if not geohash or len(geohash) > _LONGEST or any(digit not in _DIGITS for digit in geohash):
        return None
    bits = "".join(format(_DIGITS.index(digit), "05b") for digit in geohash)
    return int(bits[0::2], 2), int(bits[1::2] or "0", 2), len(geohash)


def _text(column: int, row: int, length: int) -> str:
    of_longitude, of_latitude = _bits(length)
    bits = [""] * (5 * length)
    bits[0::2], bits[1::2] = format(column, f"0{of_longitude}b"), format(row, f"0{of_latitude}b")
    joined = "".join(bits)
    return "".join(_DIGITS[int(joined[at : at + 5], 2)] for at in range(0, len(joined), 5))


def _bounds(geohash: str | None) -> tuple[float, float, float, float] | None:
    found = _cell(geohash)
    if found is None:
        return None
    column, row, length = found
    of_longitude, of_latitude = _bits(length)
    width, height = 360 / (1 << of_longitude), 180 / (1 << of_latitude)
    west, south = column * width - 180, row * height - 90
    return west, south, west + width, south + height


def _texts(east: np.ndarray, north: np.ndarray, length: int) -> np.ndarray:
    of_longitude, of_latitude = _bits(length)
    columns, rows = _cells(east, 180.0, of_longitude), _cells(north, 90.0, of_latitude)
    digits = np.zeros((len(east), length), dtype=np.uint8)
    for bit in range(5 * length):
        source, left = (columns, of_longitude - 1 - bit // 2) if bit % 2 == 0 else (rows, of_latitude - 1 - bit // 2)
        digits[:, bit // 5] |= (((source >> left) & 1) << (4 - bit % 5)).astype(np.uint8)
    return _BYTES[digits].view(f"S{length}").ravel().astype(f"U{length}")


def _cells(degrees: np.ndarray, half: float, bits: int) -> np.ndarray:
    """The cell of each coordinate among 2^bits from -half to half, exact where the division is not."""
    count = 1 << bits
    size = 2 * half / count
    cells = np.floor((degrees + half) / size).astype(np.int64)
    cells -= degrees < cells * size - half
    cells += degrees >= (cells + 1) * size - half
    return np.clip(cells, 0, count - 1)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geohash_of_points": PythonFunction(of_points, ("DOUBLE", "DOUBLE", "BIGINT"), "VARCHAR", vectorized=True),
    "py_geohash_center": PythonFunction(center, ("VARCHAR",), "VARCHAR"),
    "py_geohash_outline": PythonFunction(outline, ("VARCHAR",), "VARCHAR"),
    "py_geohash_neighbors": PythonFunction(neighbors, ("VARCHAR",), "VARCHAR[]"),
}
"""By the names that SQL calls them by."""
