"""Lines whose edges are straight on a flat map of longitude and latitude, as lines on the sphere with more corners."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeGuard

import numpy as np
import s2geometry as s2

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import Line, Rings, geometry_text, lines_in, polygons_in
from vedette.engine.python.shapes import polygon, polygon_of, polylines, rings_of, union
from vedette.engine.python.sphere import EARTH_RADIUS, Position, position, vector

_LEAST_TOLERANCE, _MOST_TOLERANCE = 0.1, 10_000.0
_MOST_CORNERS = 10_485_760
_ASKED_AT = 0.31215691082248312
_SHARE = 0.83829992569888509
"""S2 compares two points of an edge, at this fraction from either end, with this share of the tolerance: a bound for
all points of the edge."""
_EAST_END = 179.999999999999
"""The longitude at which a line ends that goes on beyond the antimeridian."""


def line(text: str | None, tolerance: float | None, keep_crossing: bool | None) -> str | None:
    """A line with corners added until it misses the flat one by no more than the tolerance, in meters.

    https://learn.microsoft.com/kusto/query/geo-line-densify-function
    """
    if polylines(text) is None or not _is_valid(tolerance):
        return None
    lines = [_densified(found, tolerance) for found in lines_in(text) or ()]
    if not all(lines):
        return None
    if not keep_crossing:
        lines = [part for found in lines for part in _cut(found)]
    return geometry_text(lines=lines)


def area(text: str | None, tolerance: float | None, keep_crossing: bool | None) -> str | None:
    """A polygon with corners added in the same way.

    https://learn.microsoft.com/kusto/query/geo-polygon-densify-function
    """
    if polygon(text) is None or not _is_valid(tolerance):
        return None
    polygons = [tuple(_densified(ring, tolerance) for ring in rings) for rings in polygons_in(text) or ()]
    if not all(ring for rings in polygons for ring in rings):
        return None
    if not keep_crossing and any(_crosses(ring) for rings in polygons for ring in rings):
        polygons = _without_antimeridian(polygons)
    return geometry_text(polygons=polygons) if polygons else None


def _is_valid(tolerance: float | None) -> TypeGuard[float]:
    return tolerance is not None and _LEAST_TOLERANCE <= tolerance <= _MOST_TOLERANCE


def _densified(line: Line, tolerance: float) -> Line:
    """The line with more corners; empty for more than there may be."""
    flat = np.array(line)
    starts, ends = flat[:-1], flat[1:]
    limit = tolerance * _SHARE / EARTH_RADIUS
    while (coarse := _misses(starts, ends) > limit).any():
        if len(starts) + coarse.sum() > _MOST_CORNERS:
            return ()
        at = np.repeat(np.arange(len(starts)), np.where(coarse, 2, 1))
        second = np.r_[False, at[1:] == at[:-1]]
        first = np.r_[second[1:], False]
        middles = (starts[at] + ends[at]) / 2
        starts, ends = (
            np.where(second[:, None], middles, starts[at]),
            np.where(first[:, None], middles, ends[at]),
        )
    return tuple(position(vector(place)) for place in np.vstack([starts, ends[-1:]]).tolist())


def _misses(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """By what angle the flat edges and those on the sphere differ at the two points that are asked."""
    from_, to = _vectors(starts), _vectors(ends)
    missed = np.zeros(len(starts))
    for share in (_ASKED_AT, 1 - _ASKED_AT):
        flat, curved = _vectors(starts + (ends - starts) * share), _between(from_, to, share)
        missed = np.maximum(missed, _angles(flat, curved))
    missed[np.einsum("ij,ij->i", from_, to) < -1e-14] = np.inf
    return missed


def _between(starts: np.ndarray, ends: np.ndarray, share: float) -> np.ndarray:
    whole = _angles(starts, ends)
    sines = np.where(whole == 0, 1, np.sin(whole))
    near = np.where(whole == 0, 1 - share, np.sin((1 - share) * whole) / sines)
    far = np.where(whole == 0, share, np.sin(share * whole) / sines)
    return near[:, None] * starts + far[:, None] * ends


def _angles(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.arctan2(np.linalg.norm(np.cross(ones, others), axis=1), np.einsum("ij,ij->i", ones, others))


def _vectors(positions: np.ndarray) -> np.ndarray:
    along, up = np.radians(positions).T
    return np.stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)], axis=1)


def _positions(vectors: np.ndarray) -> np.ndarray:
    x, y, z = vectors.T
    return np.degrees(np.stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))], axis=1))


# --- the antimeridian ---------------------------------------------------------------------------------------------


def _crosses(line: Line) -> bool:
    return any(abs(start[0] - end[0]) > 180 for start, end in pairwise(line))


def _cut(line: Line) -> Iterable[Line]:
    """The parts of a line on either side of the antimeridian."""
    part = [line[0]]
    for start, end in pairwise(line):
        if abs(start[0] - end[0]) > 180:
            side, latitude = (_EAST_END if start[0] > 0 else -_EAST_END), _latitude_of_crossing(start, end)
            yield (*part, (side, latitude))
            part = [(-side, latitude)]
        part.append(end)
    yield tuple(part)


def _latitude_of_crossing(start: Position, end: Position) -> float:
    one, other = _vectors(np.array([start, end]))
    crossing = one * abs(other[1]) + other * abs(one[1])
    return float(_positions(crossing[None, :])[0, 1]) if crossing.any() else start[1]


def _without_antimeridian(polygons: Sequence[Rings]) -> list[Rings]:
    """Polygons less a sliver along the antimeridian from pole to pole."""
    shapes = [polygon_of(rings) for rings in polygons]
    if any(shape is None for shape in shapes):
        return []
    sliver = polygon_of((((0.0, -90.0), (_EAST_END, 0.0), (0.0, 90.0), (-_EAST_END, 0.0), (0.0, -90.0)),))
    left = s2.S2Polygon()
    operation = s2.S2BooleanOperation(s2.S2BooleanOperation.OpType_DIFFERENCE, s2.S2PolygonLayer(left))
    indexes = [s2.MutableS2ShapeIndex(), s2.MutableS2ShapeIndex()]
    for index, shape in zip(indexes, (union(shapes), sliver), strict=True):
        index.Add(shape.Clone())  # the index takes over what it is given
    operation.Build(*indexes)
    return rings_of(left)


_TEXT = ("VARCHAR", "DOUBLE", "BOOLEAN")

FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_geodensify_line": PythonFunction(line, _TEXT, "VARCHAR"),
    "py_geodensify_polygon": PythonFunction(area, _TEXT, "VARCHAR"),
}
"""By the names that SQL calls them by."""
