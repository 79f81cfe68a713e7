"""Lines and polygons with fewer corners."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import Line, elements_in, geometry_text
from vedette.engine.python.lineunion import joined, union
from vedette.engine.python.shapes import polygon, polygon_of, polylines, positions_of, rings_of
from vedette.engine.python.snapping import simplified
from vedette.engine.python.sphere import EARTH_RADIUS, Position

_MOST_TOLERANCE = 7_783_000.0
"""S2's greatest distance of snapping, 70 degrees, in meters."""


def line(text: str | None, tolerance: float | None) -> str | None:
    """A line with corners at least the tolerance (in meters) apart; null where nothing is left.

    https://learn.microsoft.com/kusto/query/geo-line-simplify-function
    """
    lines = polylines(text)
    if text is None or lines is None or not _is_valid(tolerance):
        return None
    chains = [tuple(positions_of(lines[0]))] if len(lines) == 1 else union([text])
    left = joined(edge for edges in simplified(chains, tolerance / EARTH_RADIUS) for edge in edges)
    return geometry_text(lines=left) if left else None


def area(text: str | None, tolerance: float | None) -> str | None:
    """A polygon with corners at least the tolerance (in meters) apart; null where nothing is left.

    https://learn.microsoft.com/kusto/query/geo-polygon-simplify-function
    """
    found = polygon(text)
    return None if found is None or not _is_valid(tolerance) else _text([found], tolerance)


def areas(array: str | None, tolerance: float | None) -> str | None:
    """The polygons of an array, simplified together: those side by side stay so; null where one is invalid.

    https://learn.microsoft.com/kusto/query/geo-simplify-polygons-array-function
    """
    shapes = [polygon(text) for text in elements_in(array) or ()]
    if not shapes or any(shape is None for shape in shapes) or not _is_valid(tolerance):
        return None
    return _text(shapes, tolerance)


def _is_valid(tolerance: float | None) -> TypeGuard[float]:
    return tolerance is not None and 0 <= tolerance <= _MOST_TOLERANCE


def _text(shapes: Sequence[Any], tolerance: float) -> str | None:
    rings = [[ring for rings in rings_of(shape) for ring in rings] for shape in shapes]
    chains = iter(simplified([ring for own in rings for ring in own], tolerance / EARTH_RADIUS))
    left = [[ring for _ in own for ring in _rings(next(chains))] for own in rings]
    polygons = [polygon_of(tuple(own)) for own in left if own]
    if any(found is None for found in polygons):
        return None
    written = [rings for found in polygons for rings in rings_of(found)]
    return geometry_text(polygons=written) if written else None


def _rings(edges: Sequence[tuple[Position, Position]]) -> Iterator[Line]:
    """The rings of a chain of edges, parted where it comes back to a corner; ways there and back enclose nothing."""
    path: dict[Position, None] = {}
    for start, end in edges:
        path.setdefault(start)
        if end not in path:
            path[end] = None
            continue
        corners = list(path)
        ring = corners[corners.index(end) :]
        if len(ring) > 2:
            yield (*ring, end)
        for corner in ring[1:]:
            del path[corner]


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geosimplify_line": PythonFunction(line, ("VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_geosimplify_polygon": PythonFunction(area, ("VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_geosimplify_polygons": PythonFunction(areas, ("VARCHAR", "DOUBLE"), "VARCHAR"),
}
"""By the names that SQL calls them by."""
