"""Lines on the sphere: their length and middle, and points on them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import s2geometry as s2
import spherely

from vedette.engine.python.byrow import for_each_text, places
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import point_text
from vedette.engine.python.lineunion import union
from vedette.engine.python.shapes import line_geography, polyline, polylines
from vedette.engine.python.sphere import EARTH_RADIUS, meters, place, position


def length(line: str | None) -> float | None:
    """In meters; what several lines share counts once.

    https://learn.microsoft.com/kusto/query/geo-line-length-function
    """
    lines = _distinct(line)
    return None if lines is None else sum(meters(found.GetLength()) for found in lines)


def centroid(line: str | None) -> str | None:
    """The middle of all that a line covers, as a Point on the sphere."""
    lines = _distinct(line)
    if lines is None:
        return None
    sums = np.sum([s2.S2Point_ToRaw(found.GetCentroid()) for found in lines], axis=0)
    return point_text(position(s2.S2Point_FromRaw(*map(float, sums)))) if np.any(sums) else None


def interpolate(line: str | None, fraction: float | None) -> str | None:
    """The Point at a fraction (0 to 1) of the length of a single line."""
    lines = polylines(line)
    if lines is None or len(lines) != 1 or fraction is None or not 0 <= fraction <= 1:
        return None
    return point_text(position(lines[0].Interpolate(fraction)))


def locate(line: str | None, longitude: float | None, latitude: float | None) -> float | None:
    """The fraction of the length of a single line at which it comes closest to a point."""
    lines = polylines(line)
    near = place(longitude, latitude)
    if lines is None or len(lines) != 1 or near is None:
        return None
    closest, following = lines[0].Project(near)
    return lines[0].UnInterpolate(closest, following)


def closest_point(longitude: float | None, latitude: float | None, line: str | None) -> str | None:
    """The Point of a line that is closest to a point."""
    lines = polylines(line)
    near = place(longitude, latitude)
    if lines is None or near is None:
        return None
    candidates = [found.Project(near)[0] for found in lines]
    return point_text(position(min(candidates, key=lambda candidate: s2.S1Angle(near, candidate).radians())))


def distances(longitude: Any, latitude: Any, line: Any) -> pa.Array:
    """How far points are from a line, in meters."""
    east, north, valid = places(longitude, latitude)

    def to_one(text: str, rows: np.ndarray) -> np.ndarray | None:
        if polylines(text) is None:
            return None
        return spherely.distance(spherely.points(east[rows], north[rows]), line_geography(text), radius=EARTH_RADIUS)

    return for_each_text(line, valid, to_one, pa.float64())


def _distinct(text: str | None) -> tuple[Any, ...] | None:
    lines = polylines(text)
    if text is None or lines is None or len(lines) == 1:
        return lines
    return tuple(polyline(line) for line in union([text]))


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geoline_length": PythonFunction(length, ("VARCHAR",), "DOUBLE"),
    "py_geoline_centroid": PythonFunction(centroid, ("VARCHAR",), "VARCHAR"),
    "py_geoline_interpolate": PythonFunction(interpolate, ("VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_geoline_locate": PythonFunction(locate, ("VARCHAR", "DOUBLE", "DOUBLE"), "DOUBLE"),
    "py_geoline_closest": PythonFunction(closest_point, ("DOUBLE", "DOUBLE", "VARCHAR"), "VARCHAR"),
    "py_geoline_distances": PythonFunction(distances, ("DOUBLE", "DOUBLE", "VARCHAR"), "DOUBLE", vectorized=True),
}
"""By the names that SQL calls them by."""
