"""S2 cells: the sphere divided into six faces and each cell into four, to level 30; named by hexadecimal tokens."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import s2geometry as s2

from vedette.engine.python.byrow import integers, places
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import geometry_text, point_text
from vedette.engine.python.listing import as_listed
from vedette.engine.python.sphere import position

_FINEST = 30
_TOKEN = re.compile("[0-9a-fA-F]{1,16}")


def of_points(longitude: Any, latitude: Any, level: Any) -> pa.Array:
    """The token of the cell of each point; '' where the point or the level (0 to 30) is invalid.

    https://learn.microsoft.com/kusto/query/geo-point-to-s2cell-function
    """
    east, north, valid = places(longitude, latitude)
    levels = integers(level, -1)
    valid &= (levels >= 0) & (levels <= _FINEST)
    tokens = np.full(len(valid), "", dtype=object)
    rows = np.flatnonzero(valid)
    tokens[rows] = [_token(cell) for cell in _cells(east[rows], north[rows], levels[rows]).tolist()]
    return pa.array(tokens.tolist(), type=pa.string())


def center(token: str | None) -> str | None:
    """The middle of a cell as a Point."""
    cell = _cell(token)
    return None if cell is None else point_text(position(cell.ToPoint()))


def outline(token: str | None) -> str | None:
    """A cell as a Polygon."""
    cell = _cell(token)
    if cell is None:
        return None
    found = s2.S2Cell(cell)
    corners = [position(found.GetVertex(at)) for at in range(4)]
    return geometry_text(polygons=[((*corners, corners[0]),)])


def neighbors(token: str | None) -> list[str] | None:
    """The cells of the same level around a cell."""
    cell = _cell(token)
    return None if cell is None else as_listed([near.ToToken() for near in cell.GetAllNeighbors(cell.level())])


def _cell(token: str | None) -> Any:
    if token is None or _TOKEN.fullmatch(token) is None:
        return None
    found = s2.S2CellId.FromToken(token)
    return found if found.is_valid() else None


def _token(cell: int) -> str:
    return format(cell, "016x").rstrip("0")


# --- many points at once ------------------------------------------------------------------------------------------


def _cells(east: np.ndarray, north: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The number of the cell of each point. S2 itself is called point by point, which takes ten times as long."""
    along, up = np.radians(east), np.radians(north)
    vectors = np.stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)])
    axis = np.argmax(np.abs(vectors), axis=0)
    x, y, z = vectors
    main = np.choose(axis, vectors)
    across, onward = np.choose(axis, [y, -x, -x]) / main, np.choose(axis, [z, z, -y]) / main
    behind = main < 0
    columns, rows = _steps(np.where(behind, onward, across)), _steps(np.where(behind, across, onward))
    numbers = _curve(np.where(behind, axis + 3, axis), columns, rows)
    last = np.uint64(1) << (2 * (_FINEST - levels)).astype(np.uint64)
    return (numbers & ~(last - np.uint64(1)) & ~last) | last


def _steps(along: np.ndarray) -> np.ndarray:
    """The column of 2^30 over a face, by the quadratic projection that makes cells of nearly equal size."""
    root = 0.5 * np.sqrt(1 + 3 * np.abs(along))
    share = np.where(along >= 0, root, 1 - root)
    return np.clip(np.floor(share * (1 << _FINEST)).astype(np.int64), 0, (1 << _FINEST) - 1)


def _curve(faces: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The place of each leaf cell along S2's Hilbert curve, as the number of the leaf."""
    positions, turns = _hilbert()
    turn = faces & 1
    number = faces.astype(np.uint64)
    for bit in range(_FINEST - 1, -1, -1):
        quarter = 2 * ((columns >> bit) & 1) + ((rows >> bit) & 1)
        place = positions[turn, quarter]
        number = (number << np.uint64(2)) | place.astype(np.uint64)
        turn = turns[turn, place]
    return (number << np.uint64(1)) | np.uint64(1)


@cache
def _hilbert() -> tuple[np.ndarray, np.ndarray]:
    """By how the curve is turned: each quarter's place along it, and how it is turned in the quarter at a place."""
    quarters = np.array([[0, 1, 3, 2], [0, 2, 3, 1], [3, 2, 0, 1], [3, 1, 0, 2]])
    positions = np.argsort(quarters, axis=1)
    turns = np.array([[turn ^ change for change in (1, 0, 0, 3)] for turn in range(4)])
    return positions, turns


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_s2cell_of_points": PythonFunction(of_points, ("DOUBLE", "DOUBLE", "BIGINT"), "VARCHAR", vectorized=True),
    "py_s2cell_center": PythonFunction(center, ("VARCHAR",), "VARCHAR"),
    "py_s2cell_outline": PythonFunction(outline, ("VARCHAR",), "VARCHAR"),
    "py_s2cell_neighbors": PythonFunction(neighbors, ("VARCHAR",), "VARCHAR[]"),
}
"""By the names that SQL calls them by."""
