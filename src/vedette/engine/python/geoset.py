"""Intersections and unions of lines and polygons, edges and corners taken as part of a polygon."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import s2geometry as s2
import spherely

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import Line, elements_in, geometry_text
from vedette.engine.python.lineunion import joined, union
from vedette.engine.python.shapes import (
    line_geography,
    polygon,
    polygon_geography,
    polygon_text,
    polylines,
    positions_of,
    rings_of,
)
from vedette.engine.python.shapes import union as polygon_union
from vedette.engine.python.sphere import Position
from vedette.engine.python.wellknown import Parts, parts_in

_Piece = tuple[Position, Position]


def of_two_lines(left: str | None, right: str | None) -> str | None:
    """What two lines share, as GeoJSON: points, lines or both.

    https://learn.microsoft.com/kusto/query/geo-intersection-2lines-function
    """
    found = _lines_with_lines(left, right)
    return None if found is None else _text(found)


def of_line_and_polygon(line: str | None, area: str | None) -> str | None:
    """The part of a line that is in a polygon.

    https://learn.microsoft.com/kusto/query/geo-intersection-line-with-polygon-function
    """
    found = _lines_with_polygon(line, area)
    return None if found is None else _text(found)


def of_two_polygons(left: str | None, right: str | None) -> str | None:
    """The area that two polygons share, and the lines and points where they only touch.

    https://learn.microsoft.com/kusto/query/geo-intersection-2polygons-function
    """
    found = _polygons_with_polygons(left, right)
    return None if found is None else _text(found)


def two_lines_meet(left: str | None, right: str | None) -> bool | None:
    """Whether two lines have a point in common."""
    return _is_something(_lines_with_lines(left, right))


def line_and_polygon_meet(line: str | None, area: str | None) -> bool | None:
    """Whether a line and a polygon have a point in common."""
    return _is_something(_lines_with_polygon(line, area))


def two_polygons_meet(left: str | None, right: str | None) -> bool | None:
    """Whether two polygons have a point in common."""
    return _is_something(_polygons_with_polygons(left, right))


def union_of_lines(array: str | None) -> str | None:
    """The lines of an array put together; None where one is invalid.

    https://learn.microsoft.com/kusto/query/geo-union-lines-array-function
    """
    texts = elements_in(array)
    if not texts or any(polylines(text) is None for text in texts):
        return None
    return geometry_text(lines=union(texts))


def union_of_polygons(array: str | None) -> str | None:
    """The polygons of an array put together; None where one is invalid.

    https://learn.microsoft.com/kusto/query/geo-union-polygons-array-function
    """
    shapes = [polygon(element) for element in elements_in(array) or ()]
    if not shapes or any(found is None for found in shapes):
        return None
    return polygon_text(polygon_union(shapes))


def _lines_with_lines(left: str | None, right: str | None) -> Parts | None:
    if left is None or right is None or polylines(left) is None or polylines(right) is None:
        return None
    return _shared(left, line_geography(right), [])


def _lines_with_polygon(line: str | None, area: str | None) -> Parts | None:
    if line is None or area is None or polylines(line) is None or polygon(area) is None:
        return None
    other = polygon_geography(area)
    boundary = parts_in(spherely.to_wkb(other)).polygons
    return _shared(line, other, [ring for rings in boundary for ring in rings])


def _shared(text: str, other: Any, boundary: Sequence[Line]) -> Parts:
    """What lines have in common with another geography and with its boundary, in the direction of the lines."""
    cut = parts_in(spherely.to_wkb(spherely.intersection(line_geography(text), other)))
    lines = [positions_of(line) for line in polylines(text) or ()]
    inside = {frozenset(piece) for piece in _pieces([*cut.lines, *boundary])}
    found = joined([*(piece for piece in _pieces(lines) if frozenset(piece) in inside), *cut.lines])
    corners = {place for ring in boundary for place in ring}
    covered = {place for line in found for place in line}
    touched = [*cut.points, *(place for line in lines for place in line if place in corners)]
    return Parts([place for place in dict.fromkeys(touched) if place not in covered], found)


def _polygons_with_polygons(left: str | None, right: str | None) -> Parts | None:
    one, other = polygon(left), polygon(right)
    if one is None or other is None:
        return None
    common = s2.S2Polygon()
    operation = s2.S2BooleanOperation(s2.S2BooleanOperation.OpType_INTERSECTION, s2.S2PolygonLayer(common))
    operation.Build(_index(one), _index(other))
    areas = rings_of(common)
    covered = {place for rings in areas for ring in rings for place in ring}
    ours, theirs = [[ring for rings in rings_of(shape) for ring in rings] for shape in (one, other)]
    backward = {(end, start) for start, end in _pieces(theirs)}
    lines = joined([piece for piece in _pieces(ours) if piece in backward])
    covered.update(place for line in lines for place in line)
    corners = {place for ring in theirs for place in ring}
    touched = dict.fromkeys(place for ring in ours for place in ring if place in corners and place not in covered)
    return Parts(list(touched), lines, areas)


def _pieces(lines: Sequence[Sequence[Position]]) -> Iterator[_Piece]:
    for line in lines:
        yield from pairwise(line)


def _index(polygon: Any) -> Any:
    found = s2.MutableS2ShapeIndex()
    found.Add(polygon.Clone())  # the index takes over what it is given
    return found


def _is_something(parts: Parts | None) -> bool | None:
    return None if parts is None else bool(parts.points or parts.lines or parts.polygons)


def _text(parts: Parts) -> str:
    return geometry_text(parts.points, parts.lines, parts.polygons)


_TWO = ("VARCHAR", "VARCHAR")

FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geoset_two_lines": PythonFunction(of_two_lines, _TWO, "VARCHAR"),
    "py_geoset_line_and_polygon": PythonFunction(of_line_and_polygon, _TWO, "VARCHAR"),
    "py_geoset_two_polygons": PythonFunction(of_two_polygons, _TWO, "VARCHAR"),
    "py_geoset_two_lines_meet": PythonFunction(two_lines_meet, _TWO, "BOOLEAN"),
    "py_geoset_line_and_polygon_meet": PythonFunction(line_and_polygon_meet, _TWO, "BOOLEAN"),
    "py_geoset_two_polygons_meet": PythonFunction(two_polygons_meet, _TWO, "BOOLEAN"),
    "py_geoset_union_of_lines": PythonFunction(union_of_lines, ("VARCHAR",), "VARCHAR"),
    "py_geoset_union_of_polygons": PythonFunction(union_of_polygons, ("VARCHAR",), "VARCHAR"),
}
"""By the names that SQL calls them by."""
