"""The area within a distance of a point, a line or a polygon."""

from collections.abc import Iterable, Mapping
from typing import Any

import s2geometry as s2

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.shapes import polygon, polygon_text, polylines
from vedette.engine.python.sphere import angle, is_length, place

_FINEST, _COARSEST = 1e-6, 0.999
"""The shares of the radius by which an outline may miss it at least, and at most to have an area at all."""


def around_point(
    longitude: float | None, latitude: float | None, radius: float | None, tolerance: float | None
) -> str | None:
    """A Polygon around a point; the radius and by how much the outline may miss it are in meters.

    https://learn.microsoft.com/kusto/query/geo-point-buffer-function
    """
    middle = place(longitude, latitude)
    if middle is None or not is_length(radius) or not is_length(tolerance):
        return None
    outline = s2.S2Polygon()
    operation = _operation(outline, radius, tolerance)
    operation.AddPoint(middle)
    return polygon_text(outline) if operation.Build() else None


def around_line(line: str | None, radius: float | None, tolerance: float | None) -> str | None:
    """A Polygon around both sides of a line and its rounded ends.

    https://learn.microsoft.com/kusto/query/geo-line-buffer-function
    """
    lines = polylines(line)
    if lines is None or not is_length(radius) or not is_length(tolerance):
        return None
    return _text(around([there_and_back(found) for found in lines], radius, tolerance))


def around_polygon(area: str | None, radius: float | None, tolerance: float | None) -> str | None:
    """A Polygon around a polygon.

    https://learn.microsoft.com/kusto/query/geo-polygon-buffer-function
    """
    found = polygon(area)
    if found is None or not is_length(radius) or not is_length(tolerance):
        return None
    return _text(around([found], radius, tolerance))


def around(polygons: Iterable[Any], radius: float, tolerance: float) -> Any:
    """The area around S2's polygons as one; None where it is the whole sphere."""
    outline = s2.S2Polygon()
    operation = _operation(outline, radius, tolerance)
    for each in polygons:
        operation.AddPolygon(each.Clone())  # the operation takes over what it is given
    return outline if operation.Build() else None


def _operation(outline: Any, radius: float, tolerance: float) -> Any:
    options = s2.S2BufferOperationOptions()
    options.set_buffer_radius(angle(radius))
    options.set_error_fraction(min(_COARSEST, max(_FINEST, tolerance / radius)))
    return s2.S2BufferOperation(s2.S2PolygonLayer(outline), options)


def there_and_back(line: Any) -> Any:
    """A line as a polygon without area, the other side being the way back.

    At its second corner S2 decides what is inside: where the line turns back there, nothing is.
    """
    corners = [line.vertex(at) for at in range(line.num_vertices())]
    loop = s2.S2Loop()
    loop.Init([corners[1], *corners[:-1], *reversed(corners[2:])])
    found = s2.S2Polygon()
    found.InitNested([loop])
    return found


def _text(outline: Any) -> str | None:
    return None if outline is None else polygon_text(outline)


_RADIUS = ("DOUBLE", "DOUBLE")

FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geobuffer_point": PythonFunction(around_point, ("DOUBLE", "DOUBLE", *_RADIUS), "VARCHAR"),
    "py_geobuffer_line": PythonFunction(around_line, ("VARCHAR", *_RADIUS), "VARCHAR"),
    "py_geobuffer_polygon": PythonFunction(around_polygon, ("VARCHAR", *_RADIUS), "VARCHAR"),
}
"""By the names that SQL calls them by."""
