"""The cells of one level that cover a line or a polygon, and what is within a distance of it."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, TypeGuard

import h3
import s2geometry as s2

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geobuffer import around, there_and_back
from vedette.engine.python.geojson import Rings
from vedette.engine.python.listing import as_listed
from vedette.engine.python.shapes import polygon, polylines, rings_of
from vedette.engine.python.sphere import EARTH_RADIUS, angle

_MOST_S2_CELLS = 65_536
_MOST_H3_CELLS = 61_680
_FINEST_S2, _FINEST_H3 = 30, 15
_SLACK = 1e-3
"""The share of a radius by which the area around a shape is taken larger, before cells are asked one by one."""
_MOST_ASKED = 1_000_000


def polygon_in_s2(text: str | None, level: int | None, radius: float | None) -> list[str] | None:
    """The tokens of S2 cells; null for more than 65,536.

    https://learn.microsoft.com/kusto/query/geo-polygon-to-s2cells-function
    """
    found = polygon(text)
    return None if found is None else _in_s2([found], [found], level, radius, _sides(found))


def line_in_s2(text: str | None, level: int | None, radius: float | None) -> list[str] | None:
    """The tokens of S2 cells; null for more than 65,536.

    https://learn.microsoft.com/kusto/query/geo-line-to-s2cells-function
    """
    lines = polylines(text)
    if lines is None:
        return None
    edges = (pair for line in lines for pair in pairwise(_corners(line)))
    return _in_s2(lines, [there_and_back(line) for line in lines], level, radius, edges)


def polygon_in_h3(text: str | None, resolution: int | None, radius: float | None) -> list[str] | None:
    """The H3 cells whose middle is in a polygon on a flat map; null for more than 61,680.

    https://learn.microsoft.com/kusto/query/geo-polygon-to-h3cells-function
    """
    found = polygon(text)
    if found is None or resolution is None or not 0 <= resolution <= _FINEST_H3 or not _is_valid(radius):
        return None
    if radius:
        found = around([found], radius, radius * _SLACK)
    if found is None or _area(found) > 2 * _MOST_H3_CELLS * h3.average_hexagon_area(resolution, "m^2"):
        return None
    shape = h3.LatLngMultiPoly(*(_flat(rings) for rings in rings_of(found)))
    cells = h3.h3shape_to_cells(shape, resolution)
    return as_listed(list(reversed(cells))) if len(cells) <= _MOST_H3_CELLS else None


def _in_s2(
    regions: Iterable[Any], shapes: list[Any], level: int | None, radius: float | None, edges: Iterable[Any]
) -> list[str] | None:
    if level is None or not 0 <= level <= _FINEST_S2 or not _is_valid(radius):
        return None
    if not radius:
        cells = _covering(regions, level)
        return None if cells is None else [cell.ToToken() for cell in cells]
    outline = around(shapes, radius * (1 + _SLACK), radius * _SLACK)
    cells = None if outline is None else _covering([outline], level)
    if cells is None:
        return None
    sides = list(edges)
    if len(cells) * len(sides) <= _MOST_ASKED:
        limit = angle(radius).radians()
        cells = [cell for cell in cells if _is_near(s2.S2Cell(cell), regions, sides, limit)]
    return [cell.ToToken() for cell in cells] if len(cells) <= _MOST_S2_CELLS else None


def _is_near(cell: Any, regions: Iterable[Any], edges: list[Any], limit: float) -> bool:
    if any(region.MayIntersect(cell) for region in regions):
        return True
    return any(cell.GetDistance(*edge).ToAngle().radians() <= limit for edge in edges)


def _covering(regions: Iterable[Any], level: int) -> list[Any] | None:
    """By way of the coarser levels: where those have too many cells, the level has more."""
    coverer = s2.S2RegionCoverer()
    cells: list[Any] = []
    for step in (*range(0, level, 2), level):
        coverer.set_fixed_level(step)
        found = {cell.id(): cell for region in regions for cell in coverer.GetCovering(region)}
        if len(found) > _MOST_S2_CELLS:
            return None
        cells = [found[number] for number in sorted(found)]
    return cells


def _is_valid(radius: float | None) -> TypeGuard[float]:
    return radius is not None and 0 <= radius < float("inf")


def _area(polygon: Any) -> float:
    return polygon.GetArea() * EARTH_RADIUS**2


def _flat(rings: Rings) -> Any:
    shell, *holes = [[(latitude, longitude) for longitude, latitude in ring[:-1]] for ring in rings]
    return h3.LatLngPoly(shell, *holes)


def _corners(line: Any) -> list[Any]:
    return [line.vertex(at) for at in range(line.num_vertices())]


def _sides(polygon: Any) -> Iterable[tuple[Any, Any]]:
    for loop in (polygon.loop(at) for at in range(polygon.num_loops())):
        corners = [loop.vertex(at) for at in range(loop.num_vertices())]
        yield from zip(corners, (*corners[1:], corners[0]), strict=True)


_TEXT = ("VARCHAR", "BIGINT", "DOUBLE")

FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geocover_polygon_in_s2": PythonFunction(polygon_in_s2, _TEXT, "VARCHAR[]"),
    "py_geocover_line_in_s2": PythonFunction(line_in_s2, _TEXT, "VARCHAR[]"),
    "py_geocover_polygon_in_h3": PythonFunction(polygon_in_h3, _TEXT, "VARCHAR[]"),
}
"""By the names that SQL calls them by."""
