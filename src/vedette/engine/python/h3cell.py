"""H3 cells: hexagons (and twelve pentagons) in sixteen resolutions, named by hexadecimal texts."""

import re
from collections.abc import Mapping
from typing import Any

import h3
import numpy as np
import pyarrow as pa

from vedette.engine.python.byrow import integers, places
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import geometry_text, point_text
from vedette.engine.python.listing import as_listed

_FINEST = 15
_DEEPEST = 5
_FARTHEST = 142
_TOKEN = re.compile("[0-9a-fA-F]{1,16}")


def of_points(longitude: Any, latitude: Any, resolution: Any) -> pa.Array:
    """The cell of each point; '' where the point or the resolution (0 to 15) is invalid.

    https://learn.microsoft.com/kusto/query/geo-point-to-h3cell-function
    """
    east, north, valid = places(longitude, latitude)
    resolutions = integers(resolution, -1)
    valid &= (resolutions >= 0) & (resolutions <= _FINEST)
    cells = np.full(len(valid), "", dtype=object)
    rows = np.flatnonzero(valid)
    asked = zip(north[rows].tolist(), east[rows].tolist(), resolutions[rows].tolist(), strict=True)
    cells[rows] = [h3.latlng_to_cell(*place) for place in asked]
    return pa.array(cells.tolist(), type=pa.string())


def level(cell: str | None) -> int | None:
    """The resolution of a cell."""
    return h3.get_resolution(cell) if _is_cell(cell) else None


def parent(cell: str | None, resolution: int | None) -> str:
    """The cell around a cell in a coarser resolution, by default the next one; '' where there is none.

    https://learn.microsoft.com/kusto/query/geo-h3cell-parent-function
    """
    if not _is_cell(cell):
        return ""
    own = h3.get_resolution(cell)
    wanted = own - 1 if resolution is None else resolution
    return h3.cell_to_parent(cell, wanted) if 0 <= wanted <= own else ""


def children(cell: str | None, resolution: int | None) -> list[str] | None:
    """The cells inside a cell in a finer resolution, by default the next one and at most five further."""
    if not _is_cell(cell):
        return None
    own = h3.get_resolution(cell)
    wanted = own + 1 if resolution is None else resolution
    return list(h3.cell_to_children(cell, wanted)) if own <= wanted <= min(own + _DEEPEST, _FINEST) else None


def neighbors(cell: str | None) -> list[str] | None:
    """The cells around a cell."""
    return as_listed(h3.grid_disk(cell, 1)[1:]) if _is_cell(cell) else None


def rings(cell: str | None, distance: int | None) -> list[list[str]] | None:
    """The cell itself, those at distance 1, and so on.

    https://learn.microsoft.com/kusto/query/geo-h3cell-rings-function
    """
    if not _is_cell(cell) or distance is None or not 0 <= distance <= _FARTHEST:
        return None
    near = h3.grid_disk(cell, distance)
    if len(near) == 3 * distance * (distance + 1) + 1:
        return [near[_within(steps - 1) : _within(steps)] for steps in range(distance + 1)]
    found: list[list[str]] = []
    seen: set[str] = set()
    for steps in range(distance + 1):
        found.append([other for other in h3.grid_disk(cell, steps) if other not in seen])
        seen.update(found[-1])
    return found


def _within(steps: int) -> int:
    """How many cells are at most so many steps away, where none of them is a pentagon."""
    return 3 * steps * (steps + 1) + 1 if steps >= 0 else 0


def center(cell: str | None) -> str | None:
    """The middle of a cell as a Point."""
    if not _is_cell(cell):
        return None
    latitude, longitude = h3.cell_to_latlng(cell)
    return point_text((longitude, latitude))


def outline(cell: str | None) -> str | None:
    """A cell as a Polygon."""
    if not _is_cell(cell):
        return None
    corners = [(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(cell)]
    return geometry_text(polygons=[((*corners, corners[0]),)])


def _is_cell(cell: str | None) -> bool:
    return cell is not None and _TOKEN.fullmatch(cell) is not None and h3.is_valid_cell(cell)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_h3cell_of_points": PythonFunction(of_points, ("DOUBLE", "DOUBLE", "BIGINT"), "VARCHAR", vectorized=True),
    "py_h3cell_level": PythonFunction(level, ("VARCHAR",), "INTEGER"),
    "py_h3cell_parent": PythonFunction(parent, ("VARCHAR", "BIGINT"), "VARCHAR"),
    "py_h3cell_children": PythonFunction(children, ("VARCHAR", "BIGINT"), "VARCHAR[]"),
    "py_h3cell_neighbors": PythonFunction(neighbors, ("VARCHAR",), "VARCHAR[]"),
    "py_h3cell_rings": PythonFunction(rings, ("VARCHAR", "BIGINT"), "VARCHAR[][]"),
    "py_h3cell_center": PythonFunction(center, ("VARCHAR",), "VARCHAR"),
    "py_h3cell_outline": PythonFunction(outline, ("VARCHAR",), "VARCHAR"),
}
"""By the names that SQL calls them by."""
