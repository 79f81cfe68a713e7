"""Polygons on the sphere: their size and middle, and points in and around them."""

from collections.abc import Mapping
from math import degrees
from typing import Any

import numpy as np
import pyarrow as pa
import spherely

from vedette.engine.python.byrow import for_each_text, places
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import point_text
from vedette.engine.python.shapes import polygon, polygon_geography
from vedette.engine.python.sphere import EARTH_RADIUS, place, position


def area(text: str | None) -> float | None:
    """In square meters; what several polygons share counts once.

    https://learn.microsoft.com/kusto/query/geo-polygon-area-function
    """
    found = polygon(text)
    return None if found is None else found.GetArea() * EARTH_RADIUS**2


def perimeter(text: str | None) -> float | None:
    """The length of all rings in meters."""
    if text is None or polygon(text) is None:
        return None
    return spherely.perimeter(polygon_geography(text), radius=EARTH_RADIUS)


def centroid(text: str | None) -> str | None:
    """The middle of the area as a Point on the sphere."""
    found = polygon(text)
    return None if found is None else point_text(position(found.GetCentroid().Normalize()))


def closest_point(longitude: float | None, latitude: float | None, text: str | None) -> str | None:
    """The Point of a polygon that is closest to a point: the point itself where it is inside."""
    found = polygon(text)
    near = place(longitude, latitude)
    return None if found is None or near is None else point_text(position(found.Project(near)))


def contain(longitude: Any, latitude: Any, text: Any) -> pa.Array:
    """Whether points are in a polygon. Of polygons side by side, exactly one contains a point.

    https://learn.microsoft.com/kusto/query/geo-point-in-polygon-function
    """
    east, north, valid = places(longitude, latitude)

    def in_one(text: str, rows: np.ndarray) -> np.ndarray | None:
        found = polygon(text)
        if found is None:
            return None
        inside = _in_bounds(found, east[rows], north[rows])
        inside[inside] = spherely.contains(
            polygon_geography(text), spherely.points(east[rows][inside], north[rows][inside])
        )
        return inside

    return for_each_text(text, valid, in_one, pa.bool_())


def distances(longitude: Any, latitude: Any, text: Any) -> pa.Array:
    """How far points are from a polygon, in meters: 0 inside."""
    east, north, valid = places(longitude, latitude)

    def to_one(text: str, rows: np.ndarray) -> np.ndarray | None:
        if polygon(text) is None:
            return None
        return spherely.distance(spherely.points(east[rows], north[rows]), polygon_geography(text), radius=EARTH_RADIUS)

    return for_each_text(text, valid, to_one, pa.float64())


def _in_bounds(polygon: Any, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Which points are in the rectangle around a polygon, which is soon asked."""
    bounds = polygon.GetRectBound()
    south_west, north_east = bounds.lo(), bounds.hi()
    west, width = south_west.lng().degrees(), degrees(bounds.lng().GetLength())
    inside = (north >= south_west.lat().degrees() - _EDGE) & (north <= north_east.lat().degrees() + _EDGE)
    return inside & ((east - west + _EDGE) % 360 <= width + 2 * _EDGE)


_EDGE = 1e-9
"""Degrees by which a rectangle is taken larger than it is."""


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geopolygon_area": PythonFunction(area, ("VARCHAR",), "DOUBLE"),
    "py_geopolygon_perimeter": PythonFunction(perimeter, ("VARCHAR",), "DOUBLE"),
    "py_geopolygon_centroid": PythonFunction(centroid, ("VARCHAR",), "VARCHAR"),
    "py_geopolygon_closest": PythonFunction(closest_point, ("DOUBLE", "DOUBLE", "VARCHAR"), "VARCHAR"),
    "py_geopolygon_contain": PythonFunction(contain, ("DOUBLE", "DOUBLE", "VARCHAR"), "BOOLEAN", vectorized=True),
    "py_geopolygon_distances": PythonFunction(distances, ("DOUBLE", "DOUBLE", "VARCHAR"), "DOUBLE", vectorized=True),
}
"""By the names that SQL calls them by."""
